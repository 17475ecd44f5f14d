import { knownWord } from '../compiler/library/library.js';
import type { PictureTime, PreviewPicture } from '../runtime/events.js';
import type { FigurePreview } from '../runtime/figures/figure.js';
import type { Observer, TrialView } from '../runtime/training/train-trial.js';
import { History } from './history.js';
import { Model } from './model.js';
import { drawPictures, type Picture } from './pictures.js';
import type { Trial } from './prepare.js';
import { drawPretrainingPictures } from './pretraining-pictures.js';
import { shrunk } from './shrunk-picture.js';

/** Minimum interval between previews of a trial, ms. */
const MILLISECONDS = 5000;
/** Drawing takes at most one part in this many of the time. */
const SHARE = 50;

export interface Preview {
  readonly moment: PictureTime;
  readonly pictures: readonly PreviewPicture[];
}

export interface PreviewsOptions extends Pick<Trial, 'compiled' | 'data' | 'seed' | 'library'> {
  /** Monotonic clock, ms. */
  readonly clock: () => number;
  /** Milliseconds from the end of one preview to the next; more if drawing is slow. */
  readonly interval?: number;
  readonly onPreview: (preview: Preview) => void;
  readonly onFailed: (error: Error) => void;
}

/** Draws previews of a training trial every few seconds. */
export class Previews implements Observer {
  readonly #options: PreviewsOptions;
  readonly #interval: number;
  /** Previews that the experiment's figures offer. */
  readonly #wanted: ReadonlySet<FigurePreview>;
  #drawing = false;
  #loaded = false;
  #over = false;
  #next: number;

  constructor(options: PreviewsOptions) {
    const { compiled, library, clock, interval = MILLISECONDS } = options;
    this.#options = options;
    this.#interval = interval;
    this.#wanted = new Set(compiled.ir.figures.flatMap(({ word }) => knownWord(library, 'figure', word).preview ?? []));
    this.#next = clock() + interval;
  }

  due(): boolean {
    return this.#wanted.size > 0 && !this.#drawing && !this.#over && this.#options.clock() >= this.#next;
  }

  show(view: TrialView): void {
    void this.#preview(view);
  }

  /** Ends the previews; what is still being drawn is dropped. */
  end(): void {
    this.#over = true;
  }

  async #preview(view: TrialView): Promise<void> {
    const { clock, library, onPreview, onFailed } = this.#options;
    this.#drawing = true;
    const began = clock();
    try {
      const pictures = await this.#draw(view);
      const { stage, epochs: epoch } = view;
      if (!this.#over)
        onPreview({ moment: { stage, epoch }, pictures: pictures.map((picture) => shrunk(picture, library)) });
    } catch (error) {
      if (!this.#over) onFailed(error instanceof Error ? error : new Error(String(error)));
    } finally {
      const ended = clock();
      // The first one loads fonts, once.
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
      return await drawPictures(subject, (word) => knownWord(library, 'figure', word).preview !== undefined);
    } finally {
      model.dispose();
    }
  }
}
