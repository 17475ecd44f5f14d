import type { TrainingEvent } from '../runtime/events.js';
import type { PreviewPicture } from '../runtime/sweep/events.js';
import { examplesOf } from '../runtime/training/examples-of-data.js';
import type { WeightValues } from '../runtime/training/initial-weights.js';
import type { TrainingState } from '../runtime/training/state.js';
import { History } from './history.js';
import { Model } from './model.js';
import { drawPictures } from './pictures.js';
import { shrunk } from './shrunk-picture.js';
import type { TrialTask } from './trial.js';

/** Between two previews of a trial. */
const MILLISECONDS = 5000;

/** Figures that are drawn in a few milliseconds and say where a training stands. */
const quick: ReadonlySet<string> = new Set(['filters', 'reconstructions']);

export interface Preview {
  /** The last that was complete. */
  readonly epoch: number;
  readonly pictures: readonly PreviewPicture[];
}

export interface PreviewsOptions extends Pick<TrialTask, 'compiled' | 'data' | 'seed' | 'library' | 'lowerings'> {
  readonly onPreview: (preview: Preview) => void;
  readonly onFailed: (error: Error) => void;
}

/** Draws small pictures of where a trial stands, every few seconds; what it trains doesn't depend on them. */
export class Previews implements NonNullable<TrialTask['watch']> {
  readonly #options: PreviewsOptions;
  readonly #wanted: boolean;
  #statistics: WeightValues | null = null;
  #last = performance.now();
  #epoch = 0;

  constructor(options: PreviewsOptions) {
    this.#options = options;
    this.#wanted = options.compiled.ir.figures.some(({ word }) => quick.has(word));
  }

  observe(event: TrainingEvent): void {
    if (event.event === 'epoch') this.#epoch = event.epoch;
  }

  due(): boolean {
    return this.#wanted && performance.now() - this.#last >= MILLISECONDS;
  }

  show({ progress, weights }: TrainingState): void {
    this.#last = performance.now();
    // What is pretrained layer by layer has no decoder yet.
    if (progress?.kind !== 'train') return;
    const epoch = this.#epoch;
    this.#draw(new Map([...Object.entries(weights), ...this.#fitted()])).then(
      (pictures) => this.#options.onPreview({ epoch, pictures }),
      (error: unknown) => this.#options.onFailed(error instanceof Error ? error : new Error(String(error))),
    );
  }

  async #draw(weights: WeightValues): Promise<readonly PreviewPicture[]> {
    const { compiled, data, seed, library, lowerings } = this.#options;
    const model = new Model(compiled.ir, weights, lowerings, library);
    try {
      const subject = { model, weights, data, history: new History(), seed, library };
      const pictures = await drawPictures(subject, (word) => quick.has(word));
      return pictures.map(({ name, png }) => shrunk(name, png));
    } finally {
      model.dispose();
    }
  }

  /** What the transforms take from the training part. */
  #fitted(): WeightValues {
    const { compiled, data, seed, library } = this.#options;
    this.#statistics ??= new Map(
      examplesOf(compiled.ir, data, seed, library).statistics.map(({ key, values }) => [key, values]),
    );
    return this.#statistics;
  }
}
