import { type ProcessConsole, shown } from '../../src/cli/console.js';
import type { ExitCode } from '../../src/cli/failure.js';
import { main } from '../../src/cli/program.js';

export interface RecordedConsole {
  readonly console: ProcessConsole;
  /** What a terminal or a pipe would have got. */
  readonly out: () => string;
  readonly err: () => string;
}

export function recordedConsole(): RecordedConsole {
  let [out, err] = ['', ''];
  const console: ProcessConsole = {
    out: (text) => {
      out += shown(text);
    },
    err: (text) => {
      err += shown(text);
    },
    data: (text) => {
      out += text;
    },
    redraw: () => {},
    colour: { out: false, err: false },
    interactive: false,
    columns: 80,
    unread: new AbortController().signal,
    incomplete: () => false,
    flushed: () => Promise.resolve(),
  };
  return { console, out: () => out, err: () => err };
}

/** Runs a command in this process: how it ended, and what it printed where. */
export async function aedsl(
  ...words: readonly string[]
): Promise<{ readonly code: ExitCode; readonly out: string; readonly err: string }> {
  const { console, out, err } = recordedConsole();
  const code = await main(words, console);
  return { code, out: out(), err: err() };
}
