import { expect, test } from 'vitest';
import type { Console } from '../../src/cli/console.js';
import { downloadProgress, progressReporter } from '../../src/cli/reporters/progress.js';
import { plainSweepReporter } from '../../src/cli/reporters/sweep-plain.js';
import type { Evaluating } from '../../src/runtime/events.js';
import { following, inTheMiddle, press, screenOf } from './dashboard/screens.js';
import { recordedConsole } from './recorded-console.js';

const knn = (share: number): Evaluating & { readonly trial: number } => ({
  trial: 0,
  event: 'evaluating',
  names: ['knn'],
  done: 2,
  of: 3,
  share,
});
const pass: Evaluating & { readonly trial: number } = {
  trial: 0,
  event: 'evaluating',
  names: ['psnr', 'ssim'],
  done: 0,
  of: 3,
  share: 0,
};

test('a terminal shows which evaluation is made and how far it is', () => {
  const lines: string[] = [];
  const { console, err } = recordedConsole();
  const terminal: Console = { ...console, interactive: true, redraw: (text) => lines.push(text) };
  const listener = progressReporter(terminal, () => 0);
  for (const event of [pass, knn(0), knn(0.429)]) listener(event);
  listener({ event: 'evaluating', trial: 0, names: ['pca'], done: 0, of: 1, share: 0.5 });
  expect(lines).toEqual([
    'evaluating psnr, ssim, 1 to 2 of 3: 0 %',
    'evaluating knn, 3 of 3: 0 %',
    'evaluating knn, 3 of 3: 42 %',
    'evaluating pca: 50 %',
  ]);
  expect(err()).toBe('');
});

test('a log has a line a minute of a long evaluation, and none of a short one', () => {
  const { console, out, err } = recordedConsole();
  let now = 0;
  const listener = progressReporter(console, () => now);
  listener(pass);
  for (let second = 1; second <= 130; second++) {
    now = second * 1000;
    listener(knn(second / 200));
  }
  expect(err()).toBe('evaluating knn, 3 of 3: 30 %\nevaluating knn, 3 of 3: 60 %\n');
  expect(out()).toBe('');
});

test('a download is a line that is redrawn, and one that stays once it is whole', () => {
  const lines: string[] = [];
  const { console, out, err } = recordedConsole();
  const progress = downloadProgress({ ...console, interactive: true, redraw: (text) => lines.push(text) });
  progress({ file: 'train.gz', received: 2.5e6, total: 10e6 });
  expect(err()).toBe('');
  progress({ file: 'train.gz', received: 10e6, total: 10e6 });
  expect(lines).toEqual(['train.gz: 2.5 ━━━───────── of 10.0 MB', 'train.gz: 10.0 ━━━━━━━━━━━━ of 10.0 MB', '']);
  expect([out(), err()]).toEqual(['', 'train.gz: 10.0 MB downloaded\n']);
});

test('a sweep in a pipe says once a minute what a trial evaluates', () => {
  const { console, err } = recordedConsole();
  let now = 0;
  const listener = plainSweepReporter(console, () => now);
  const about = { trial: 0, runId: 'r1', reason: null, weightsSha256: null, metrics: null };
  listener({ event: 'trial_state', state: 'running', ...about });
  for (const second of [1, 59, 61, 62]) {
    now = second * 1000;
    listener({ ...knn(second / 100), trial: 0 });
  }
  expect(err().split('\n').slice(1)).toEqual(['0  seed=0  evaluating knn, 3 of 3: 61 %', '']);
});

test('the dashboard shows it of a trial', () => {
  const running = press(inTheMiddle({ columns: 120, rows: 40 }), 'j', 'j', 'j', 'j', '3');
  const trial = running.trials[4];
  const done = running.trials.map((one) => (one === trial ? { ...one, stepsDone: 1e9 } : one));
  const shown = (state: typeof running) => screenOf(state).join('\n');
  const evaluating = following({ ...running, trials: done }, { ...knn(0.429), trial: 4 });
  expect(shown(evaluating)).toContain('evaluating knn, 3 of 3: 42 %');
  expect(shown(running)).not.toContain('evaluating');
});
