import { relative } from 'node:path';
import { groupedText } from '../../text/number-text.js';
import { DatasetError } from './dataset-error.js';

/** Most pictures to name in a message; the rest are counted. */
const mostNamed = 10;

/** Collects the unreadable pictures of a folder, to report all at once instead of one in the middle of the work. */
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
   * @param looked number of pictures checked
   * @throws DatasetError the only picture's error, or one that names several pictures
   */
  throwIfAny(looked: number): void {
    const [first] = this.#errors;
    if (first === undefined) return;
    if (this.#count === 1) throw first;
    const counted = `${groupedText(this.#count)} of ${groupedText(looked)} pictures can't be read`;
    const more = this.#count > mostNamed ? '; …' : '';
    const hints = [...new Set(this.#errors.map(({ hint }) => hint))];
    throw new DatasetError(first.reason, this.#folder, `${counted}: ${this.#named()}${more}`, hints.join('; '), {
      cause: first,
    });
  }

  /** Those with one problem together. */
  #named(): string {
    const names = new Map<string, string[]>();
    for (const { subject, problem } of this.#errors) {
      const known = names.get(problem) ?? [];
      names.set(problem, [...known, relative(this.#folder, subject)]);
    }
    return [...names].map(([problem, list]) => `${list.join(', ')} ${problem}`).join('; ');
  }
}
