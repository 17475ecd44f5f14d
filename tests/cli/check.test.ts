import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { experimentText } from '../compiler/compiled.js';
import { aedsl } from './recorded-console.js';

let folder = '';
const named = (name: string, statements: string) =>
  experimentText(`data digits() ${statements}`).replace('experiment example', `experiment ${name}`);

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'aedsl-check-'));
  mkdirSync(join(folder, 'more'));
  writeFileSync(
    join(folder, 'two.ae'),
    `${named('right', 'param hidden = 16 encoder { code: dense(hidden) }')}\n${named('wrong', 'encoder { code: dens(8) }')}`,
  );
  writeFileSync(join(folder, 'more', 'third.ae'), named('third', 'param rate = 0.5 corrupt masking(rate)'));
});
afterAll(() => rmSync(folder, { recursive: true }));

async function checked(...words: readonly string[]) {
  const { code: status, out, err } = await aedsl('check', ...words);
  // What is found is what was asked for.
  expect(err).toBe('');
  return { status, out };
}

test('every experiment of a file is checked, also the one after the first', async () => {
  const both = await checked(join(folder, 'two.ae'));
  expect(both.status).toBe(3);
  expect(both.out).toContain("there is no layer 'dens'");
  expect(both.out).toMatch(/^right: input 1×28×28, \S+ training examples, \S+ parameters, about \d+ MiB of memory/m);
  expect((await checked(`${join(folder, 'two.ae')}:right`)).status).toBe(0);
});

test('several files and folders are checked at once, and values go where their params are', async () => {
  const all = await checked(join(folder, 'more'), `${join(folder, 'two.ae')}:right`, 'hidden=32');
  expect(all.status).toBe(0);
  expect(all.out).toMatch(/^third: .*\nright: /m);
  expect((await checked(join(folder, 'more'), `${join(folder, 'two.ae')}:right`, 'hidden=0')).status).toBe(3);
  const nowhere = await checked(join(folder, 'more'), 'hiden=32');
  expect(nowhere.status).toBe(3);
  expect(nowhere.out).toContain('hiden');
  expect((await aedsl('check', join(folder, 'none'))).err).toContain('cannot read');
  expect((await aedsl('check', 'hidden=3')).err).toContain('nothing to check');
});

test('what is wrong in a file that others extend is said once', async () => {
  const normalized = 'data digits() { normalize(mean=0.5, std=0.5) }';
  const parent = named('parent', 'loss mse()').replace('data digits()', normalized);
  writeFileSync(join(folder, 'more', 'parent.ae'), parent);
  writeFileSync(join(folder, 'more', 'a.ae'), 'experiment a extends "parent.ae" {}\n');
  writeFileSync(join(folder, 'more', 'b.ae'), 'experiment b extends "../more/parent.ae" {}\n');
  const alone = (await checked(join(folder, 'more', 'parent.ae'))).out;
  const all = (await checked(join(folder, 'more'))).out;
  const [warning = '', told] = alone.split('parent: ');
  expect(warning).toContain('1 warning');
  expect(told).toMatch(/^input/);
  expect(all.startsWith(`${warning}a: `)).toBe(true);
});

test('the work on a file is in proportion to its experiments', async () => {
  const seconds = async (experiments: number) => {
    const path = join(folder, `${experiments}.ae`);
    writeFileSync(path, Array.from({ length: experiments }, (_, i) => named(`e${i}`, '')).join('\n'));
    const before = process.cpuUsage();
    expect((await checked(path)).status).toBe(0);
    const { user, system } = process.cpuUsage(before);
    return (user + system) / 1e6;
  };
  await seconds(50);
  const few = await seconds(51);
  // Each experiment once parsed the whole file again: 64 times the work for 8 times the experiments.
  expect((await seconds(408)) / few).toBeLessThan(32);
});

test('a value that several experiments refuse is refused once', async () => {
  const file = join(folder, 'refused.ae');
  const parent = named('parent', 'param rate = 0.5 where rate < 1 corrupt masking(rate)');
  writeFileSync(file, `${parent.replace(/}\s*$/, '  sweep { seeds = 2 }\n}')}\nexperiment child extends parent {}\n`);
  const { out } = await checked(file, 'rate=2');
  expect(out.match(/AE307/g)).toHaveLength(1);
});

test('a path with a null byte is none', async () => {
  const file = join(folder, 'null.ae');
  for (const text of ['experiment a extends "b\0.ae" {}\n', named('a', '').replace('digits()', 'csv("b\0.csv")')]) {
    writeFileSync(file, text);
    const { status, out } = await checked(file);
    expect([status, out]).toEqual([3, expect.stringContaining('no name of a file has a null byte')]);
  }
});

test('a file of definitions alone is answered, too', async () => {
  const path = join(folder, 'losses.ae');
  writeFileSync(path, 'experiment a { data digits(), encoder { } }\n');
  expect((await checked(path)).out).not.toContain('definitions without errors');
  writeFileSync(path, 'define loss far() = mean(abs(output - target))\ndefine block wide(n) { dense(n)  relu() }\n');
  expect(await checked(path)).toEqual({
    status: 0,
    out: 'losses.ae: definitions without errors, and no experiment\n',
  });
  writeFileSync(path, 'define block wide(n) { dens(n) }\n');
  const { status, out } = await checked(path);
  expect(status).toBe(3);
  expect(out).not.toContain('without errors');
});
