import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { experimentAt, meantBy, onlyMeant } from '../../src/project/experiment-names.js';
import { onDisk, projectAround } from '../../src/project/versioned-project.js';
import { experimentText } from '../compiler/compiled.js';

const root = realpathSync(mkdtempSync(join(tmpdir(), 'aedsl-names-')));
const before = process.cwd();
const experiment = (name: string) =>
  experimentText('data digits()').replace('experiment example', `experiment ${name}`);
const write = (path: string, text: string) => {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
};

beforeAll(() => {
  mkdirSync(join(root, 'here/.git'), { recursive: true });
  write('here/experiments/two.ae', `${experiment('one')}\n${experiment('other')}`);
  write('here/experiments/deep/twin.ae', experiment('twin'));
  write('here/elsewhere/twin.ae', experiment('twin'));
  write('here/elsewhere/pair.ae', experiment('pair'));
  write('here/notes/pair.ae', experiment('pair'));
  write('here/notes/same.ae', experiment('first_same'));
  write('here/elsewhere/same.ae', experiment('second_same'));
  write('here/elsewhere/words.ae', 'define activation bent() = max(x, 0.1 * x)\n');
  write('outside.ae', experiment('outside'));
  symlinkSync(join(root, 'outside.ae'), join(root, 'here/linked.ae'));
  process.chdir(join(root, 'here'));
});
afterAll(() => {
  process.chdir(before);
  rmSync(root, { recursive: true, force: true });
});

const snapshot = () => onDisk(projectAround('.'));
const meant = (word: string) =>
  meantBy(word, [snapshot()], projectAround('.')).map(({ file, name }) => (name === null ? file : `${file}:${name}`));

/** The message of what is thrown, and its hint. */
function refusal(refused: () => unknown): readonly string[] {
  try {
    refused();
  } catch (error) {
    if (error instanceof Error && 'hint' in error)
      return [error.message, String(error.hint)].map((text) => text.replaceAll(root, ''));
    throw error;
  }
  throw new Error('it was taken');
}

describe('a word of the command line', () => {
  it('is a file, an experiment, a file without its ending, or a folder', () => {
    expect(meant('experiments/two.ae')).toEqual(['experiments/two.ae']);
    expect(meant('experiments/two.ae:other')).toEqual(['experiments/two.ae:other']);
    expect(meant('other')).toEqual(['experiments/two.ae:other']);
    expect(meant('two')).toEqual(['experiments/two.ae']);
    expect(meant('two:other')).toEqual(['experiments/two.ae:other']);
    expect(meant('experiments/two')).toEqual(['experiments/two.ae']);
    expect(meant('experiments/two:other')).toEqual(['experiments/two.ae:other']);
    expect(meant('experiments/deep/').sort()).toEqual(['experiments/deep/twin.ae']);
    // A file of definitions alone is no experiment.
    expect(meant('elsewhere').sort()).toEqual(['elsewhere/pair.ae', 'elsewhere/same.ae', 'elsewhere/twin.ae']);
  });

  it('is first looked for in experiments/', () => {
    expect(meant('twin')).toEqual(['experiments/deep/twin.ae:twin']);
  });

  it('is refused where several have the name, but for a file of the current folder', () => {
    expect(refusal(() => meant('pair'))).toEqual([
      "several files have an experiment 'pair'",
      'name one of them: elsewhere/pair.ae:pair, notes/pair.ae:pair',
    ]);
    expect(refusal(() => meant('same'))).toEqual([
      "'same' has several files",
      'name one of them: elsewhere/same.ae, notes/same.ae',
    ]);
    process.chdir('notes');
    try {
      expect(meant('pair')).toEqual(['notes/pair.ae:pair']);
      expect(onlyMeant('same', [snapshot()], projectAround('.'))).toEqual({ file: 'notes/same.ae', name: null });
    } finally {
      process.chdir('..');
    }
  });

  it('that means nothing is told with what is like it', () => {
    expect(refusal(() => meant('othr'))).toEqual([
      "there is no file and no experiment 'othr'",
      "did you mean 'other'?",
    ]);
    expect(refusal(() => meant('../outside.ae'))).toEqual([
      "'../outside.ae' is outside the project",
      'the project is /here',
    ]);
    expect(refusal(() => meant('linked.ae'))).toEqual([
      "'linked.ae' is a link to /outside.ae, which is outside the project",
      'the project is /here',
    ]);
    expect(refusal(() => meant('../nowhere.ae'))).toEqual(["there is no file '../nowhere.ae'", 'the project is /here']);
  });

  it('is one of the experiments of a file, or told what these are', () => {
    const at = (file: string, name: string | null) => experimentAt(file, name, snapshot(), projectAround('.'));
    expect(at('experiments/two.ae', null).name).toBe('one');
    expect(at('experiments/two.ae', 'other').name).toBe('other');
    expect(refusal(() => at('experiments/two.ae', 'othr'))).toEqual([
      "'experiments/two.ae' has no experiment 'othr'",
      "did you mean 'other'?",
    ]);
    expect(refusal(() => at('experiments/two.ae', 'qqqqqqq'))).toEqual([
      "'experiments/two.ae' has no experiment 'qqqqqqq'",
      'there are one, other',
    ]);
    expect(refusal(() => at('elsewhere/words.ae', null))).toEqual([
      "'elsewhere/words.ae' has no experiment",
      'name another file',
    ]);
  });

  it('that is like nothing is told with a dozen of what there is', () => {
    const listed = () => refusal(() => meant('qqqqqqqqqqqq'))[1] ?? '';
    const names = (count: number) => Array.from({ length: count }, (_, i) => experiment(`e${i}`)).join('\n');
    write('here/experiments/many.ae', names(9));
    expect(listed().split(', ')).toHaveLength(12);
    expect(listed()).toMatch(/^there are experiments\/deep\/twin\.ae, .*\.ae:other$/);
    write('here/experiments/many.ae', names(10));
    expect(listed().split(', ')).toHaveLength(13);
    expect(listed()).toMatch(/, … \(13\)$/);
  });
});
