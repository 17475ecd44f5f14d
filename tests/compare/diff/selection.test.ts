import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isWanted, readSelection } from '../../../src/compare/diff/selection.js';
import { projectAround } from '../../../src/project/versioned-project.js';
import { ScriptedHistory, smallExperiment } from './scripted-history.js';

const file = 'experiments/small.ae';
const history = new ScriptedHistory();
const project = projectAround(history.folder);
let [base, feature, head] = ['', '', ''];

beforeAll(() => {
  history.write(file, smallExperiment);
  base = history.commit('the first');
  history.git('checkout', '--quiet', '-b', 'feature');
  feature = history.commit('on the branch');
  history.git('checkout', '--quiet', 'main');
  head = history.commit('on main');
});
afterAll(() => rmSync(history.folder, { recursive: true, force: true }));

/** The two sides, as revision and commit. */
function sides(...words: readonly string[]) {
  const selection = readSelection(words, project);
  if (selection.kind !== 'revisions') return selection;
  return [selection.old, selection.new].map(({ title, commit }) => [title, commit]);
}

describe('what aedsl diff is asked to compare', () => {
  it('is the last commit and the files on disk, where nobody says', () => {
    expect(sides()).toEqual([
      ['HEAD', head],
      [expect.any(String), null],
    ]);
    expect(sides('feature')).toMatchObject([
      ['feature', feature],
      [expect.any(String), null],
    ]);
  });

  it('is two revisions, or a range, whose omitted end is HEAD', () => {
    const both = [
      ['feature', feature],
      ['main', head],
    ];
    expect(sides('feature', 'main')).toEqual(both);
    expect(sides('feature..main')).toEqual(both);
    expect(sides('feature..')).toEqual([
      ['feature', feature],
      ['HEAD', head],
    ]);
    expect(sides('..feature')).toEqual([
      ['HEAD', head],
      ['feature', feature],
    ]);
    expect(sides('feature...main')).toEqual([
      ['feature...', base],
      ['main', head],
    ]);
  });

  it('is two runs, or two sweeps, but not one of each', () => {
    expect(sides('r1', 'last')).toEqual({ kind: 'runs', old: 'r1', new: 'last' });
    expect(sides('s1', 's12')).toEqual({ kind: 'sweeps', old: 's1', new: 's12' });
    expect(() => sides('r1', 's1')).toThrow("there is no revision, run or experiment 'r1'");
    expect(() => sides('r0', 'r1')).toThrow("there is no revision, run or experiment 'r0'");
  });

  it('is of some experiments, by name or file', () => {
    const wanted = (...words: readonly string[]) => {
      const selection = readSelection(words, project);
      return selection.kind === 'revisions' ? selection.only : [];
    };
    const path = join(history.folder, file);
    const own = { file, name: 'small' };
    expect(wanted('small')).toEqual([{ word: 'small', file: null, name: 'small' }]);
    expect(wanted('main', 'feature', `${path}:small`)).toEqual([{ word: `${path}:small`, ...own }]);
    expect(wanted(path)).toEqual([{ word: path, file, name: null }]);
    expect(() => wanted(join(history.folder, 'gone.ae'))).toThrow('neither HEAD nor working tree has');
    expect(wanted('small').some((only) => isWanted(own, [only]))).toBe(true);
    expect(isWanted(own, [])).toBe(true);
    for (const only of [
      { word: 'other', file: null, name: 'other' },
      { word: 'other.ae', file: 'other.ae', name: null },
      { word: 'other.ae:small', file: 'other.ae', name: 'small' },
    ])
      expect(isWanted(own, [only]), only.word).toBe(false);
  });

  it('names what there is in the place of what is not there', () => {
    const path = join(history.folder, file);
    const cases: readonly (readonly [words: readonly string[], message: string, hint: string])[] = [
      [[`${path}:smal`], `neither HEAD nor working tree has '${path}:smal'`, 'there are small'],
      [['main', 'feature', `${path}:smal`], `neither main nor feature has '${path}:smal'`, 'there are small'],
      [['featur'], "there is no revision, run or experiment 'featur'", "did you mean 'feature'?"],
      [['qqqqqq~9'], "there is no revision 'qqqqqq~9'", 'write it as git does: main, HEAD~3, v1.0, a1b2c3d'],
      [['featur..main'], "there is no revision 'featur'", "did you mean 'feature'?"],
    ];
    for (const [words, message, hint] of cases) {
      let thrown: unknown;
      try {
        readSelection(words, project);
      } catch (error) {
        thrown = error;
      }
      expect(thrown, words.join(' ')).toMatchObject({ message, hint: expect.stringContaining(hint) });
    }
  });

  it('needs a commit, and git', () => {
    const empty = new ScriptedHistory();
    const bare = realpathSync(mkdtempSync(join(tmpdir(), 'aedsl-no-git-')));
    try {
      const without = projectAround(empty.folder);
      expect(() => readSelection([], without)).toThrow('there is no commit yet to compare with');
      expect(() => readSelection(['HEAD'], without)).toThrow('there is no commit yet');
      expect(() => readSelection(['small'], without)).toThrow("there is no revision 'small'");
      expect(() => readSelection([], projectAround(bare))).toThrow('this folder is not in a git repository');
    } finally {
      rmSync(empty.folder, { recursive: true, force: true });
      rmSync(bare, { recursive: true, force: true });
    }
  });
});
