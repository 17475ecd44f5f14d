import { BLOCK_STEPS } from './series-buffer.js';

/** Values a column may hold. `expected` completes "… is not". */
export interface ColumnRule {
  readonly expected: string;
  readonly allows: (value: unknown) => boolean;
}

/** Generous limits: far above any real run, yet cheap to loop over. */
const MOST = {
  epochs: 1e9,
  stages: 1e4,
  trials: 1e6,
  /** Names, paths and hashes. */
  name: 4096,
  /** Messages, command lines, values of params and events. */
  line: 1 << 20,
  /** Recipes with all their sources, and the axes of a sweep. */
  text: 1 << 26,
} as const;

const integer = (least: number, most: number = Number.MAX_SAFE_INTEGER): ColumnRule => ({
  expected: `a whole number from ${least} to ${most}`,
  allows: (value) => typeof value === 'number' && Number.isSafeInteger(value) && value >= least && value <= most,
});

const finite = (least: number = -Number.MAX_VALUE): ColumnRule => ({
  expected: least === 0 ? 'a finite number of 0 or more' : 'a finite number',
  allows: (value) => typeof value === 'number' && Number.isFinite(value) && value >= least,
});

const number: ColumnRule = { expected: 'a number', allows: (value) => typeof value === 'number' };

const text = (most: number): ColumnRule => ({
  expected: `a text of at most ${most} characters`,
  allows: (value) => typeof value === 'string' && value.length <= most,
});

const oneOf = (...values: readonly string[]): ColumnRule => ({
  expected: `one of ${values.join(', ')}`,
  allows: (value) => typeof value === 'string' && values.includes(value),
});

const orNull = ({ expected, allows }: ColumnRule): ColumnRule => ({
  expected: `${expected}, or NULL`,
  allows: (value) => value === null || allows(value),
});

const id = integer(1);
const name = text(MOST.name);
const line = text(MOST.line);
const count = integer(0);
const stage = integer(0, MOST.stages);
const epoch = integer(0, MOST.epochs);
const trial = integer(0, MOST.trials);
const seed = integer(-Number.MAX_SAFE_INTEGER);
const nonfinite = orNull(oneOf('NaN', 'Infinity', '-Infinity'));

/** Rules for every column that is read, by table; the readers reject a column that isn't listed. */
export const columnRules: Readonly<Record<string, Readonly<Record<string, ColumnRule>>>> = {
  sessions: {
    session: id,
    pid: count,
    host: name,
    command: line,
    started: name,
    ended: orNull(name),
    lock: orNull(name),
  },
  texts: { text_id: id, sha256: name, text: text(MOST.text) },
  runs: {
    run: id,
    session: id,
    identity: name,
    experiment: name,
    file: orNull(name),
    source: id,
    ir_sha256: name,
    ir: id,
    seed,
    backend: name,
    numerics: name,
    data: name,
    data_sha256: name,
    environment: id,
    status: oneOf('running', 'paused', 'pruned', 'stopped', 'complete', 'diverged', 'interrupted', 'failed'),
    started: name,
    updated: name,
    finished: orNull(name),
    seconds: orNull(finite(0)),
    trainable_parameters: orNull(count),
    weights_sha256: orNull(name),
    divergence: orNull(line),
    error: orNull(line),
    sweep: orNull(id),
    max_steps: orNull(count),
    initial_sha256: orNull(name),
    evaluation: orNull(oneOf('pending', 'complete', 'failed')),
    evaluation_error: orNull(line),
  },
  parameters: {
    run: id,
    name,
    position: count,
    type: oneOf('number', 'boolean', 'text', 'json'),
    value: {
      expected: `a number or ${line.expected}`,
      allows: (value) => number.allows(value) || line.allows(value),
    },
    origin: oneOf('given', 'default'),
  },
  stages: {
    run: id,
    stage,
    name,
    epochs: epoch,
    steps: count,
    epochs_done: epoch,
    steps_done: count,
    steps_per_second: orNull(finite(0)),
    reason: orNull(oneOf('complete', 'early_stop', 'max_steps')),
  },
  metrics: { metric: id, name },
  series: {
    run: id,
    stage,
    metric: id,
    first_step: count,
    steps: integer(1, BLOCK_STEPS),
    minimum: orNull(finite()),
    maximum: orNull(finite()),
    first_nonfinite: orNull(count),
    float32: {
      expected: `at most ${BLOCK_STEPS} float32`,
      allows: (value) => value instanceof Uint8Array && value.length % 4 === 0 && value.length <= 4 * BLOCK_STEPS,
    },
  },
  epoch_metrics: { run: id, stage, metric: id, epoch, value: orNull(finite()), nonfinite },
  final_metrics: { run: id, metric: id, value: orNull(finite()), nonfinite },
  curves: {
    run: id,
    stage,
    metric: id,
    last_epoch: epoch,
    minimum: orNull(finite()),
    minimum_epoch: orNull(epoch),
    maximum: orNull(finite()),
    maximum_epoch: orNull(epoch),
  },
  objects: {
    object: id,
    sha256: name,
    extension: name,
    bytes: count,
  },
  files: { run: id, kind: oneOf('figure', 'weights', 'chain'), name, object: id },
  events: { id, run: id, time: name, event: name, detail: text(MOST.line) },
  sweeps: {
    sweep: id,
    session: id,
    name,
    experiment: name,
    file: orNull(name),
    backend: name,
    axes: text(MOST.text),
    objective: orNull(line),
    pruning: orNull(line),
    search: orNull(text(MOST.text)),
    more_objectives: orNull(line),
    forced: integer(0, 1),
    command: line,
    status: oneOf('running', 'complete', 'interrupted'),
    started: name,
    updated: name,
    finished: orNull(name),
    starts_from: orNull(name),
    init: orNull(id),
  },
  sweep_trials: {
    sweep: id,
    trial,
    parameters: line,
    seed,
    identity: name,
    recipe: id,
    state: oneOf(
      ...[
        'queued',
        'running',
        'paused',
        'complete',
        'cached',
        'diverged',
        'failed',
        'pruned',
        'stopped',
        'interrupted',
      ],
    ),
    reason: orNull(line),
    run: orNull(id),
    objective: orNull(number),
    objective_epoch: orNull(epoch),
  },
  sweep_actions: { action: id, sweep: id, time: name, detail: line },
  sweep_decisions: {
    decision: id,
    sweep: id,
    time: name,
    rung: count,
    epoch,
    kept: text(MOST.text),
    pruned: text(MOST.text),
  },
  checkpoints: {
    checkpoint: id,
    run: id,
    stage,
    step: count,
    epochs: epoch,
    seconds: finite(0),
    file: name,
    sha256: name,
    bytes: count,
    time: name,
  },
};

/** Rule for computed values: counts, sums, the largest id. */
export const computedRule: ColumnRule = orNull(count);
