/** Numbers below one, the same for a seed. */
export function numbers(seed: number): () => number {
  let state = seed >>> 0 || 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}

const fragments = [
  'dense(',
  'relu',
  ')',
  '{',
  '}',
  '[',
  ']',
  '(',
  ',',
  '=',
  ':',
  '.',
  '"',
  "'",
  '//',
  '/*',
  '*/',
  '#',
  ';',
  '\n',
  '\r\n',
  '\r',
  'encoder {',
  'decoder { dense(input.size) }',
  'loss mse()',
  'train adam() { epochs = 2 }',
  'experiment other { }',
  'experiment child extends edited { }',
  'extends "parent.ae"',
  'extends "../../etc/x.ae:a"',
  'sweep { hidden = [8, 16]  seeds = 3 }',
  'param rho = 0.5 where 0 < rho < 1',
  'let a = hidden',
  'without loss',
  'hidden',
  'code',
  'z.mu',
  '-',
  '+',
  '* 2',
  '**',
  '0.1',
  '1e999',
  '.5',
  'x'.repeat(300),
  '('.repeat(120),
  '\u00e9',
  '\ud83d\ude00',
  '\ud800',
  '\u202e',
  '\u2028',
  '\0',
  'constructor',
  '__proto__',
  'digits()',
  'mirror(encoder, output=sigmoid)',
  'show { filters(code) }',
  'reparameterize { mu: dense(2)  logvar: dense(2) }',
];

export interface Edit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** An edit as people, pastes and tools make them; one in twenty takes the text back to how it began. */
export function randomEdit(text: string, original: string, next: () => number): Edit {
  const below = (n: number) => Math.floor(next() * n);
  const kind = next();
  if (kind < 0.05 || text.length > 20_000) return { start: 0, end: text.length, text: original };
  const start = below(text.length + 1);
  if (kind < 0.3) return { start, end: start, text: String.fromCharCode(32 + below(95)) };
  if (kind < 0.5) return { start, end: Math.min(text.length, start + 1 + below(kind < 0.45 ? 3 : 40)), text: '' };
  if (kind < 0.85) return { start, end: start, text: fragments[below(fragments.length)] ?? '' };
  // A piece of the text at another place, in place of one.
  const from = below(text.length + 1);
  return { start, end: Math.min(text.length, start + below(10)), text: text.slice(from, from + below(80)) };
}
