import { JsonError } from '../../runtime/formats/json.js';

/** Longest line: a message with a tensor of fifty million values. */
const mostBytes = 2 ** 28;

const lineEnd = 0x0a;

/** Splits a stream of bytes, which may be cut anywhere, into lines of limited length. */
export class LineReader {
  readonly #mostBytes: number;
  #parts: Uint8Array[] = [];
  #length = 0;

  constructor(most = mostBytes) {
    this.#mostBytes = most;
  }

  /** @returns the lines that are complete by now @throws JsonError for a line that is too long */
  take(bytes: Uint8Array): readonly string[] {
    const lines: string[] = [];
    let from = 0;
    for (let end = bytes.indexOf(lineEnd); end >= 0; end = bytes.indexOf(lineEnd, from)) {
      this.#add(bytes.subarray(from, end));
      lines.push(Buffer.concat(this.#parts, this.#length).toString('utf8'));
      this.#parts = [];
      this.#length = 0;
      from = end + 1;
    }
    this.#add(bytes.subarray(from));
    return lines;
  }

  /** Whether a line has begun and not ended. */
  get isWithin(): boolean {
    return this.#length > 0;
  }

  #add(bytes: Uint8Array): void {
    this.#length += bytes.length;
    if (this.#length > this.#mostBytes)
      throw new JsonError(`a line is longer than the limit of ${this.#mostBytes} bytes`);
    if (bytes.length > 0) this.#parts.push(bytes);
  }
}
