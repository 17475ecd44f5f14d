import { basename, join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { type BackendName, backendNames } from '../../src/runtime/backend/backend.js';
import { BackendUnavailable, chooseBackend } from '../../src/runtime/backend/choose.js';
import { builtinWords } from '../../src/words/words.js';
import { describeReport, passed, type Slack } from './golden-report.js';
import { findGoldens, runGolden } from './run-goldens.js';

const folder = 'tests/goldens';

/** Cases with convolutions, or large: the plain backend needs many seconds for each. `npm run goldens` runs them there too. */
const slow = ['batchnorm-conv', 'cae', 'concat', 'defined', 'maxpool-unpool', 'residual', 'shared', 'vae'];

const all = findGoldens(folder).map((path) => basename(path));

/** What runs on which backend. */
const expected: Readonly<Record<BackendName, readonly string[]>> = {
  simd: all,
  tensorflow: all,
  cpu: all.filter((name) => !slow.includes(name)),
};

/** tensorflow's exp and log are not the C library's, and the format's description allows four times the tolerance then. */
const slacks: Readonly<Record<BackendName, Slack>> = { simd: 1, tensorflow: 4, cpu: 1 };

it('there are 47 cases and 4 tables', () => {
  expect(all).toHaveLength(51);
  expect(all).toEqual(expect.arrayContaining(slow));
});

describe.each(backendNames)('on %s', (name) => {
  let missing: string | null = null;
  let count = 0;

  beforeAll(async () => {
    try {
      await chooseBackend(name);
    } catch (error) {
      // The optional package may be missing; what the project brings itself may not.
      if (!(error instanceof BackendUnavailable) || name !== 'tensorflow') throw error;
      missing = error.message;
    }
  });

  for (const golden of expected[name])
    it(`${golden} agrees with PyTorch`, ({ skip }) => {
      if (missing !== null) return skip(`not tested: ${missing}`);
      const report = runGolden(join(folder, golden), builtinWords);
      expect(passed(report, slacks[name]), describeReport(report, slacks[name])).toBe(true);
      count++;
    });

  const least = expected[name].length;
  it(`at least ${least} cases and tables have agreed`, ({ skip }) => {
    if (missing !== null) return skip(`not tested: ${missing}`);
    expect(count).toBeGreaterThanOrEqual(least);
  });
});
