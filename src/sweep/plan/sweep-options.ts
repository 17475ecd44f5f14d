import type { DrawMethod } from '../../compiler/expand/sweep-request.js';
import type { Source } from '../../compiler/syntax/source.js';
import type { World } from '../../compiler/world.js';
import type { Words } from '../../words/word.js';

/** What a sweep is asked for, as words of the command line; over the file's `sweep` block. */
export interface SweepOptions {
  readonly source: Source;
  /** Of the source; null for its first experiment. */
  readonly experiment?: string | null;
  /** `rho=0.01,0.05`, `lr=log:1e-4:1e-2:5`, `@trials.csv`, in their order; over the file's `sweep` block, axis by axis. */
  readonly axes?: readonly string[];
  /** Whether the file's `sweep` block counts; true by default. */
  readonly fileAxes?: boolean;
  /** Each `rho,beta`: axes that go step by step together. In place of the file's. */
  readonly zip?: readonly string[];
  /** `5` for the seeds 1 to 5, or `1,2,7`. */
  readonly seeds?: string | null;
  /** Points to draw of the axes that are distributions. */
  readonly draws?: number | null;
  readonly method?: DrawMethod | null;
  /** Another seed draws other points; 1 by default. */
  readonly drawSeed?: number | null;
  /** `validation.loss`: what the sweep is about. */
  readonly metric?: string | null;
  readonly goal?: 'min' | 'max' | null;
  readonly of?: 'best' | 'last' | null;
  /** `halving`, `median(from=2)`, `asha:reduction=4`. */
  readonly prune?: string | null;
  /** Another data set for all trials: `digits`. */
  readonly data?: string | null;
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
