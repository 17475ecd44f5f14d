import type { TypedSweep } from '../../compiler/expand/typed-sweep.js';
import type { Source } from '../../compiler/syntax/source.js';
import type { World } from '../../compiler/world.js';
import type { Words } from '../../words/word.js';

/** A sweep of an experiment, with what is typed on top of the file's `sweep` block. */
export interface SweepOptions extends TypedSweep {
  readonly source: Source;
  /** Of the source; null for its first experiment. */
  readonly experiment?: string | null;
  /** In place of every stage's epochs. */
  readonly epochs?: number | null;
  /** Updates after which each stage ends. */
  readonly maxSteps?: number | null;
  readonly mostParameters?: number | null;
  /** More trials than these are refused; 10,000 by default, null for any number. */
  readonly mostTrials?: number | null;
  readonly library: Words;
  readonly world?: World;
}
