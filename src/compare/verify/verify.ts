import type { Follow, StepRange } from '../../execute/job.js';
import type { ChainLink } from '../../runtime/training/hash-chain.js';
import type { WeightValues } from '../../runtime/training/initial-weights.js';
import { samePlace, type Witness, type WitnessedPlace } from '../../runtime/training/witness.js';
import type { RecordedRun } from '../../trial/bundle/recorded-run.js';
import { VerifyError, VerifyInterrupted } from '../../trial/verify-error.js';
import {
  ChainComparison,
  type DifferingTensor,
  firstDifferingTensor,
  type PartingWindow,
  stepsOf,
} from './compare-chains.js';
import { type Engine, type Replay, type ReplayEnd, type ReplayListener, replay, replayOf } from './replay.js';
import { type TensorDifference, tensorDifference } from './ulps.js';

/** The result of comparing two trainings. */
export interface Verdict {
  /** `r12` */
  readonly run: string;
  /** One side: `r12`, or an engine. */
  readonly left: string;
  readonly right: string;
  readonly identical: boolean;
  /** Identical updates, over all stages. */
  readonly steps: number;
  /** First difference; null if only the final weights differ, or nothing. */
  readonly window: PartingWindow | null;
  readonly tensor: DifferingTensor | null;
  /** The difference of that tensor's values; null if only hashes are known. */
  readonly difference: TensorDifference | null;
  /** Stored values that differ now: a checkpoint's, or the final weights. */
  readonly stored: readonly { readonly name: string; readonly difference: TensorDifference }[];
  /** Remarks for the reader. */
  readonly notes: readonly string[];
  /** Parts of the run that were not compared. */
  readonly notChecked: readonly string[];
}

export interface VerifyOptions {
  /** Stored values to compare besides the hashes. */
  readonly values?: 'none' | 'weights' | 'checkpoint';
  readonly signal?: AbortSignal;
  /** Called after each link, with the updates done. */
  readonly onSteps?: (done: number, of: number) => void;
}

/**
 * Retrains a run and compares its hash chain with the recorded one, link by link. Stops at the first difference, unless
 * stored values are compared too.
 * @throws VerifyError, and what a run throws
 */
export async function verifyRun(run: RecordedRun, engine: Engine, options: VerifyOptions = {}): Promise<Verdict> {
  const { values = 'none', signal, onSteps } = options;
  const { checkpoint, weights, chain } = run;
  if (values === 'weights' && weights === null) throw notStored(run, 'its last weights');
  if (values === 'checkpoint' && checkpoint === null) throw notStored(run, 'a checkpoint');
  const total = stepsOf(chain.links);
  const comparison = new ChainComparison(chain);
  const witnesses: Witness[] = [];
  const captured: Captured[] = [];
  const wanted = values === 'checkpoint' && checkpoint ? placesOf(checkpoint) : [];
  let reached: ChainLink | null = null;
  const job = await replayOf(run, engine, signal);
  const follow = { witness: [...chain.witnesses.map(rangeOf), ...wanted.slice(0, 1).map(rangeOf)], capture: wanted };
  const end = await replay(
    engine,
    following(job, follow),
    {
      onLink(link) {
        reached = link;
        const more = comparison.follow(link);
        onSteps?.(comparison.sameSteps, total);
        if (values === 'weights') return true;
        if (values === 'checkpoint' && captured.length < wanted.length) return true;
        return more || (run.complete && comparison.complete);
      },
      onWitness(witness) {
        witnesses.push(witness);
        comparison.see(witness);
      },
      onTensor: (place, tensor) => captured.push({ ...place, values: tensor }),
    },
    signal,
  );
  if (signal?.aborted === true) throw new VerifyInterrupted('interrupted');
  const { window } = comparison;
  const notes = endNotes(run, end, comparison, reached);
  const stored = [
    ...(checkpoint
      ? captured.flatMap((place) => differing(place.name, checkpoint.tensors.get(place.name), place.values))
      : []),
    ...(values === 'weights' ? differingWeights(weights, end.weights?.() ?? null) : []),
  ];
  return {
    run: run.name,
    left: run.name,
    right: engine.name,
    identical: window === null && stored.length === 0 && notes.length === 0,
    steps: comparison.sameSteps,
    window,
    tensor:
      window === null ? null : firstDifferingTensor(chain.witnesses.filter(within(window, chain.links)), witnesses),
    difference: null,
    stored,
    notes,
    notChecked: notChecked(run, end, window === null ? witnesses : null),
  };
}

