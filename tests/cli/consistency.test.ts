import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { main } from '../../src/cli/program.js';
import { lines, type Workplace, workplace } from './command.js';
import { aedsl, recordedConsole } from './recorded-console.js';

const world = `experiment world {
  param k = 2
  data synth(features=12, dim=12, frequent=0.2, rare=0.1, repel=20, take=1500, test=100)
  encoder { pre_bias()  code: dense(12, activation=topk(k), init=directions()) }
  decoder { dense(input.size, bias=false, init=transposed(code), constraint=unit_norm(of=outgoing, project_gradient=true)) }
  loss mse()
  train adam(lr=0.01) { epochs = 2  batch = 25 }
  evaluate { recovery() }
}
experiment bent {
  data synth(features=12, dim=12, take=100, test=20)
  encoder { code: dense(4, activation=relu) }
  decoder { dense(6, activation=relu)  dense(input.size) }
  loss mse()
  train adam() { epochs = 1  batch = 50 }
}
`;

let place: Workplace;
beforeAll(() => {
  place = workplace();
  writeFileSync(join(place.folder, 'world.ae'), world);
  const swept = place.aedsl('sweep', 'world', 'k=[1,2]', '--seeds', '3', '--jobs', '2', '--backend', 'cpu');
  expect(swept.status, swept.stderr).toBe(0);
});
afterAll(() => place.leave());

/** In this process, with the results of the sweep. */
function here(...words: readonly string[]) {
  return aedsl(...words, '--db', join(place.folder, 'results.db'));
}

describe('compare --consistency', () => {
  it('shows what the seeds of each setting have in common, with intervals and a picture', async () => {
    const { code, out, err } = await here('compare', 's1', '--consistency', '-o', join(place.folder, 'pictures'));
    expect(code, err).toBe(0);
    expect(out).toMatch(/^s1 · world: what its seeds have in common\n\nk +seeds +PW-MCC +95% interval +stable +CKA/);
    expect(readdirSync(join(place.folder, 'pictures'))).toEqual(['s1-consistency.png', 's1-consistency.svg']);
    const picture = readFileSync(join(place.folder, 'pictures/s1-consistency.svg'), 'utf8');
    for (const text of ['Stable and unstable features', 'k=1', 'k=2', 'stable from 0.7'])
      expect(picture).toContain(text);
  });

  it('gives programs all digits, and agrees with what is known of the world', async () => {
    const rows = lines((await here('compare', 's1', '--consistency', '--json')).out);
    expect(rows.map(({ k, seeds }) => [k, seeds])).toEqual([
      [1, 3],
      [2, 3],
    ]);
    for (const { pwMcc, pwMccLow, pwMccHigh, cka, stable } of rows.map((row) => numbersOf(row))) {
      expect(pwMcc).toBeGreaterThan(0.5);
      expect(pwMcc).toBeLessThanOrEqual(1);
      expect(pwMccLow).toBeLessThan(pwMcc ?? 0);
      expect(pwMccHigh).toBeGreaterThan(pwMcc ?? 1);
      expect(cka).toBeGreaterThan(0.2);
      expect(stable).toBeGreaterThan(0.2);
    }
    expect((await here('compare', 's1', '--consistency', '--csv')).out).toMatch(
      /^k,seeds,pwMcc,pwMccLow,pwMccHigh,stable,cka,ckaLow,ckaHigh\n1,3,/,
    );
  });

  it('compares codes alone where the decoder is not linear, and needs two seeds', async () => {
    const swept = place.aedsl('sweep', 'bent', '--seeds', '2', '--backend', 'cpu');
    expect(swept.status, swept.stderr).toBe(0);
    const [row] = lines((await here('compare', 's2', '--consistency', '--json')).out);
    expect(row).toMatchObject({ seeds: 2, pwMcc: null, stable: null, ckaLow: null });
    const { console } = recordedConsole();
    const drawnLines: string[] = [];
    await main(['compare', 's2', '--consistency', '--db', join(place.folder, 'results.db')], {
      ...console,
      redraw: (text) => drawnLines.push(text),
    });
    expect(drawnLines).toEqual([
      expect.stringMatching(/^comparing r\d+: 0 %$/),
      expect.stringMatching(/^comparing r\d+: 33 %$/),
      'comparing seeds 1 and 2: 66 %',
      '',
    ]);
    const drawn = await here('compare', 's2', '--consistency', '-o', 'none');
    expect(drawn.out).toContain('only with a decoder of one dense layer');
    expect([drawn.code, drawn.err]).toEqual([2, expect.stringContaining('there are no directions of units to draw')]);
    const alone = await here('compare', 'r1', '--consistency');
    expect([alone.code, alone.err]).toEqual([2, expect.stringContaining('differ by their seed alone')]);
    expect((await here('compare', 's1', '--consistency', '--baseline', 'best')).err).toContain('--baseline');
    expect((await here('compare', 's1', '-o', 'none')).err).toContain('is for the picture of --consistency');
  });
});

describe('synth by the command line', () => {
  it('is verified, bundled and applied, and is one world for all seeds', async () => {
    for (const words of [
      ['verify', 'r1'],
      ['bundle', 'r1', '-o', join(place.folder, 'r1.tgz')],
      ['apply', 'r1', '--output', 'code', '-o', join(place.folder, 'codes.npy')],
    ]) {
      const { code, out, err } = await here(...words);
      expect(code, out + err).toBe(0);
    }
    const shown = await Promise.all(['r1', 'r2', 'r3'].map((run) => here('show', run, '--json')));
    const sums = shown.map(({ out }) => /"dataSha256":"([0-9a-f]{64})"/.exec(out)?.[1]);
    expect(sums[0]).toHaveLength(64);
    expect(new Set(sums).size).toBe(1);
  });
});

function numbersOf(row: Readonly<Record<string, unknown>>): Readonly<Record<string, number>> {
  return Object.fromEntries(
    Object.entries(row).filter((entry): entry is [string, number] => typeof entry[1] === 'number'),
  );
}
