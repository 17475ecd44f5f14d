import { spawnSync } from 'node:child_process';
import { statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { program, type Workplace, workplace } from '../cli/command.js';
import { killedSweep } from './killed-sweep.js';
import { resumptions, sweepRows } from './sweep-rows.js';

let straight: Workplace;
let killed: Workplace;
beforeAll(() => {
  straight = workplace();
  killed = workplace();
  for (const { folder } of [straight, killed]) writeFileSync(join(folder, 'crash.ae'), experiment);
});
afterAll(() => {
  for (const place of [straight, killed, ...shorterPlaces]) place.leave();
});

/** Pretrained, corrupted and pruned: everything that has a state. */
const experiment = `experiment crash {
  param rate = 0.01
  data digits(take=600, validation=100, test=100) { center_crop(16) }
  corrupt masking(0.2)
  encoder { code: dense(24, activation=sigmoid) }
  decoder tied(encoder, output=sigmoid)
  pretrain rbm(on=[code], lr=0.1) { epochs = 12  batch = 20 }
  loss mse()
  train adam(lr=rate) { epochs = 24  batch = 10  keep = best }
  show { filters(code)  loss_curves() }
}
`;
const sweep = [
  'crash.ae',
  'rate=0.002,0.01,0.05',
  '--seeds',
  '2',
  '--metric',
  'validation.loss',
  '--prune',
  'halving:reduction=2:from=6',
];

/** As much of everything in fewer steps: each limit takes two sweeps. */
const shorterSweep = sweep.map((word) => word.replace(',0.01,', ',').replace('from=6', 'from=3'));
const shorterPlaces: Workplace[] = [];
function shorterPlace(): Workplace {
  const place = workplace();
  shorterPlaces.push(place);
  const shorter = experiment.replace('epochs = 12', 'epochs = 4').replace('epochs = 24', 'epochs = 6');
  writeFileSync(join(place.folder, 'crash.ae'), shorter);
  return place;
}

/** Numbers that differ from run to run of the test: the instants of the kills are to be any. */
const { random } = Math;

test('a sweep that is killed fifteen times has the rows and the hashes of one that is not', {
  timeout: 900_000,
}, async () => {
  expect(straight.aedsl('sweep', ...sweep, '--reporter', 'silent').status).toBe(0);
  const { folder } = killed;
  const settings = ['--checkpoint-every', '0.05s'];
  const { kills, status } = await killedSweep({ program, folder, sweep, settings, kills: 15, longest: 400, random });
  expect(status).toBe(0);
  const database = join(folder, 'results.db');
  expect(sweepRows(database)).toEqual(sweepRows(join(straight.folder, 'results.db')));
  // On a fast machine it may be over before the last kills.
  expect(kills).toBeGreaterThan(3);
  expect(resumptions(database).fromCheckpoints).toBeGreaterThan(0);
});

/** The shell's limit on the size of a file makes every write beyond it fail, as a full disk does. */
test('whichever write fails first, what was committed stays and the sweep can be gone on with', {
  timeout: 900_000,
}, () => {
  const whole = shorterPlace();
  expect(whole.aedsl('sweep', ...shorterSweep, '--reporter', 'silent').status).toBe(0);
  const database = join(whole.folder, 'results.db');
  const expected = sweepRows(database);
  const size = statSync(database).size / 1024;
  for (const kilobytes of [16, ...[0.3, 0.45, 0.65, 0.9].map((part) => Math.round(part * size))]) {
    const place = shorterPlace();
    const command = [process.execPath, program, 'sweep', ...shorterSweep, '--reporter', 'silent'].map(
      (word) => `'${word}'`,
    );
    // Blocks are of 512 bytes in some shells and of 1,024 in others; bash counts in 1,024.
    const limited = spawnSync('bash', ['-c', `trap '' XFSZ; ulimit -f ${kilobytes}; ${command.join(' ')}`], {
      cwd: place.folder,
      encoding: 'utf8',
    });
    expect([0, 4]).toContain(limited.status);
    if (limited.status === 4) expect(limited.stderr).toMatch(/full|failed/);
    const begun = place.aedsl('resume', 's1', '--reporter', 'silent');
    // Where not even the sweep itself could be written, there is nothing to go on with.
    const again = begun.status === 0 ? begun : place.aedsl('sweep', ...shorterSweep, '--reporter', 'silent');
    expect(again.status).toBe(0);
    expect(sweepRows(join(place.folder, 'results.db'))).toEqual(expected);
  }
});