/**
 * Trains a run with two engines and compares their chains. If they differ, both train again up to there and hash every
 * step, and once more for the values of the first tensor that differs.
 * @throws VerifyError, and what a run throws
 */
export async function verifyAgainst(
  run: RecordedRun,
  engine: Engine,
  other: Engine,
  { signal, onSteps }: Pick<VerifyOptions, 'signal' | 'onSteps'> = {},
): Promise<Verdict> {
  const job = following(await replayOf(run, engine, signal), {
    witness: run.chain.witnesses.map(rangeOf),
    capture: [],
  });
  const links: ChainLink[] = [];
  const witnesses: Witness[] = [];
  const total = stepsOf(run.chain.links);
  const recorded = new ChainComparison(run.chain);
  let reached: ChainLink | null = null;
  const first = await replay(
    engine,
    job,
    {
      onWitness(witness) {
        witnesses.push(witness);
        recorded.see(witness);
      },
      onLink(link) {
        links.push(link);
        reached = link;
        recorded.follow(link);
        onSteps?.(stepsOf(links), 2 * total);
        return true;
      },
    },
    signal,
  );
  const comparison = new ChainComparison({ links, witnesses });
  const second = await replay(
    other,
    job,
    {
      onWitness: (witness) => comparison.see(witness),
      onLink(link) {
        const more = comparison.follow(link);
        onSteps?.(total + comparison.sameSteps, 2 * total);
        return more || comparison.complete;
      },
    },
    signal,
  );
  if (signal?.aborted === true) throw new VerifyInterrupted('interrupted');
  const { window } = comparison;
  const notes = [
    ...(recorded.window === null
      ? []
      : [`${engine.name} is not ${run.name} either: they part ${windowText(recorded.window)}`]),
    ...endNotes(run, first, recorded, reached),
    ...(window === null && first.weightsSha256 !== second.weightsSha256 ? ['the kept weights differ'] : []),
  ];
  const tensor = window === null ? null : await tensorWithin(window, job, [engine, other], signal);
  const verdict = {
    run: run.name,
    left: engine.name,
    right: other.name,
    stored: [],
    notes,
    notChecked: notChecked(run, first, recorded.window === null ? witnesses : null),
  };
  // With every step of the window hashed on both sides, the exact step is known.
  const parting =
    window === null || tensor === null ? window : { ...window, after: tensor.step - 1, until: tensor.step };
  return {
    ...verdict,
    identical: window === null && notes.length === 0,
    steps: comparison.sameSteps + (parting?.after ?? 0) - (window?.after ?? 0),
    window: parting,
    tensor,
    difference: tensor === null ? null : await valuesOf(tensor, job, [engine, other], signal),
  };
}

/** `in step 8 of train`, or between which steps. */
export function windowText({ stage, after, until }: PartingWindow): string {
  return after + 1 === until ? `in step ${until} of ${stage}` : `between steps ${after + 1} and ${until} of ${stage}`;
}

interface Captured extends WitnessedPlace {
  readonly values: Float32Array;
}

type Pair = readonly [Engine, Engine];

async function tensorWithin(
  window: PartingWindow,
  job: Replay,
  engines: Pair,
  signal: AbortSignal | undefined,
): Promise<DifferingTensor | null> {
  const range: StepRange = { stage: window.stage, from: window.after + 1, to: window.until };
  const seen: Witness[][] = [];
  for (const engine of engines) {
    const witnesses: Witness[] = [];
    const listener: ReplayListener = {
      onLink: notBeyond(window.stage, window.until),
      onWitness: (witness) => {
        if (witness.stage === window.stage && witness.step > window.after) witnesses.push(witness);
      },
    };
    await replay(engine, following(job, { witness: [range], capture: [] }), listener, signal);
    seen.push(witnesses);
  }
  const [left = [], right = []] = seen;
  return firstDifferingTensor(left, right);
}

