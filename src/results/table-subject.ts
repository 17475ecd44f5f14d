import { nameOfExperiment } from '../project/experiments.js';
import { UsageError } from '../project/usage-error.js';
import type { RunRecord } from '../runtime/store/records.js';
import type { RunReader } from '../runtime/store/run-reader.js';
import { StoreError } from '../runtime/store/store-error.js';
import type { SweepReader, SweepRecord } from '../runtime/store/sweep-records.js';
import { namesBundle } from '../trial/run-argument.js';

/** Subject of a table, named by `s3`, `r12` or a name. */
export type TableSubject =
  | { readonly kind: 'sweep'; readonly sweep: SweepRecord }
  | { readonly kind: 'run'; readonly run: RunRecord };

type Reader = RunReader & SweepReader;

/**
 * Resolves a run by `r12`, `12`, `last` or a prefix of its identity; a sweep by `s3` or its name; an experiment, by any
 * name it has on the command line, to its newest run.
 *
 * @throws UsageError if nothing matches; StoreError `ambiguous_run`
 */
export function resolveSubject(store: Reader, name: string): TableSubject {
  if (!isSweepId(name)) {
    const run = runOf(store, name);
    if (run) return { kind: 'run', run };
  }
  const sweep = name === 'last' ? null : store.sweep(name);
  if (sweep) return { kind: 'sweep', sweep };
  const newest = isSweepId(name) ? null : newestOf(store, name);
  if (newest) return { kind: 'run', run: newest };
  throw new UsageError(
    isSweepId(name) ? `there is no sweep '${name}'` : `there is no sweep and no run '${name}'`,
    namesBundle(name) ? `\`aedsl import ${name}\` takes the run of a bundle into the results` : known(store),
  );
}

/** Resolves a sweep by `s3`, its name, or `last`. @throws UsageError if there is none */
export function resolveSweep(store: Reader, name: string): SweepRecord {
  const sweep = store.sweep(name);
  if (sweep) return sweep;
  const message =
    name === 'last'
      ? 'there is no sweep yet'
      : runOf(store, name)
        ? `'${name}' is a run; a sweep is needed`
        : `there is no sweep '${name}'`;
  throw new UsageError(message, known(store));
}

function newestOf(store: Reader, word: string): RunRecord | null {
  const [run] = store.listRuns({ experiment: word, limit: 1 });
  if (run) return store.findRun(run.id);
  const name = namesBundle(word) ? null : nameOfExperiment(word);
  const [other] = name === null || name === word ? [] : store.listRuns({ experiment: name, limit: 1 });
  return other ? store.findRun(other.id) : null;
}

function isSweepId(name: string): boolean {
  return /^s[1-9]\d*$/.test(name);
}

function runOf(store: Reader, name: string): RunRecord | null {
  try {
    return store.findRun(name);
  } catch (error) {
    if (error instanceof StoreError && error.reason === 'unknown_run') return null;
    throw error;
  }
}

function known(store: Reader): string {
  const sweeps = store.sweeps(5).map(({ id, name }) => `${id} (${name})`);
  const [run] = store.listRuns({ limit: 1 });
  if (sweeps.length === 0) return run ? `the newest run is ${run.id}; aedsl ls lists them` : 'nothing has run yet';
  return `there are ${sweeps.join(', ')}${run ? `, and runs up to ${run.id}` : ''}; aedsl ls lists them`;
}
