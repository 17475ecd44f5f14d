import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { commands } from '../../src/cli/commands.js';
import { sweepDatabase, threeSettings } from '../sweep/sweep-database.js';
import { aedsl } from './recorded-console.js';

const entries = commands.flatMap((entry) =>
  'commands' in entry
    ? entry.commands.map((each) => ({ ...each, words: [entry.name, each.name] }))
    : [{ ...entry, words: [entry.name] }],
);

describe('the list of commands', () => {
  it('has each that a file declares', async () => {
    const folder = new URL('../../src/cli/commands/', import.meta.url);
    const declared = readdirSync(folder).flatMap((file) =>
      [...readFileSync(new URL(file, folder), 'utf8').matchAll(/= defineCommand\(/g)].map(() => file),
    );
    const loaded = await Promise.all(entries.map(({ load }) => load()));
    expect(new Set(loaded.map(({ command }) => command)).size).toBe(declared.length);
  });

  it('is what the help shows, and each command says what it does and how it is called', async () => {
    const { out } = await aedsl('--help');
    for (const { name, summary } of commands) {
      expect(out).toMatch(new RegExp(`^  ${name} `, 'm'));
      expect(out.replaceAll(/\s+/g, ' ')).toContain(summary);
    }
    for (const { words, load } of entries) {
      const help = await aedsl(...words, '--help');
      expect(help).toMatchObject({ code: 0, err: '' });
      expect(help.out).toContain(`Usage: aedsl ${words.join(' ')} `);
      const { about, examples } = (await load()).command;
      expect(help.out.replaceAll(/\s+/g, ' ')).toContain(about);
      for (const example of examples) expect(help.out).toContain(`  ${example}\n`);
      expect(await aedsl('help', ...words)).toEqual(help);
    }
  });
});

describe('an option', () => {
  const folder = mkdtempSync(join(tmpdir(), 'aedsl-options-'));
  const db = join(folder, 'results.db');
  beforeAll(async () => {
    const single = [{ parameters: { rho: 0.9 }, seed: 1, losses: [1] }];
    (await sweepDatabase(folder, [{ trials: threeSettings() }], single)).close();
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it.each([
    ['resume r10 --jobs 2', '--jobs is for sweeps, and r10 is one run'],
    ['resume r10 --failed', '--failed is for sweeps, and r10 is one run'],
    ['resume r10 --keep-checkpoints', '--keep-checkpoints is for sweeps, and r10 is one run'],
    ['show r10 --width 1', '--width is for sweeps, and r10 is one run'],
    ['show r10 --importance', '--importance is for sweeps'],
    ['show r10 --metric test.sse', '--metric is for sweeps'],
    ['figures r10 --goal max', '--goal is for charts, and r10 is one run'],
    ['ls --metric test.sse', '--metric is for the trials of a sweep'],
    ['ls s1 --runs', '--runs lists the runs of all sweeps'],
    ['export r10 --as safetensors --rows steps', '--rows is for csv, json and parquet'],
    ['export r10 --as csv --data-folder .', '--data-folder is for --as pytorch'],
    [
      'sweep first hidden=8,16 --dry-run --json --reporter plain',
      '--json is --reporter json, and this is --reporter plain',
    ],
    ['sweep first hidden=8,16 --dry-run --explain', "option '--dry-run' cannot be used with option '--explain'"],
    ['sweep first hidden=8,16 --no-store --keep-checkpoints', '--keep-checkpoints has no effect where nothing is kept'],
    ['verify x.lock --data-folder .', '--data-folder is for runs and bundles'],
    ['verify x.lock --against weights', '--against is for runs and bundles'],
  ])('without an effect is refused: %s', async (words, message) => {
    const { code, out, err } = await aedsl(...words.split(' '), '--db', db);
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toContain(message);
  });

  it.each([
    ['run first --no-store --checkpoint-every 1s', '--checkpoint-every has no effect where nothing is kept'],
    ['compile first --emit ast --data digits', '--data has no effect on the ast'],
    ['compile first --emit cst hidden=8', 'values for params have no effect on the cst'],
    ['log first --json --precision 3', '--precision has no effect: JSON and CSV have all digits'],
    ['run first --backend gpu', "--backend must be simd, tensorflow or cpu, not 'gpu'"],
    ['run first --db=', '--db is empty'],
    ['run first --checkpoint-every never', "'never' is not a time between checkpoints"],
    ['run first --jobs 2', "unknown option '--jobs'"],
    ['train first', 'it is called run here: aedsl run --help'],
    ['constructor first', "unknown command 'constructor'"],
  ])('that says nothing is refused: %s', async (words, message) => {
    const { code, out, err } = await aedsl(...words.split(' '));
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toContain(message);
  });
});
