/** Red, green and blue from 0 to 255. */
export type Rgb = readonly [red: number, green: number, blue: number];

export const white: Rgb = [255, 255, 255];
export const black: Rgb = [0, 0, 0];

/** Of axes, labels and titles. */
export const ink: Rgb = [38, 38, 38];

/**
 * Where a value is NaN or infinite: no grey, and in none of the palettes, so that it cannot be taken for a value.
 */
export const nonFiniteColour: Rgb = [255, 0, 200];

/**
 * Hues that people with the common colour vision deficiencies tell apart (Okabe and Ito, "Color Universal Design", 2008),
 * without its yellow, which is too light for a thin line on white.
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

/** The hue of the n-th series, from 0. They come round again after the last. */
export function seriesHue(n: number): Rgb {
  return hues[n % hues.length] ?? hues[0];
}

/** The same for up to ten classes: three more hues for the digits 7 to 9. */
export function classHue(n: number): Rgb {
  const classes: readonly Rgb[] = [...hues, [136, 34, 85], [153, 153, 51], [20, 20, 120]];
  return classes[n % classes.length] ?? hues[0];
}

/** share = 0 is `from`, 1 is `to`. */
export function mix(from: Rgb, to: Rgb, share: number): Rgb {
  const part = (a: number, b: number) => Math.round(a + (b - a) * share);
  return [part(from[0], to[0]), part(from[1], to[1]), part(from[2], to[2])];
}

/** Blue, white, red at the positions -1, -0.5, 0, 0.5, 1: told apart without a sense of red and green. */
const divergingStops: readonly Rgb[] = [
  [5, 48, 97],
  [67, 147, 195],
  [247, 247, 247],
  [214, 96, 77],
  [103, 0, 31],
];

/** From dark blue at -1 (and below) over near white at 0 to dark red at 1; NaN and infinities are `nonFiniteColour`. */
export function diverging(value: number): Rgb {
  if (!Number.isFinite(value)) return nonFiniteColour;
  const position = (Math.min(1, Math.max(-1, value)) + 1) * 2;
  const stop = Math.min(divergingStops.length - 2, Math.floor(position));
  return mix(divergingStops[stop] ?? white, divergingStops[stop + 1] ?? white, position - stop);
}

/** Dark violet over green to yellow, lighter all the way: told apart in grey and without a sense of red and green (viridis). */
const sequentialStops: readonly Rgb[] = [
  [68, 1, 84],
  [59, 82, 139],
  [33, 145, 140],
  [94, 201, 98],
  [253, 231, 37],
];

/** From dark at 0 (and below) to light at 1 (and above); NaN and infinities are `nonFiniteColour`. */
export function sequential(share: number): Rgb {
  if (!Number.isFinite(share)) return nonFiniteColour;
  const position = Math.min(1, Math.max(0, share)) * (sequentialStops.length - 1);
  const stop = Math.min(sequentialStops.length - 2, Math.floor(position));
  return mix(sequentialStops[stop] ?? black, sequentialStops[stop + 1] ?? black, position - stop);
}

/** Black or white, whichever is read better on a colour (relative luminance as WCAG 2 weighs it, without its gamma). */
export function readableOn([red, green, blue]: Rgb): Rgb {
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue > 110 ? black : white;
}

export function toCss([red, green, blue]: Rgb): string {
  return `rgb(${red},${green},${blue})`;
}
