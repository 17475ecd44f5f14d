/** Red, green and blue from 0 to 255. */
export type Rgb = readonly [red: number, green: number, blue: number];

export const white: Rgb = [255, 255, 255];
export const black: Rgb = [0, 0, 0];

export const ink: Rgb = [38, 38, 38];

/** Marks NaN and infinities: neither grey nor in any palette, so that it cannot be mistaken for a value. */
export const nonFiniteColour: Rgb = [255, 0, 200];

/**
 * The colour-blind safe palette of Okabe and Ito ("Color Universal Design", 2008), without its yellow, which is too
 * light for thin lines on white.
 */
const hues: readonly [Rgb, ...Rgb[]] = [
  [0, 114, 178],
  [213, 94, 0],
  [0, 158, 115],
  [204, 121, 167],
  [230, 159, 0],
  [86, 180, 233],
  [90, 90, 90],
];

/** Hue of the n-th series, from 0. Repeats after the last. */
export function seriesHue(n: number): Rgb {
  return hues[n % hues.length] ?? hues[0];
}

/** Like {@link seriesHue}, for up to ten classes: three more hues for the digits 7 to 9. */
export function classHue(n: number): Rgb {
  const classes: readonly Rgb[] = [...hues, [136, 34, 85], [153, 153, 51], [20, 20, 120]];
  return classes[n % classes.length] ?? hues[0];
}

/** Blends two colours: 0 gives `from`, 1 gives `to`. */
export function mix(from: Rgb, to: Rgb, share: number): Rgb {
  const part = (a: number, b: number) => Math.round(a + (b - a) * share);
  return [part(from[0], to[0]), part(from[1], to[1]), part(from[2], to[2])];
}

/** Blue, white and red at -1, -0.5, 0, 0.5 and 1: a colour-blind safe palette. */
const divergingStops: readonly Rgb[] = [
  [5, 48, 97],
  [67, 147, 195],
  [247, 247, 247],
  [214, 96, 77],
  [103, 0, 31],
];

/**
 * Diverging palette: dark blue at -1 (and below), near white at 0, dark red at 1 (and above); `nonFiniteColour` for NaN
 * and infinities.
 */
export function diverging(value: number): Rgb {
  if (!Number.isFinite(value)) return nonFiniteColour;
  const position = (Math.min(1, Math.max(-1, value)) + 1) * 2;
  const stop = Math.min(divergingStops.length - 2, Math.floor(position));
  return mix(divergingStops[stop] ?? white, divergingStops[stop + 1] ?? white, position - stop);
}

/**
 * Viridis, from dark violet over green to yellow: lightness increases monotonically, so it is safe for greyscale and
 * colour blindness.
 */
const sequentialStops: readonly Rgb[] = [
  [68, 1, 84],
  [59, 82, 139],
  [33, 145, 140],
  [94, 201, 98],
  [253, 231, 37],
];

/** Sequential palette: dark at 0 (and below), light at 1 (and above); `nonFiniteColour` for NaN and infinities. */
export function sequential(share: number): Rgb {
  if (!Number.isFinite(share)) return nonFiniteColour;
  const position = Math.min(1, Math.max(0, share)) * (sequentialStops.length - 1);
  const stop = Math.min(sequentialStops.length - 2, Math.floor(position));
  return mix(sequentialStops[stop] ?? black, sequentialStops[stop + 1] ?? black, position - stop);
}

/**
 * Returns black or white, whichever contrasts better with a colour (relative luminance with the weights of WCAG 2,
 * without its gamma).
 */
export function readableOn([red, green, blue]: Rgb): Rgb {
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue > 110 ? black : white;
}

export function toCss([red, green, blue]: Rgb): string {
  return `rgb(${red},${green},${blue})`;
}
