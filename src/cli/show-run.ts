import { durationText, numberText, timeText } from '../api/number-text.js';
import { labelOf } from '../runtime/importance/levels.js';
import type { RunRecord } from '../runtime/store/records.js';
import type { Store } from '../runtime/store/store.js';
import { runJson } from './commands/ls.js';
import { facts } from './facts.js';
import { metricTables } from './metric-tables.js';
import { table } from './table.js';
import { printable } from './table-formats.js';

/** A run in one object. */
export function runDetail(store: Store, run: RunRecord) {
  const { parameters, stages, environment, ir, divergence, error, numerics, dataSha256, trainableParameters } = run;
  const { source: _source, ...summary } = run;
  return {
    ...runJson(summary, store.readFinal(run.id)),
    parameters,
    stages,
    ir: ir.sha256,
    numerics,
    dataSha256,
    trainableParameters,
    divergence,
    error,
    environment: JSON.parse(environment),
    epochs: store.readEpochs(run.id),
    figures: store.listFiles(run.id, 'figure'),
    weights: store.listFiles(run.id, 'weights'),
  };
}

/** What a person reads of a run: what it is, where it ran, what came out. */
export function runPage(store: Store, run: RunRecord): string {
  const sections = [
    `${run.id}\n${facts(identityOf(run))}`,
    divergenceText(run),
    parametersText(run),
    stagesText(run),
    ...metricTables(store.readFinal(run.id)),
    picturesText(store, run.id),
  ];
  return sections.filter((section) => section !== '').join('\n');
}

function identityOf(run: RunRecord): readonly (readonly [string, string])[] {
  const took = run.seconds === null ? '' : `, took ${durationText(run.seconds)}`;
  return [
    ['experiment', run.file === null ? run.experiment : `${run.experiment} (${run.file})`],
    ['status', run.error === null ? run.status : `${run.status}: ${run.error}`],
    ['started', `${timeText(run.started)}${took}`],
    ['trial', run.identity],
    ['  experiment', run.ir.sha256],
    ['  data', `${run.dataSha256} (${run.data})`],
    ['  seed', String(run.seed)],
    ['  backend', `${run.backend}, numerics ${run.numerics}`],
    ...(run.maxSteps === null ? [] : [['  steps', `at most ${run.maxSteps} of each stage`] as const]),
    ...(run.initialSha256 === null ? [] : [['  from', run.initialSha256] as const]),
    ...(run.sweep === null ? [] : [['sweep', run.sweep] as const]),
    ['weights', run.weightsSha256 ?? '-'],
    ['parameters', run.trainableParameters?.toLocaleString('en') ?? '-'],
    ['environment', environmentText(run.environment)],
  ];
}

/** Where it ran, in a line: recorded beside the identity, never part of it. */
export function environmentText(json: string): string {
  const environment: unknown = JSON.parse(json);
  const paths: readonly (readonly string[])[] = [
    ['package', 'version'],
    ['node'],
    ['os', 'platform'],
    ['os', 'arch'],
    ['cpu', 'model'],
    ['git', 'commit'],
  ];
  return paths
    .map((path) => path.reduce((value, key) => (isObject(value) ? Reflect.get(value, key) : undefined), environment))
    .filter((value) => typeof value === 'string')
    .join(' · ');
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

function divergenceText({ divergence }: RunRecord): string {
  if (!divergence) return '';
  const { stage, step, layer } = divergence;
  return `diverged at step ${step} of ${stage}: ${layer} was the first that was not finite\n`;
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
