import type { PictureMoment, PreviewPicture } from '../runtime/store/sweep-vocabulary.js';
import type { Onlooker, TrialView } from '../runtime/training/train-trial.js';
import { History } from './history.js';
import { Model } from './model.js';
import { drawPictures, type Picture } from './pictures.js';
import type { Trial } from './prepare.js';
import { drawPretrainingPictures } from './pretraining-pictures.js';
import { shrunk } from './shrunk-picture.js';

/** Between two previews of a trial, at least. */
const MILLISECONDS = 5000;
/** What is drawn takes at most one part in so many of the time. */
const SHARE = 50;

/** Figures that are drawn in a few milliseconds and say where a training stands. */
const quick: ReadonlySet<string> = new Set(['filters', 'reconstructions']);

export interface Preview {
  readonly moment: PictureMoment;
  readonly pictures: readonly PreviewPicture[];
}

export interface PreviewsOptions extends Pick<Trial, 'compiled' | 'data' | 'seed' | 'library'> {
  /** Milliseconds from anywhere that never go back. */
  readonly clock: () => number;
  /** Milliseconds between the end of one and the next; more where drawing takes long. */
  readonly interval?: number;
  readonly onPreview: (preview: Preview) => void;
  readonly onFailed: (error: Error) => void;
}

/** Draws small pictures of where a trial stands, every few seconds. */
export class Previews implements Onlooker {
  readonly #options: PreviewsOptions;
  readonly #interval: number;
  /** Of the figures that the experiment shows, those that are drawn. */
  readonly #wanted: ReadonlySet<string>;
  #drawing = false;
  #loaded = false;
  #over = false;
  #next: number;

  constructor(options: PreviewsOptions) {
    const { compiled, clock, interval = MILLISECONDS } = options;
    this.#options = options;
    this.#interval = interval;
    this.#wanted = new Set(compiled.ir.figures.map(({ word }) => word).filter((word) => quick.has(word)));
    this.#next = clock() + interval;
  }

  due(): boolean {
    return this.#wanted.size > 0 && !this.#drawing && !this.#over && this.#options.clock() >= this.#next;
  }

  show(view: TrialView): void {
    void this.#preview(view);
  }

  /** The trial is over: of what is still being drawn nothing is told. */
  end(): void {
    this.#over = true;
  }

  async #preview(view: TrialView): Promise<void> {
    const { clock, onPreview, onFailed } = this.#options;
    this.#drawing = true;
    const began = clock();
    try {
      const pictures = await this.#draw(view);
      const { stage, epochs: epoch } = view;
      if (!this.#over) onPreview({ moment: { stage, epoch }, pictures: pictures.map(shrunk) });
    } catch (error) {
      if (!this.#over) onFailed(error instanceof Error ? error : new Error(String(error)));
    } finally {
      const ended = clock();
      // The first one loads what draws words, once.
      this.#next = ended + Math.max(this.#interval, this.#loaded ? SHARE * (ended - began) : 0);
      this.#loaded = true;
      this.#drawing = false;
    }
  }

  async #draw({ weights, layer }: TrialView): Promise<readonly Picture[]> {
    const { compiled, data, seed, library } = this.#options;
    const model = new Model(compiled.ir, weights, library);
    try {
      const subject = { model, weights, data, history: new History(), seed, library };
      if (layer !== null) return await drawPretrainingPictures(subject, layer, this.#wanted);
      return await drawPictures(subject, (word) => this.#wanted.has(word));
    } finally {
      model.dispose();
    }
  }
}
