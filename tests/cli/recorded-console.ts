import { type Console, shown } from '../../src/cli/console.js';

export interface RecordedConsole {
  readonly console: Console;
  /** What a terminal or a pipe would have got. */
  readonly out: () => string;
  readonly err: () => string;
}

export function recordedConsole(): RecordedConsole {
  let [out, err] = ['', ''];
  const console: Console = {
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
  };
  return { console, out: () => out, err: () => err };
}