async function valuesOf(
  tensor: DifferingTensor,
  job: Replay,
  engines: Pair,
  signal: AbortSignal | undefined,
): Promise<TensorDifference | null> {
  const { stage, step, name } = tensor;
  const found: Float32Array[] = [];
  for (const engine of engines) {
    await replay(
      engine,
      following(job, { witness: [{ stage, from: step, to: step }], capture: [{ stage, step, name }] }),
      {
        onLink: notBeyond(stage, step),
        onTensor: (place, values) => {
          if (samePlace(place, tensor)) found.push(values);
        },
      },
      signal,
    );
  }
  const [left, right] = found;
  return left && right && left.length === right.length ? tensorDifference(left, right) : null;
}

function notBeyond(stage: string, step: number): ReplayListener['onLink'] {
  return (link) => link.stage !== stage || link.step < step;
}

function following(job: Replay, follow: Follow): Replay {
  return { ...job, follow };
}

function placesOf(checkpoint: NonNullable<RecordedRun['checkpoint']>): readonly WitnessedPlace[] {
  const { stage, step, tensors } = checkpoint;
  return [...tensors.keys()].map((name) => ({ stage, step, name }));
}

function rangeOf({ stage, step }: { readonly stage: string; readonly step: number }): StepRange {
  return { stage, from: step, to: step };
}

/** Step digests up to the end of a window: those of its stage, and of earlier stages. */
function within(window: PartingWindow, links: readonly ChainLink[]): (witness: Witness) => boolean {
  const order = [...new Set(links.map(({ stage }) => stage))];
  return ({ stage, step }) => {
    const [at, last] = [order.indexOf(stage), order.indexOf(window.stage)];
    return at < last || (at === last && step <= window.until);
  };
}

/** Differences at the end despite equal chains. */
function endNotes(
  run: RecordedRun,
  end: ReplayEnd,
  comparison: ChainComparison,
  reached: ChainLink | null,
): readonly string[] {
  if (comparison.window !== null || !run.complete) return [];
  if (!comparison.complete) {
    const place = reached === null ? 'before its first step' : `after step ${reached.step} of ${reached.stage}`;
    return [`the training ended ${place} (${end.status}), earlier than ${run.name}`];
  }
  if (end.weightsSha256 !== run.weightsSha256) return ['the weights that were kept at the end differ'];
  const [kept, made] = [run.weightsFileSha256, end.weightsFileSha256];
  if (kept === null || made === null || kept === made) return [];
  return ['the file of the weights that were kept at the end has other names, shapes or statistics of the data'];
}

/** Recorded parts that the retraining did not check. @param seen null if the training differed and was ended */
function notChecked(run: RecordedRun, end: ReplayEnd, seen: readonly Witness[] | null): readonly string[] {
  const again = new Map(seen?.map(({ stage, step, tensors }) => [`${step} ${stage}`, tensors.map(({ name }) => name)]));
  const unseen = run.chain.witnesses.filter(({ stage, step, tensors }) => {
    if (seen === null) return false;
    const names = new Set(again.get(`${step} ${stage}`));
    return tensors.some(({ name }) => !names.has(name));
  });
  const notReached = !run.complete || (seen !== null && end.weightsFileSha256 === null);
  const weights = run.weightsFileSha256 !== null && notReached;
  return [
    ...(weights ? ['the weights it ended with'] : []),
    ...(unseen.length === 0 ? [] : [`tensors of ${unseen.length === 1 ? 'one step' : `${unseen.length} steps`}`]),
    ...run.unverifiable,
  ];
}

function differingWeights(stored: WeightValues | null, again: WeightValues | null): Verdict['stored'] {
  if (stored === null || again === null) return [];
  return [...again].flatMap(([key, values]) => differing(key.replaceAll('/', '.'), stored.get(key), values));
}

function differing(name: string, stored: Float32Array | undefined, again: Float32Array): Verdict['stored'] {
  if (!stored || stored.length !== again.length) return [];
  const difference = tensorDifference(stored, again);
  return difference.differing === 0 ? [] : [{ name, difference }];
}

function notStored(run: RecordedRun, what: string): VerifyError {
  return new VerifyError(
    `${run.name} has not kept ${what}`,
    'compare the hashes alone, or with an engine: --against threads=2',
  );
}
