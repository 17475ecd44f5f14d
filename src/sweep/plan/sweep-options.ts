import type { TypedSweep } from '../../compiler/expand/typed-sweep.js';
import type { Source } from '../../compiler/syntax/source.js';
import type { World } from '../../compiler/world.js';
import type { Words } from '../../words/word.js';

/** A sweep of an experiment, with options on top of the file's `sweep` block. */
export interface SweepOptions extends TypedSweep {
  readonly source: Source;
  /** An experiment of the source; null for its first. */
  readonly experiment?: string | null;
  /** Replaces every stage's epochs. */
  readonly epochs?: number | null;
  /** Updates after which each stage ends. */
  readonly maxSteps?: number | null;
  readonly mostParameters?: number | null;
  /** Most trials; 10,000 by default, null for any number. */
  readonly mostTrials?: number | null;
  readonly library: Words;
  readonly world?: World;
}
