import type { Rgb } from '../../../runtime/figures/colour.js';

/** `none`: NO_COLOR, only bold, dim and inverse. */
export type ColourDepth = 'none' | '256' | 'true';

export interface Theme {
  readonly depth: ColourDepth;
}

/** What a colour is for; see {@link roles}. */
export type Role =
  | 'text'
  | 'muted'
  | 'frame'
  | 'accent'
  | 'good'
  | 'warning'
  | 'bad'
  | 'waiting'
  | 'selection'
  | 'bar'
  | 'shade';

export type Colour = Role | Rgb;

/**
 * Told apart with the common colour vision deficiencies: good and bad are blue-green and vermilion (Okabe and Ito, "Color
 * Universal Design", 2008), and never the only difference: every state has a sign of its own.
 */
const roles: Readonly<Record<Role, Rgb>> = {
  text: [224, 224, 224],
  muted: [138, 138, 138],
  frame: [88, 88, 88],
  accent: [86, 180, 233],
  good: [0, 178, 130],
  warning: [230, 159, 0],
  bad: [235, 110, 40],
  waiting: [148, 148, 148],
  selection: [38, 60, 84],
  bar: [32, 36, 42],
  shade: [58, 58, 58],
};

/** Okabe and Ito's hues, made lighter where they are too dark on black. They come round again after the last. */
const hues: readonly [Rgb, ...Rgb[]] = [
  [86, 180, 233],
  [230, 159, 0],
  [0, 178, 130],
  [224, 140, 190],
  [240, 228, 66],
  [235, 110, 40],
  [90, 140, 240],
  [190, 190, 190],
];

/** Of the n-th curve, from 0. */
export function hue(n: number): Rgb {
  return hues[n % hues.length] ?? hues[0];
}

/** Which colours a terminal has, from what its environment says. */
export function themeOf(env: Readonly<Record<string, string | undefined>>): Theme {
  if ((env.NO_COLOR ?? '') !== '' || env.TERM === 'dumb') return { depth: 'none' };
  return { depth: /truecolor|24bit/i.test(env.COLORTERM ?? '') || /-direct$/.test(env.TERM ?? '') ? 'true' : '256' };
}

export function rgbOf(colour: Colour): Rgb {
  return typeof colour === 'string' ? roles[colour] : colour;
}

/** The parameters of the escape sequence that selects a colour for text (`fg`) or behind it (`bg`). */
export function foreground(colour: Colour, { depth }: Theme, ground: 'fg' | 'bg'): readonly string[] {
  if (depth === 'none') return ground === 'bg' && colour === 'selection' ? ['7'] : [];
  const rgb = rgbOf(colour);
  const kind = ground === 'fg' ? '38' : '48';
  return depth === 'true' ? [kind, '2', ...rgb.map(String)] : [kind, '5', String(nearest256(rgb))];
}

/** Of xterm's 6×6×6 cube and its 24 greys. */
function nearest256([red, green, blue]: Rgb): number {
  const levels = [0, 95, 135, 175, 215, 255];
  const closest = (value: number) =>
    levels.reduce((best, level, i) => (Math.abs(level - value) < Math.abs((levels[best] ?? 0) - value) ? i : best), 0);
  const [r, g, b] = [closest(red), closest(green), closest(blue)];
  const grey = Math.max(0, Math.min(23, Math.round(((red + green + blue) / 3 - 8) / 10)));
  const distance = (a: Rgb) => (a[0] - red) ** 2 + (a[1] - green) ** 2 + (a[2] - blue) ** 2;
  const cube: Rgb = [levels[r] ?? 0, levels[g] ?? 0, levels[b] ?? 0];
  const shade = 8 + grey * 10;
  return distance([shade, shade, shade]) < distance(cube) ? 232 + grey : 16 + 36 * r + 6 * g + b;
}
