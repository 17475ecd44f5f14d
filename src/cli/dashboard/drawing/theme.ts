import styles, { type ColorBase } from 'ansi-styles';
import chalk from 'chalk';
import type { Rgb } from '../../../api/figures.js';

/** How a piece of text looks. */
export interface Look {
  readonly fg?: Colour;
  readonly bg?: Colour;
  readonly bold?: boolean;
  readonly inverse?: boolean;
}

export interface Theme {
  /** False with NO_COLOR: only bold and inverse are left. */
  readonly colour: boolean;
}

export type Role = 'text' | 'muted' | 'frame' | 'accent' | 'good' | 'warning' | 'bad' | 'waiting' | 'selection' | 'bar';

export type Colour = Role | Rgb;

/**
 * Distinguishable with common colour vision deficiencies: good and bad are blue-green and vermilion (Okabe and Ito,
 * "Color Universal Design", 2008). Colour is never the only difference.
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
};

/** Okabe and Ito's hues, lightened where too dark on black, and repeated in a cycle. */
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

/** The colour of the n-th curve, from 0. */
export function hue(n: number): Rgb {
  return hues[n % hues.length] ?? hues[0];
}

/**
 * Chooses the colours for Ink: true colour if the terminal claims it, else 256; none if the output is not a terminal.
 */
export function themeOf(env: Readonly<Record<string, string | undefined>>, isTerminal: boolean): Theme {
  const trueColour = /truecolor|24bit/i.test(env.COLORTERM ?? '') || /-direct$/.test(env.TERM ?? '');
  chalk.level = !isTerminal || env.TERM === 'dumb' ? 0 : trueColour ? 3 : 2;
  return { colour: chalk.level > 0 && (env.NO_COLOR ?? '') === '' };
}

export function rgbOf(colour: Colour): Rgb {
  return typeof colour === 'string' ? roles[colour] : colour;
}

/** Converts a look to properties of Ink's `Text`. */
export function inkProps({ fg, bg, bold = false, inverse = false }: Look, { colour }: Theme) {
  return {
    bold,
    inverse: inverse || (!colour && bg === 'selection'),
    ...(colour && fg !== undefined ? { color: cssOf(fg) } : {}),
    ...(colour && bg !== undefined ? { backgroundColor: cssOf(bg) } : {}),
  };
}

function cssOf(colour: Colour): string {
  return `rgb(${rgbOf(colour).join(', ')})`;
}

/** The escape sequences of a look, one per attribute, as Ink parses lines character by character. */
export function sequencesOf({ fg, bg, bold, inverse }: Look, { colour }: Theme): readonly string[] {
  if (chalk.level === 0) return ['', '', '', ''];
  return [
    bold ? styles.bold.open : '',
    inverse || (!colour && bg === 'selection') ? styles.inverse.open : '',
    colour && fg !== undefined ? colourSequence(rgbOf(fg), styles.color) : '',
    colour && bg !== undefined ? colourSequence(rgbOf(bg), styles.bgColor) : '',
  ];
}

/** Whether blanks are visible. */
export function hasGround([, inverse, , ground]: readonly string[]): boolean {
  return Boolean(inverse || ground);
}

function colourSequence([red, green, blue]: Rgb, { ansi16m, ansi256 }: ColorBase): string {
  return chalk.level === 3 ? ansi16m(red, green, blue) : ansi256(styles.rgbToAnsi256(red, green, blue));
}
