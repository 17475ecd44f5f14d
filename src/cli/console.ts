import { fstatSync, writeSync } from 'node:fs';
import { printableLines } from '../api/compiler.js';
import type { Writer } from '../api/results.js';
import { systemCode, systemReason } from '../files/system-error.js';

/** Text with our own colours (SGR sequences), in which foreign text has been made printable. */
export class Styled {
  constructor(readonly text: string) {}
}

/**
 * Output of a command: results go to `out` and `data` (with `--json` only JSON), everything else to `err`: progress,
 * notes, warnings, errors, hints. No method throws: training must not end because nobody reads its output.
 */
export interface Console {
  /** For people. Control characters are made visible: a name must not control the terminal. */
  out(text: string | Styled): void;
  err(text: string | Styled): void;
  /** For programs: written verbatim, except to a terminal, where it is treated like `out`. */
  data(text: string): void;
  /** Replaces the last line of `err` if `interactive`; does nothing otherwise. An empty text clears it. */
  redraw(text: string): void;
  /** Whether each stream is a terminal with colour. */
  readonly colour: { readonly out: boolean; readonly err: boolean };
  /** Whether `err` is a terminal whose last line can be redrawn. */
  readonly interactive: boolean;
  readonly columns: number;
  /** Aborted when the reader of `out` is gone, as with `head`. */
  readonly unread: AbortSignal;
}

export interface ProcessConsole extends Console {
  /** Whether some output was lost although it has a reader: the disk is full. */
  readonly incomplete: () => boolean;
  /** Resolves once all output has been passed on, so that the process can exit. */
  readonly flushed: () => Promise<void>;
}

/** The console of this process. Called once, as it handles the errors of both streams from then on. */
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

/** Escapes everything in a text except printable characters, line ends, tabs and our own colours. */
export function shown(text: string | Styled): string {
  if (typeof text === 'string') return printableLines(text);
  return text.text
    .split(colourSequence)
    .map((part, i) => (i % 2 === 1 ? part : printableLines(part)))
    .join('');
}

type Reader = 'gone' | 'there';

/** An output stream. After its first error, which is reported once, writes are dropped. */
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
    // Node's stream mistakes a write that the system cut short, as on an almost full disk, for a complete one.
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

/** Returns a callback that reports the writer being waited for. */
export function sayWaiting(console: Console): (writer: Writer | null) => void {
  return (writer) => {
    const who = writer ? `process ${writer.pid} (\`${writer.command}\`)` : 'another process';
    console.err(`waiting for ${who}, which writes the same database\n`);
  };
}
