/** Where a command writes: data on `out`, the rest on `err`. */
export interface Console {
  out(text: string): void;
  err(text: string): void;
  /** Whether `err` is a terminal that shows colour. */
  readonly colour: boolean;
  /** Whether `err` is a terminal whose last line can be drawn again. */
  readonly interactive: boolean;
  readonly columns: number;
}

export function processConsole(): Console {
  const { stdout, stderr, env } = process;
  const interactive = stderr.isTTY === true && env.TERM !== 'dumb' && !env.CI;
  return {
    out: (text) => void stdout.write(text),
    err: (text) => void stderr.write(text),
    colour: stderr.isTTY === true && env.NO_COLOR === undefined && env.TERM !== 'dumb',
    interactive,
    columns: stderr.columns ?? 80,
  };
}
