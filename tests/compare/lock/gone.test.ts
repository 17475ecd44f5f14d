import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { checkLocks } from '../../../src/compare/lock/check.js';
import { goneLocks } from '../../../src/compare/lock/gone.js';
import { onDisk, projectAround } from '../../../src/project/versioned-project.js';
import { builtinWords } from '../../../src/words/words.js';
import { ScriptedHistory, smallExperiment, table } from '../diff/scripted-history.js';

const place = new ScriptedHistory();
const project = projectAround(place.folder);
const named = (name: string) => smallExperiment.replace('small', name);
/** A section of made-up results: what is gone is found by names alone. */
const section = (name: string) => `[${name}]\nseeds = 1\n`;
const problems = () => goneLocks(onDisk(project), project).map(({ problem }) => problem);

const watchedFiles = {
  'experiments/e.ae': named('e'),
  'experiments/e.ae.lock': section('e'),
  'experiments/k.ae': named('k'),
  'experiments/k.ae.lock': section('k'),
  'other/two.ae': `${named('first')}\n${named('second')}`,
  'other/two.ae.lock': `${section('first')}${section('second')}`,
};

beforeAll(() => {
  for (const [path, text] of Object.entries(watchedFiles)) place.write(path, text);
  place.write('experiments/data/table.csv', table('0.5'));
  place.commit('locked');
});
afterEach(() => {
  place.git('reset', '--quiet', '--hard', 'HEAD');
  place.git('clean', '--quiet', '--force', '-d');
});
afterAll(() => place.remove());

const isGone = (file: string) => `${file}.lock: its experiment is gone`;

describe('what a lock watches', () => {
  it('is there', () => {
    expect(problems()).toEqual([]);
  });

  it('is gone with its file: removed, renamed, in another folder', () => {
    place.git('rm', '--quiet', 'experiments/e.ae');
    expect(problems()).toEqual([isGone('experiments/e.ae')]);
    place.git('reset', '--quiet', '--hard', 'HEAD');
    place.git('mv', 'experiments/e.ae', 'experiments/f.ae');
    place.git('mv', 'experiments/k.ae', 'other/k.ae');
    rmSync(join(place.folder, 'other/two.ae'));
    expect(problems()).toEqual(['experiments/e.ae', 'experiments/k.ae', 'other/two.ae'].map(isGone));
  });

  it('is gone where its file has no experiment of that name', () => {
    place.edit('experiments/e.ae', 'experiment e', 'experiment renamed');
    place.edit('other/two.ae', 'experiment second', 'experiment third');
    expect(problems()).toEqual([
      '[e] in experiments/e.ae.lock: no experiment of that name in experiments/e.ae',
      '[second] in other/two.ae.lock: no experiment of that name in other/two.ae',
    ]);
  });

  it('is no longer watched where HEAD has a lock, or a section, that the working tree does not', () => {
    rmSync(join(place.folder, 'experiments/e.ae.lock'));
    place.git('rm', '--quiet', 'other/two.ae.lock');
    expect(problems()).toEqual(['experiments/e.ae.lock is gone', 'other/two.ae.lock is gone']);
    place.write('other/two.ae.lock', section('first'));
    expect(problems()).toEqual(['experiments/e.ae.lock is gone', '[second] is gone from other/two.ae.lock']);
  });

  it('is no longer watched where it moved and its lock did not', () => {
    place.git('mv', 'experiments/e.ae', 'experiments/f.ae');
    place.git('rm', '--quiet', 'experiments/e.ae.lock');
    expect(problems()).toEqual(['experiments/e.ae.lock is gone']);
  });

  it('may be removed or moved together with its lock', () => {
    place.git('rm', '--quiet', 'experiments/e.ae', 'experiments/e.ae.lock');
    place.git('mv', 'experiments/k.ae', 'other/moved.ae');
    place.git('mv', 'experiments/k.ae.lock', 'other/moved.ae.lock');
    expect(problems()).toEqual([]);
  });

  it('is not looked for in hidden folders, and is not gone where a sparse checkout leaves it out', () => {
    place.write('.hidden/x.ae.lock', section('x'));
    place.git('sparse-checkout', 'set', '--no-cone', '/experiments/*');
    expect(problems()).toEqual([]);
    place.git('sparse-checkout', 'disable');
  });

  it('is gone for a check, unless other experiments are named', async () => {
    const options = {
      project,
      backend: 'cpu',
      threads: null,
      listener: () => {},
      signal: new AbortController().signal,
      commandLine: ['aedsl', 'lock'],
      store: null,
      quick: true,
    } as const;
    for (const path of Object.keys(watchedFiles)) {
      if (path !== 'experiments/e.ae.lock') rmSync(join(place.folder, path));
    }
    expect(await checkLocks({ library: builtinWords, ...options, experiments: [] })).toMatchObject([
      { file: 'experiments/e.ae', title: 'e', moved: [], unchecked: null, gone: isGone('experiments/e.ae') },
    ]);
    place.write('experiments/k.ae', named('k'));
    await expect(checkLocks({ library: builtinWords, ...options, experiments: ['k'] })).rejects.toThrow(
      "'k' is not locked",
    );
  });
});
