import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { encodeNpy } from '../../src/runtime/formats/npy.js';
import { decodeSafetensors } from '../../src/runtime/formats/safetensors.js';
import { lines, type Workplace, workplace } from './command.js';
import { aedsl } from './recorded-console.js';

let place: Workplace;
beforeAll(() => {
  place = workplace('one');
});
afterAll(() => place.leave());

const short = ['--backend', 'cpu', '--epochs', '1', '--data', 'digits(take=256, validation=64, test=64)'];

describe('a run, from text to results', () => {
  it('prints events with the end last, and keeps metrics, weights and pictures', () => {
    const run = place.aedsl('run', 'experiments/first.ae', ...short, '--json', '--out', 'pictures');
    expect(run.stderr).toBe('');
    expect(run.status).toBe(0);
    const events = lines(run.stdout);
    // Steps, checkpoints and reports of the worker come by the clock, however fast the machine is.
    const order = events
      .map((e) => e.event)
      .filter((event) => event !== 'checkpoint' && event !== 'worker')
      .filter((event, i, all) => event !== 'steps' || all[i - 1] !== 'steps');
    expect(order).toEqual([
      'started',
      'note',
      'trial_started',
      'stage_started',
      'steps',
      'epoch',
      'evaluation',
      'diagnostics',
      'stage_done',
      'evaluation',
      'trial_done',
      'trial_state',
      'ended',
    ]);
    expect(events.at(-1)).toMatchObject({ id: 'r1', status: 'complete' });
    expect(readdirSync(join(place.folder, 'pictures')).sort()).toEqual([
      'filters-code.png',
      'loss_curves.png',
      'reconstructions-16.png',
    ]);
    const [listed] = lines(place.aedsl('ls', '--json').stdout);
    expect(listed).toMatchObject({ runId: 'r1', status: 'complete', weightsSha256: events.at(-2)?.weightsSha256 });
  });

  it('trains nothing twice, and prints and draws what there is', () => {
    const again = place.aedsl('run', 'experiments/first.ae', ...short, '--out', 'again');
    const [listed, ...others] = lines(place.aedsl('ls', '--json').stdout);
    expect(others).toEqual([]);
    expect(again.stdout).toMatch(
      /^r1 · first · seed 1 · digits.*\ntest: loss .* {2}sse .*\ncached: the same trial as r1 · weights /,
    );
    expect(again.stdout).toContain(`weights ${String(listed?.weightsSha256).slice(0, 16)}\n`);
    expect(again.stderr).toBe('it was complete already; --force trains it again\n');
    expect(again.status).toBe(0);
    expect(readdirSync(join(place.folder, 'again'))).toHaveLength(3);
    const refused = place.aedsl('run', 'experiments/first.ae', ...short, '--no-store', '--force');
    expect(refused).toMatchObject({ status: 2, stderr: expect.stringMatching(/^aedsl: --force has no effect/) });
  });

  it('gives the same bits again, stored or not', () => {
    const again = place.aedsl('run', 'experiments/first.ae', ...short, '--no-store');
    const [listed] = lines(place.aedsl('ls', '--json').stdout);
    const hash = (text: string) => text.trimEnd().split('\n').at(-1);
    expect(hash(again.stdout)).toBe(listed?.weightsSha256);
    const other = place.aedsl('run', 'experiments/first.ae', ...short, '--no-store', '--seed', '2');
    expect(hash(other.stdout)).not.toBe(hash(again.stdout));
  });

  it('shows, exports and applies what it kept', () => {
    const shown = place.aedsl('show', 'last').stdout;
    expect(shown).toMatch(/\nsse +\d+\.\d+ +\d+/);
    for (const part of ['experiment', 'data', 'seed', 'backend', 'numerics']) expect(shown).toContain(`\n    ${part} `);
    expect(shown).toMatch(new RegExp(`\n  node +${process.version.replaceAll('.', '\\.')}\n`));
    expect(shown).toMatch(/\n {2}kernels +[0-9a-f]{64}\n/);
    expect(shown).toMatch(/\n {2}command +aedsl run experiments\/first\.ae/);
    expect(place.aedsl('export', 'r1', '--as', 'safetensors', '-o', 'w.safetensors').status).toBe(0);
    const { tensors } = decodeSafetensors(readFileSync(join(place.folder, 'w.safetensors')));
    expect([...tensors.keys()].map(String)).toHaveLength(4);
    expect(place.aedsl('export', 'r1', '--as', 'csv').stdout).toContain('r1,train,1,train.loss,');
    const applied = place.aedsl(
      'apply',
      'r1',
      '--data',
      'digits(take=1, test=5)',
      '-o',
      'codes.csv',
      '--backend',
      'cpu',
    );
    expect(applied.status).toBe(0);
    expect(applied.stdout).toContain(
      'codes.csv: 5×32, the code by r1 of the test part of digits(take=1, test=5) (5 rows)',
    );
    writeFileSync(join(place.folder, 'new.npy'), encodeNpy([3, 28, 28], new Uint8Array(3 * 784)));
    const beside = place.aedsl('apply', 'r1', '--data', 'new.npy', '-o', 'new-codes.npy', '--backend', 'cpu');
    expect(beside.stdout).toContain('new-codes.npy: 3×32, the code by r1 of all 3 rows of new.npy');
    const rows = readFileSync(join(place.folder, 'codes.csv'), 'utf8').trim().split('\n');
    expect(rows).toHaveLength(6);
    expect(rows[0]).toMatch(/^code_1,code_2,/);
    expect(rows[0]?.split(',')).toHaveLength(32);
  });

  it('starts from given weights', () => {
    const started = place.aedsl('run', 'experiments/first.ae', ...short, '--no-store', '--init', 'w.safetensors');
    expect(started.status).toBe(0);
    const [listed] = lines(place.aedsl('ls', '--json').stdout);
    expect(started.stdout.trimEnd().split('\n').at(-1)).not.toBe(listed?.weightsSha256);
    const wrong = place.aedsl('run', 'experiments/first.ae', ...short, '--no-store', '--init', 'experiments/first.ae');
    expect(wrong.status).toBe(2);
    expect(wrong.stderr).toContain('safetensors');
  });
});

