import { describe, expect, test } from 'vitest';
import { mix, white } from '../../../src/runtime/figures/colour.js';
import { drawScoreHistogram, type ScoreGroup } from '../../../src/runtime/figures/score_histogram.js';
import { BLUE, decodePicture, type Picture, VERMILLION, WHITE } from './picture.js';

const blue = [0, 114, 178] as const;
const vermillion = [213, 94, 0] as const;

/** Scores spread evenly over an interval. */
const spread = (from: number, to: number) =>
  Float64Array.from({ length: 400 }, (_, i) => from + ((to - from) * i) / 400);
const normal: ScoreGroup = { name: 'four', scores: spread(1, 2), hue: blue, isNormal: true };
const other: ScoreGroup = { name: 'nine', scores: spread(3, 5), hue: vermillion, isNormal: false };

const draw = async (groups: readonly ScoreGroup[], threshold: number | null = null): Promise<Picture> =>
  decodePicture(await drawScoreHistogram({ groups, bins: 40, upTo: 5, threshold, xLabel: 'distance' }));

/** Columns of the plot that have a colour. */
function columnsWith(picture: Picture, colour: readonly number[]): readonly number[] {
  return Array.from({ length: picture.width }, (_, x) => x).filter(
    (x) => picture.count(colour, { x, y: 60, width: 1, height: picture.height - 60 }) > 0,
  );
}

describe('a histogram of scores', () => {
  test('has an area for what is normal and a line for the others, each where its scores are', async () => {
    const picture = await draw([other, normal]);
    const area = columnsWith(picture, mix(blue, white, 0.7));
    const line = columnsWith(picture, VERMILLION);
    expect(area.length).toBeGreaterThan(150);
    expect(Math.max(...area)).toBeLessThan(picture.width * 0.35);
    expect(Math.max(...line)).toBeGreaterThan(picture.width * 0.9);
    expect(picture.count(BLUE)).toBeGreaterThan(100);
  });

  test('draws the threshold where it is', async () => {
    const [without, withOne] = [await draw([normal, other]), await draw([normal, other], 2.5)];
    const dark = (picture: Picture, x: number) => picture.count([38, 38, 38], { x, y: 60, width: 1, height: 340 });
    const columns = Array.from({ length: withOne.width }, (_, x) => x).filter(
      (x) => dark(withOne, x) > dark(without, x) + 50,
    );
    expect(columns.length).toBeGreaterThan(0);
    expect(Math.max(...columns) - Math.min(...columns)).toBeLessThan(4);
    expect((columns[0] ?? 0) / withOne.width).toBeCloseTo(0.44, 1);
  });

  test('says what is beyond it or is not finite, and draws nothing of nothing', async () => {
    const broken = { ...other, scores: Float64Array.of(...spread(3, 5), Number.NaN, 1e6) };
    const note = { x: 400, y: 462, width: 490, height: 16 };
    expect((await draw([normal, broken])).count(WHITE, note)).toBeLessThan((await draw([normal])).count(WHITE, note));
    expect((await draw([{ ...normal, scores: Float64Array.of(Number.NaN) }])).width).toBeGreaterThan(0);
    expect((await draw([{ ...normal, scores: Float64Array.of(0, 0, 0) }])).width).toBe(900);
  });
});
