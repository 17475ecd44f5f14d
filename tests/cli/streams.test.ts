import { mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { lines, type Workplace, workplace } from './command.js';
import { aedsl } from './recorded-console.js';

const folder = realpathSync(mkdtempSync(join(tmpdir(), 'aedsl-streams-')));
const before = process.cwd();

let place: Workplace;

beforeAll(() => {
  place = workplace();
  vi.stubEnv('AEDSL_DATA', '');
  const first = readFileSync('experiments/first.ae', 'utf8');
  writeFileSync(join(folder, 'first.ae'), first.replace('take=4000, validation=500, test=500', 'take=64, test=16'));
  process.chdir(folder);
  writeFileSync('mistake.ae', 'experiment e { data digits() encoder { dens(3) } }\n');
  writeFileSync('crooked.ae', 'experiment   e{data digits()}\n');
});
afterAll(() => {
  process.chdir(before);
  place.leave();
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true, force: true });
});

const short = ['--max-steps', '2', '--epochs', '1', '--backend', 'cpu'];

describe('what was asked for is on standard output, everything else on standard error', () => {
  it('of a training: the record of it, whether it is kept or not', async () => {
    const kept = await aedsl('run', 'first.ae', ...short);
    expect(kept.out).toMatch(
      /^r1 · first · .*\n.* parameters · .*\ntrain 1\/1 {2}loss .*\ntest: loss .*\ncomplete in .*\n$/,
    );
    expect(kept.err).toBe('pictures: aedsl figures r1\n');
    const again = await aedsl('rerun', 'r1');
    expect(again.out).toMatch(/\ntest: loss [\s\S]*\nr2: the same weights as r1, to the last bit\n$/);
    expect(again.err).toBe('');
    const unkept = await aedsl('run', 'first.ae', ...short, '--no-store', '--out', 'pictures');
    expect(unkept.out).toMatch(/\ncomplete in .*\n(pictures\/.*\.png\n)+[0-9a-f]{64}\n$/);
    expect(unkept.err).toBe('');
    expect((await aedsl('evaluate', 'r1')).out).toContain('test: loss ');
  });

  it.each([
    [['ls'], /^run .*\nr\d /, /^$/],
    [['show', 'r1'], /^r1\n/, /^$/],
    [['compare', 'r1', 'r2'], /r1, r2: /, /^$/],
    [['diff', 'r1', 'r2'], /r2/, /^$/],
    [['explain', 'r1', 'r2'], /r2/, /^$/],
    [
      ['apply', 'r1', '--data', 'digits(take=1, test=5)', '-o', 'codes.npy', '--backend', 'cpu'],
      /^codes\.npy.*5.32/,
      /^$/,
    ],
    [['export', 'r1', '--as', 'csv'], /^run,/, /^$/],
    [['export', 'r1', '--as', 'csv', '-o', 'r1.csv'], /^r1\.csv\n$/, /^$/],
    [['export', 'r1', '--as', 'safetensors'], /^r1\.safetensors\n$/, /^$/],
    [['export', 'r1', '--as', 'onnx', '--part', 'encoder'], /^r1\.onnx\n$/, /^$/],
    [['export', 'r1', '--as', 'tfjs', '--with-transforms', '-o', 'page'], /^page\/model\.json\npage\/group1-/, /^$/],
    [['export', 'r1', '--as', 'tensorboard'], /^r1-tensorboard\n$/, /^$/],
    [['export', 'r1', '--as', 'csv', '-o', '-'], /^run,/, /^$/],
    [['report', 'r1', '-o', '-'], /^<!doctype html>/i, /^$/],
    [['export', 'r1', '--as', 'onnx', '-o', '-'], /^$/, /standard output/],
    [['export', 'r1', '--as', 'pytorch', '-o', '-'], /^$/, /standard output/],
    [['figures', 'r1', '-o', '-'], /^$/, /standard output/],
    [['bundle', 'r1', '-o', '-'], /^$/, /standard output/],
    [['report', 'r1', '-o', 'r1.html'], /^r1\.html\n$/, /^$/],
    [['export', 'r1', '--as', 'pytorch', '-o', 'model'], /^model\/model\.py\n/, /^$/],
    [['figures', 'r1', '-o', 'drawn'], /\.png\n$/, /^$/],
    [['check', 'first.ae'], /^first: input /, /^$/],
    [['check', 'mistake.ae'], /^AE\d+ error mistake\.ae[\s\S]*errors?\n$/, /^$/],
    [['fmt', '--check', 'crooked.ae'], /^crooked\.ae would be formatted\n$/, /^$/],
    [['fmt', 'crooked.ae'], /^crooked\.ae formatted\n$/, /^$/],
    [['compile', 'first.ae'], /^\{/, /^$/],
    [['verify', 'r1'], /identical/, /^/],
    [['bundle', 'r1', '-o', 'r1.tgz'], /^[0-9a-f]{64} {2}r1\.tgz\n$/, /aedsl verify/],
    [['rm', 'r2', '--yes'], /^deleted: /, /^$/],
    [['gc'], /^deleted: /, /^/],
    [['data', 'ls'], /digits/, /^$/],
    [['--help'], /^Usage: /, /^$/],
    // Errors and their hints, whatever was asked for.
    [['show', 'r99'], /^$/, /^aedsl: .*r99/],
    [['run', 'mistake.ae'], /^$/, /^AE\d+ error/],
    [['shwo'], /^$/, /shwo/],
  ] as const)('of %j', async (words, out, err) => {
    const printed = await aedsl(...words);
    expect(printed.out).toMatch(out);
    expect(printed.err).toMatch(err);
  });

  it.each([
    [['run', 'first.ae', ...short, '--json', '--out', 'more']],
    [['ls', '--json']],
    [['ls', '--runs', '--json']],
    [['show', 'r1', '--json']],
    [['compare', 'r1', '--json']],
    [['diff', 'r1', 'r1', '--json']],
    [['check', 'mistake.ae', '--json']],
    [['run', 'mistake.ae', '--json']],
    [['verify', 'r1', '--json']],
    [['explain', 'r1', 'r1', '--json']],
    [['rerun', 'r1', '--no-store', '--json']],
    [['evaluate', 'r1', '--json']],
    [['data', 'ls', '--json']],
    [['doctor', '--json']],
  ] as const)('of %j: JSON and nothing else', async (words) => {
    const { out } = await aedsl(...words);
    expect(lines(out).length).toBeGreaterThan(0);
  });
});

it('of a sweep in a pipe: how its trials ended; what they are at is on standard error', () => {
  const { stdout, stderr } = place.aedsl('sweep', 'experiments/first.ae', '--seeds', '2', ...short);
  expect(stdout).toMatch(
    /^s1 · first · 2 trials .*\n[01] {2}seed=. {2}complete .*\n[01] {2}seed=. {2}complete .*\n2 complete in /,
  );
  expect(stderr).toMatch(/^[01] {2}seed=. {2}running .*\n[01] {2}seed=. {2}running .*\n$/);
});
