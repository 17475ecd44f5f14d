import { compileRecipe, parseRecipe, worldOf } from '../project/recipe.js';
import { describeEnvironment, describeIdentity, type Fact } from '../runtime/provenance/describe-environment.js';
import type { RunRecord } from '../runtime/store/records.js';
import type { Store } from '../runtime/store/store.js';
import type { Words } from '../words/word.js';
import type { Change } from './diff/change.js';
import { experimentChanges } from './diff/experiment-changes.js';

export interface Part {
  readonly name: string;
  readonly a: string | null;
  readonly b: string | null;
  readonly same: boolean;
}

/** Why two runs are the same trial, or are not. */
export interface Explanation {
  readonly runs: readonly [string, string];
  /** Whether they are one trial. */
  readonly sameTrial: boolean;
  readonly identity: readonly Part[];
  readonly environment: readonly Part[];
  /** Changes between their experiments; null if one does not compile. */
  readonly changes: readonly Change[] | null;
  /** Null if a run has no weights. */
  readonly sameWeights: boolean | null;
}

/** Compares two runs of a database. @throws StoreError for an unknown run */
export function explain(a: string, b: string, store: Store, words: Words): Explanation {
  return explainRuns(store.findRun(a), store.findRun(b), words);
}

/** Compares the identities of two runs, and the machines they ran on. */
export function explainRuns(one: RunRecord, other: RunRecord, words: Words): Explanation {
  const [left, right] = [one, other].map((run) => compiledRun(run, words));
  return {
    runs: [one.id, other.id],
    sameTrial: one.identity === other.identity,
    identity: parts(describeIdentity(one), describeIdentity(other)),
    environment: parts(describeEnvironment(one.environment), describeEnvironment(other.environment)),
    changes: left && right ? experimentChanges(left, right, words) : null,
    sameWeights:
      one.weightsSha256 === null || other.weightsSha256 === null ? null : one.weightsSha256 === other.weightsSha256,
  };
}

function compiledRun(run: RunRecord, words: Words) {
  const recipe = parseRecipe(run.source);
  return compileRecipe(recipe, worldOf(recipe), { library: words }).value;
}

function parts(a: readonly Fact[], b: readonly Fact[]): readonly Part[] {
  const names = [...new Set([...a, ...b].map(({ name }) => name))];
  const value = (facts: readonly Fact[], name: string) => facts.find((fact) => fact.name === name)?.value ?? null;
  return names.map((name) => {
    const [left, right] = [value(a, name), value(b, name)];
    return { name, a: left, b: right, same: left === right };
  });
}
