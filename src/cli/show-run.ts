import { printable } from '../api/compiler.js';
import {
  conditionsOfRun,
  contentsOfRun,
  describeEnvironment,
  describeIdentity,
  labelOf,
  parseJson,
  type RunRecord,
  type Store,
} from '../api/results.js';
import { durationText, groupedText, numberText, timeText } from '../api/text.js';
import { runJson, statusText } from './commands/ls.js';
import { metricTables } from './metric-tables.js';
import { facts, table } from './table.js';

/** A run as JSON. */
export function runDetail(store: Store, run: RunRecord) {
  const { parameters, stages, environment, ir, divergence, error, evaluationError } = run;
  const { numerics, dataSha256, trainableParameters } = run;
  const { source, ...summary } = run;
  const contents = contentsOfRun(source);
  return {
    ...runJson(summary, store.readFinal(run.id)),
    parameters,
    stages,
    ir: ir.sha256,
    numerics,
    dataSha256,
    trainableParameters,
    columns: contents?.columns ?? null,
    conditions: conditionNames(source),
    classNames: contents?.classNames ?? null,
    divergence,
    error,
    evaluationError,
    notes: store.readNotes(run.id),
    environment: parseJson(environment),
    epochs: store.readEpochs(run.id),
    figures: store.listFiles(run.id, 'figure'),
    weights: store.listFiles(run.id, 'weights'),
  };
}

/** A run as text: its facts, its results, and where it ran. */
export function runPage(store: Store, run: RunRecord): string {
  const sections = [
    `${run.id}\n${facts(identityOf(run))}`,
    divergenceText(run),
    notesText(store, run),
    parametersText(run),
    stagesText(run),
    ...metricTables(store.readFinal(run.id)),
    picturesText(store, run.id),
    environmentText(run),
  ];
  return sections.filter((section) => section !== '').join('\n');
}

function identityOf(run: RunRecord): readonly (readonly [string, string])[] {
  const contents = contentsOfRun(run.source);
  const took = run.seconds === null ? '' : `, took ${durationText(run.seconds)}`;
  return [
    ['experiment', run.file === null ? run.experiment : `${run.experiment} (${run.file})`],
    ['status', run.error === null ? statusText(run) : `${run.status}: ${run.error}`],
    ...(run.evaluationError === null ? [] : [['', run.evaluationError] as const]),
    ['started', `${timeText(run.started)}${took}`],
    ['trial', run.identity],
    ...describeIdentity(run).map(({ name, value }) => [`  ${name}`, value] as const),
    ...(run.sweep === null ? [] : [['sweep', run.sweep] as const]),
    ['weights', run.weightsSha256 ?? '-'],
    ['parameters', run.trainableParameters === null ? '-' : groupedText(run.trainableParameters)],
    ...namesText('columns', contents?.columns),
    ...namesText('conditions', conditionNames(run.source)),
    ...namesText('classes', contents?.classNames),
  ];
}

/** Null for a run without conditions among the columns of its table. */
function conditionNames(source: string): readonly string[] | null {
  const names = conditionsOfRun(source).map(({ name }) => name);
  return names.length === 0 ? null : names;
}

/** The first few names. */
function namesText(what: string, names: readonly string[] | null | undefined): readonly (readonly [string, string])[] {
  if (!names) return [];
  const some = names.slice(0, mostNames).map(printable).join(', ');
  return [[what, names.length > mostNames ? `${some}, … (${names.length})` : some]];
}

const mostNames = 12;

function divergenceText({ divergence }: RunRecord): string {
  if (!divergence) return '';
  const { stage, step, layer } = divergence;
  return `diverged at step ${step} of ${stage}: ${layer} was the first to become non-finite\n`;
}

/** Failed evaluations are in the status already. */
function notesText(store: Store, { id, evaluationError }: RunRecord): string {
  const notes = new Set(store.readNotes(id).filter((text) => evaluationError?.includes(text) !== true));
  return [...notes].map((text) => `note: ${printable(text)}\n`).join('');
}

function parametersText({ parameters }: RunRecord): string {
  if (parameters.length === 0) return '';
  const rows = parameters.map(({ name, value, origin }) => [name, printable(labelOf(value)), origin]);
  return table(['param', 'value', ''], rows);
}

function stagesText({ stages }: RunRecord): string {
  if (stages.length === 0) return '';
  const rows = stages.map((s) => [
    s.stage,
    `${s.epochsDone}/${s.epochs}`,
    `${s.stepsDone}/${s.steps}`,
    s.stepsPerSecond === null ? '' : numberText(Math.round(s.stepsPerSecond)),
    s.reason ?? '',
  ]);
  return table(['stage', 'epochs', 'steps', 'steps/s', 'ended'], rows);
}

function picturesText(store: Store, id: string): string {
  const pictures = store.listFiles(id, 'figure');
  if (pictures.length === 0) return '';
  return `pictures  ${pictures.map(({ name }) => printable(name)).join(', ')}\n          aedsl figures ${id}\n`;
}

function environmentText({ environment }: RunRecord): string {
  const parts = describeEnvironment(environment).map(({ name, value }) => [name, value] as const);
  return `environment (beside the identity; no result depends on it)\n${facts(parts)}`;
}
