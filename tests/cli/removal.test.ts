import { existsSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openStore } from '../../src/runtime/store/store.js';
import { lines, program, type Workplace, workplace } from './command.js';
import { hasTmux, Terminal, TerminalServer } from './dashboard/terminals.js';

const experiment = `experiment little {
  param rate = 0.01 where 0 < rate < 1
  data digits(take=120, validation=40, test=40) { center_crop(10) }
  encoder { code: dense(4, activation=sigmoid) }
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

const result = (...args: readonly string[]) => {
  const { stdout } = place.aedsl(...args, '--json');
  return lines(stdout).at(-1) ?? {};
};

/** How the trial of a run ended. */
const trialOf = (...args: readonly string[]) => {
  const { stdout } = place.aedsl('run', ...args, '--json');
  return lines(stdout).findLast(({ event }) => event === 'trial_state') ?? {};
};

test('a run that is deleted is trained again, to the same bits and under a new id', async () => {
  const first = trialOf('little.ae');
  expect(first).toMatchObject({ runId: 'r1', state: 'complete', weightsSha256: expect.any(String) });
  // Its first trial is that run.
  const sweep = place.aedsl('sweep', 'little.ae', '--seeds', '2', '--jobs', '1');
  expect([sweep.status, sweep.stderr]).toEqual([0, expect.any(String)]);

  const needed = place.aedsl('rm', 'r1', '--yes');
  expect([needed.status, needed.stderr]).toEqual([2, expect.stringMatching(/trial 0 of s1[\s\S]*aedsl rm s1/)]);
  const unknown = place.aedsl('rm', 's1', 'r99', '--yes');
  expect([unknown.status, unknown.stderr]).toEqual([2, expect.stringContaining('id "r99"; nothing was deleted')]);
  const unasked = place.aedsl('rm', 's1', 'r1');
  expect([unasked.status, unasked.stderr]).toEqual([2, expect.stringContaining('--yes')]);
  const shown = place.aedsl('rm', 's1', 'r1', '--dry-run');
  expect([shown.status, shown.stdout]).toEqual([
    0,
    expect.stringMatching(/^to delete: s1, r1–r2 \(1 sweep, 2 runs; [\d.]+ KiB of files/),
  ]);
  const planned = result('rm', 's1', 'r1', '--dry-run');
  expect(planned).toMatchObject({
    event: 'removed',
    dryRun: true,
    runs: ['r1', 'r2'],
    sweeps: ['s1'],
    kept: [],
    left: null,
  });
  expect(place.aedsl('ls', '--runs').stdout).toMatch(/r2[\s\S]*r1/);

  // Of submitted sweeps: this one, one that was removed before, and a link.
  const submitted = join(place.folder, 'results.db.slurm');
  const elsewhere = join(place.folder, 'elsewhere');
  for (const folder of [join(submitted, 's1/trials/0'), join(submitted, 's7/logs'), elsewhere]) {
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'file'), 'x');
  }
  symlinkSync(elsewhere, join(submitted, 's8'));

  // Somebody else who writes the same database keeps the files.
  const path = join(place.folder, 'results.db');
  const other = await openStore(path, { mode: 'write', command: 'aedsl run other.ae' });
  const beside = place.aedsl('rm', 's1', '--yes');
  expect([beside.status, beside.stdout]).toEqual([0, expect.stringContaining('deleted: s1, r2')]);
  expect(readdirSync(submitted).sort()).toEqual(['s7', 's8']);
  expect(beside.stderr).toMatch(/files of weights and pictures are left: .*aedsl run other\.ae[\s\S]*aedsl gc/);
  const locked = place.aedsl('gc');
  expect([locked.status, locked.stderr]).toEqual([4, expect.stringContaining('aedsl run other.ae')]);
  other.close();
  const garbage = result('gc', '--dry-run');
  expect(garbage).toMatchObject({ event: 'collected', dryRun: true, files: expect.any(Number) });
  expect(result('gc')).toMatchObject({
    dryRun: false,
    files: garbage.files,
    bytes: garbage.bytes,
    notShrunk: null,
  });
  expect([readdirSync(submitted), readdirSync(elsewhere)]).toEqual([['s8'], ['file']]);
  expect(place.aedsl('gc').stdout).toMatch(/^deleted: 0 files, 0 bytes; the database is /);

  expect(place.aedsl('show', 'r1').stdout).toContain('little');
  const removed = result('rm', 'r1', '--yes');
  expect(removed).toMatchObject({ event: 'removed', dryRun: false, runs: ['r1'], left: null });
  expect(removed.bytes).toBeGreaterThan(0);
  expect([place.aedsl('ls').stdout, place.aedsl('ls', '--runs').stdout]).toEqual(['no runs yet\n', 'no runs yet\n']);
  expect(place.aedsl('show', 'last').status).toBe(2);

  const again = trialOf('little.ae');
  expect(again).toMatchObject({ runId: 'r3', state: 'complete', weightsSha256: first.weightsSha256 });
  expect(place.aedsl('watch', '--once').stdout).toContain('r3');
  expect(place.aedsl('verify', 'r3').status).toBe(0);

  const nothing = place.aedsl('gc', '--db', 'none.db');
  expect([nothing.status, existsSync(join(place.folder, 'none.db'))]).toEqual([4, false]);
});

test.skipIf(!hasTmux)(
  'on a terminal nothing but a yes deletes',
  async () => {
    expect(result('run', 'little.ae', '--force')).toMatchObject({ status: 'complete' });
    const terminals = new TerminalServer();
    try {
      const command = `"${process.execPath}" "${program}" rm r4; echo "ended with $?"; sleep 60`;
      const answers = [
        ['n', 'nothing was deleted, as it was not confirmed', 2],
        ['C-c', 'nothing was deleted', 130],
        ['C-d', 'nothing was deleted, as it was not confirmed', 2],
        ['y', 'deleted: r4', 0],
      ] as const;
      for (const [answer, said, status] of answers) {
        const options = { columns: 100, rows: 20, command, folder: place.folder };
        const terminal = new Terminal(terminals, `rm-${answer}`, options);
        await terminal.until((screen) => screen.includes('delete this? [y/N]'));
        terminal.keys(answer, ...(answer.length === 1 ? ['Enter'] : []));
        const screen = await terminal.until((text) => text.includes('ended with'));
        expect(screen).toContain(said);
        expect(screen).toContain(`ended with ${status}`);
        expect(screen).not.toContain('step');
      }
    } finally {
      terminals.close();
    }
    expect(place.aedsl('ls').stdout).not.toContain('r4');
  },
  60_000,
);
