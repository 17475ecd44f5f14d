import type { RunRecord } from '../../runtime/store/records.js';
import type { Store } from '../../runtime/store/store.js';
import type { Console } from '../console.js';
import { type ExitCode, exitCodes } from '../failure.js';
import { jsonLine } from '../json.js';
import { withResults } from '../results.js';
import { shortNumber, table } from '../table.js';
import { runJson } from './ls.js';

export interface ShowOptions {
  readonly db: string;
  readonly json?: boolean;
}

/** A run: what it is, where it ran, what came out. */
export function show(console: Console, id: string, options: ShowOptions): Promise<ExitCode> {
  return withResults(options.db, (store) => {
    const run = store.findRun(id);
    if (options.json) console.out(jsonLine(detail(store, run)));
    else console.out(text(store, run));
    return exitCodes.ok;
  });
}

function detail(store: Store, run: RunRecord) {
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

/** Where it ran, in a line: recorded beside the identity, never part of it. */
function environmentOf(json: string): string {
  const facts: readonly (readonly string[])[] = [
    ['package', 'version'],
    ['node'],
    ['os', 'platform'],
    ['os', 'arch'],
    ['cpu', 'model'],
    ['git', 'commit'],
  ];
  return facts
    .map((path) =>
      path.reduce<unknown>((value, key) => (isObject(value) ? Reflect.get(value, key) : undefined), JSON.parse(json)),
    )
    .filter((value) => typeof value === 'string')
    .join(' · ');
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

function text(store: Store, run: RunRecord): string {
  const facts: readonly (readonly [string, string])[] = [
    ['experiment', run.file === null ? run.experiment : `${run.experiment} (${run.file})`],
    ['status', run.error === null ? run.status : `${run.status}: ${run.error}`],
    [
      'started',
      `${run.started.slice(0, 19).replace('T', ' ')} UTC${run.seconds === null ? '' : `, ${shortNumber(run.seconds)} s`}`,
    ],
    ['trial', run.identity],
    ['  experiment', run.ir.sha256],
    ['  data', `${run.dataSha256} (${run.data})`],
    ['  seed', String(run.seed)],
    ['  backend', `${run.backend}, numerics ${run.numerics}`],
    ['weights', run.weightsSha256 ?? '-'],
    ['parameters', run.trainableParameters?.toLocaleString('en') ?? '-'],
    ['environment', environmentOf(run.environment)],
  ];
  const width = Math.max(...facts.map(([name]) => name.length));
  const sections = [`${run.id}\n${facts.map(([name, value]) => `  ${name.padEnd(width)}  ${value}\n`).join('')}`];
  if (run.divergence) {
    const { stage, step, layer } = run.divergence;
    sections.push(`diverged at step ${step} of ${stage}: ${layer} was the first that was not finite\n`);
  }
  if (run.parameters.length > 0) {
    const rows = run.parameters.map((p) => [p.name, String(p.value), p.origin === 'given' ? 'given' : 'default']);
    sections.push(table(['param', 'value', ''], rows));
  }
  if (run.stages.length > 0) {
    const rows = run.stages.map((s) => [
      s.stage,
      `${s.epochsDone}/${s.epochs}`,
      `${s.stepsDone}/${s.steps}`,
      s.stepsPerSecond === null ? '' : shortNumber(Math.round(s.stepsPerSecond)),
      s.reason ?? '',
    ]);
    sections.push(table(['stage', 'epochs', 'steps', 'steps/s', 'ended'], rows));
  }
  const metrics = Object.entries(store.readFinal(run.id));
  if (metrics.length > 0) {
    sections.push(
      table(
        ['metric', 'value'],
        metrics.map(([name, value]) => [name, shortNumber(value)]),
      ),
    );
  }
  const figures = store.listFiles(run.id, 'figure');
  if (figures.length > 0)
    sections.push(`pictures: ${figures.map((f) => f.name).join(', ')}  (aedsl figures ${run.id})\n`);
  return sections.join('\n');
}
