import { fstatSync, writeSync } from 'node:fs';
import { printableLines } from '../api/compiler.js';
import type { Writer } from '../api/results.js';
import { systemCode, systemReason } from '../files/system-error.js';

/** Text with colours of ours (SGR sequences); whatever it says that comes from elsewhere has been made printable. */
export class Styled {
  constructor(readonly text: string) {}
}

/**
 * Where a command writes: what was asked for on `out` and `data` (with `--json` JSON alone), everything else on `err`:
 * progress, notes, warnings, errors, hints. No method throws: a training must not end because nobody reads what it prints.
 */
export interface Console {
  /** For people. Control characters are shown and not sent: a name must not steer the terminal. */
  out(text: string | Styled): void;
  err(text: string | Styled): void;
  /** For programs: written as it is, but to a terminal as `out` does it. */
  data(text: string): void;
  /** Replaces the last line of `err` where it is `interactive`, and does nothing elsewhere; an empty text clears it. */
  redraw(text: string): void;
  /** Whether each of the two is a terminal that shows colour. */
  readonly colour: { readonly out: boolean; readonly err: boolean };
  /** Whether `err` is a terminal whose last line can be drawn again. */
  readonly interactive: boolean;
  readonly columns: number;
  /** Aborted when the reader of `out` has gone, as `head` does once it has enough. */
  readonly unread: AbortSignal;
}

export interface ProcessConsole extends Console {
  /** Whether something that was printed on `out` could not be written, though it has a reader: the disk is full. */
  readonly incomplete: () => boolean;
  /** Resolves once all that was written has gone to the readers, so that the process can exit. */
  readonly flushed: () => Promise<void>;
}

/** The console of this process. Called once: it takes over the errors of both streams for good. */
export function processConsole(): ProcessConsole {
  const { stdout, stderr, env } = process;
  const unread = new AbortController();
  let incomplete = false;
  const err = new Output(stderr, 2, () => {});
  const out = new Output(stdout, 1, (error, reader) => {
    if (reader === 'gone') unread.abort();
    else {
      incomplete = true;
      err.write(`aedsl: cannot write to standard output: ${systemReason(error)}\n`);
    }
  });
  const showsColour = ({ isTTY }: NodeJS.WriteStream) =>
    isTTY === true && env.NO_COLOR === undefined && env.TERM !== 'dumb';
  const interactive = stderr.isTTY === true && env.TERM !== 'dumb' && !env.CI;
  const columns = stderr.columns || 80;
  return {
    out: (text) => out.write(shown(text)),
    err: (text) => err.write(shown(text)),
    data: (text) => out.write(stdout.isTTY === true ? printableLines(text) : text),
    redraw: (text) => {
      if (interactive) err.write(`\r\x1b[2K${printableLines(text).slice(0, Math.max(20, columns - 1))}`);
    },
    colour: { out: showsColour(stdout), err: showsColour(stderr) },
    interactive,
    columns,
    unread: unread.signal,
    incomplete: () => incomplete,
    flushed: async () => void (await Promise.all([out.flushed(), err.flushed()])),
  };
}

const esc = '\x1b';
const colourSequence = new RegExp(`(${esc}\\[[0-9;]*m)`);

/** What is sent of a text: printable characters, line ends, tabs, and the colours of what is styled. */
export function shown(text: string | Styled): string {
  if (typeof text === 'string') return printableLines(text);
  return text.text
    .split(colourSequence)
    .map((part, i) => (i % 2 === 1 ? part : printableLines(part)))
    .join('');
}

type Reader = 'gone' | 'there';

/** One of the two output streams. After its first error, which is reported once, what is written is dropped. */
class Output {
  readonly #stream: NodeJS.WriteStream;
  readonly #file: number | null;
  readonly #onFailure: (error: unknown, reader: Reader) => void;
  #failed = false;

  constructor(stream: NodeJS.WriteStream, descriptor: number, onFailure: (error: unknown, reader: Reader) => void) {
    this.#stream = stream;
    this.#file = stream.isTTY !== true && isFileOrDevice(descriptor) ? descriptor : null;
    this.#onFailure = onFailure;
    stream.on('error', (error) => this.#fail(error));
  }

  write(text: string): void {
    if (this.#failed) return;
    if (this.#file === null) {
      this.#stream.write(text);
      return;
    }
    // Node's stream takes a write that the system cut short, as on a disk that is almost full, for a whole one.
    try {
      const bytes = Buffer.from(text);
      for (let written = 0; written < bytes.length; ) written += writeSync(this.#file, bytes, written);
    } catch (error) {
      this.#fail(error);
    }
  }

  flushed(): Promise<void> {
    return new Promise((resolve) => {
      if (this.#failed || this.#file !== null) resolve();
      else this.#stream.write('', () => resolve());
    });
  }

  #fail(error: unknown): void {
    if (this.#failed) return;
    this.#failed = true;
    const code = systemCode(error) ?? '';
    const hungUp = code === 'EIO' && this.#stream.isTTY === true;
    const gone = hungUp || ['EPIPE', 'ECONNRESET', 'EOF', 'ERR_STREAM_DESTROYED'].includes(code);
    this.#onFailure(error, gone ? 'gone' : 'there');
  }
}

function isFileOrDevice(descriptor: number): boolean {
  try {
    const status = fstatSync(descriptor);
    return status.isFile() || status.isCharacterDevice();
  } catch {
    return false;
  }
}

/** Returns a callback that says which writer is being waited for. */
export function sayWaiting(console: Console): (writer: Writer | null) => void {
  return (writer) => {
    const who = writer ? `process ${writer.pid} (\`${writer.command}\`)` : 'another process';
    console.err(`waiting for ${who}, which writes the same database\n`);
  };
}
