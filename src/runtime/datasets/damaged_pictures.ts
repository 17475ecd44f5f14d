import { relative } from 'node:path';
import { DatasetError } from './dataset_error.js';

/** Pictures that a message names; of more it says how many there are. */
const mostNamed = 10;

/** Collects the pictures of a folder that can't be read, so that all are named at once and none in the middle of the work. */
export class DamagedPictures {
  readonly #folder: string;
  readonly #errors: DatasetError[] = [];
  #count = 0;

  constructor(folder: string) {
    this.#folder = folder;
  }

  add(error: DatasetError): void {
    this.#count++;
    if (this.#errors.length < mostNamed) this.#errors.push(error);
  }

  /**
   * @param looked how many pictures were looked at
   * @throws DatasetError that of the one picture there is, or one that names several; nothing where there is none
   */
  throwIfAny(looked: number): void {
    const [first] = this.#errors;
    if (first === undefined) return;
    if (this.#count === 1) throw first;
    const named = this.#errors.map(({ subject, problem }) => `${relative(this.#folder, subject)} ${problem}`);
    const more = this.#count > mostNamed ? '; …' : '';
    const problem = `${this.#count.toLocaleString('en')} of ${looked.toLocaleString('en')} pictures can't be read: ${named.join('; ')}${more}`;
    throw new DatasetError(first.reason, this.#folder, problem, 'copy or save them again, or remove them', {
      cause: first,
    });
  }
}