describe('mistakes', () => {
  const mistake = (text: string) => {
    writeFileSync(join(place.folder, 'mistake.ae'), text);
    return place.aedsl('check', 'mistake.ae');
  };
  const experiment = (encoder: string) =>
    `experiment e { data digits() encoder { ${encoder} } decoder { dense(input.size) } loss mse() train adam() { epochs = 1 } }`;

  it('in the file are exit 3, with the place and a hint', () => {
    const typo = mistake(experiment('code: dens(16)'));
    expect(typo.status).toBe(3);
    expect(typo.stdout).toContain('AE201');
    expect(typo.stdout).toContain("did you mean 'dense'?");
    expect(typo.stdout).toContain('mistake.ae:1:');
    expect(mistake(experiment('code: dense(0)')).stdout).toContain('AE306');
    expect(mistake(experiment('reshape([3, 3])')).stdout).toContain('AE402');
  });

  it('in what is typed for an experiment are exit 3 too, with the place and a hint', async () => {
    const first = join(place.folder, 'experiments/first.ae');
    const cases: readonly (readonly [readonly string[], string, string])[] = [
      [['run', first, 'hidden'], 'AE102', 'write it as: rho=0.05'],
      [['run', first, '--data', '5'], 'AE305', "'5' is not a data set"],
      [['check', first, '--data', 'digits { center_crop(8) }'], 'AE305', '--data replaces only the data set'],
      [['describe', first, 'hidden=1,2'], 'AE305', 'aedsl sweep'],
      [['compile', first, 'hidden='], 'AE102', 'command line:1:8'],
      [['sweep', first, '--seeds', '10001', '--dry-run'], 'AE603', 'command line:1:9'],
    ];
    for (const [words, code, text] of cases) {
      const refused = await aedsl(...words);
      const said = refused.out + refused.err;
      expect([words, refused.code, said]).toEqual([words, 3, expect.stringContaining(code)]);
      expect(said).toContain(text);
    }
  });

  it('on the command line are exit 2, with nothing written', () => {
    expect(place.aedsl('run').status).toBe(2);
    expect(place.aedsl('rum').status).toBe(2);
    expect(place.aedsl('run', 'experiments/first.ae', '--seed', 'x').status).toBe(2);
    expect(place.aedsl('run', 'experiments/first.ae', '--backend', 'gpu').status).toBe(2);
    for (const command of ['run', 'sweep']) {
      const unset = place.aedsl(command, 'experiments/first.ae', '--db', '');
      expect([unset.status, unset.stderr]).toEqual([2, expect.stringContaining('--db is empty')]);
    }
    const out = place.aedsl('run', 'experiments/first.ae', '--no-store', '--out', 'experiments/first.ae');
    expect([out.status, out.stdout]).toEqual([4, '']);
  });

  it('of files and storage are exit 4, without a stack trace', () => {
    const missing = place.aedsl('run', 'experiments/frist.ae');
    expect(missing.status).toBe(4);
    expect(missing.stderr).toContain('no such file or folder');
    expect(missing.stderr).not.toContain('    at ');
    writeFileSync(join(place.folder, 'no.db'), 'this is no database, but a text of some length that says so');
    expect(place.aedsl('ls', '--db', 'no.db').status).toBe(4);
    expect(place.aedslWith({}, 'run', 'experiments/first.ae', '--data', 'npy("none.npy")').status).toBe(3);
  });

  it('of a name that no run has are exit 2', () => {
    const unknown = place.aedsl('show', 'r999');
    expect(unknown.status).toBe(2);
    expect(unknown.stderr).toContain('r999');
  });

  it('a data file that was cut short is never used', () => {
    const data = join(place.folder, 'data');
    place.aedslWith({}, 'data', 'ls');
    writeFileSync(join(place.folder, 'train-images-idx3-ubyte.gz'), Buffer.from('1f8b0800', 'hex'));
    const run = place.aedslWith({ AEDSL_DATA: place.folder }, 'run', 'experiments/classic.ae');
    expect(run.status).toBe(4);
    expect(run.stderr).toContain('train-images-idx3-ubyte.gz');
    expect(existsSync(data)).toBe(false);
  });
});

describe('fmt', () => {
  it('leaves the experiments of the repository as they are', () => {
    const files = readdirSync('experiments').filter((f) => f.endsWith('.ae'));
    const checked = place.aedsl('fmt', '--check', ...files.map((f) => `experiments/${f}`));
    expect(checked.stdout).toBe('');
    expect(checked.status).toBe(0);
  });
});
