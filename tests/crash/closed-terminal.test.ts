import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { lines, program, type Workplace, workplace } from '../cli/command.js';
import { hasTmux, Terminal, TerminalServer } from '../cli/dashboard/terminals.js';
import { bringHeldWords, heldWords, open, shut } from './held-training.js';
import { sweepRows } from './sweep-rows.js';

/** Held while the terminal is looked at and closed. */
const experiment = `experiment watched {
  param rate = 0.01
  data digits(take=300, validation=100, test=100) { center_crop(16) }
  encoder { code: dense(24, activation=sigmoid) }
  decoder tied(encoder, output=sigmoid)
  loss mse()
  train adam(lr=held(rate)) { epochs = 12  batch = 10 }
  show { filters(code) }
}
`;
const sweep = ['sweep', 'watched.ae', 'rate=0.002,0.01', ...heldWords];

const terminals = new TerminalServer();
const places: Workplace[] = [];
afterAll(() => {
  terminals.close();
  for (const { leave } of places) leave();
});

function place(): Workplace {
  const made = workplace();
  places.push(made);
  writeFileSync(join(made.folder, 'watched.ae'), experiment);
  bringHeldWords(made.folder);
  return made;
}

/** Whether the process goes away within a while. */
async function hasGone(pid: number): Promise<boolean> {
  for (let i = 0; i < 1200; i++) {
    try {
      process.kill(pid, 0);
    } catch {
      return true;
    }
    await pause(25);
  }
  return false;
}

describe.skipIf(!hasTmux)('a terminal that is closed while its dashboard is open', () => {
  let expected: readonly string[];
  beforeAll(() => {
    const straight = place();
    expect(straight.aedsl(...sweep, '--reporter', 'silent').status).toBe(0);
    expected = sweepRows(join(straight.folder, 'results.db'));
  }, 120_000);

  it.each(['nobody has touched', 'someone uses'])(
    'ends a sweep that %s as an interruption does',
    async (who) => {
      const closed = place();
      shut(closed.folder);
      const command = ['exec', process.execPath, program, ...sweep].map((word, i) => (i === 0 ? word : `'${word}'`));
      const name = who.replaceAll(' ', '-');
      const terminal = new Terminal(terminals, name, {
        columns: 100,
        rows: 30,
        command: command.join(' '),
        folder: closed.folder,
      });
      await terminal.until((screen) => /running/.test(screen) && /[⠀-⣿]/.test(screen));
      if (who === 'someone uses') terminal.keys('j');
      const pid = Number(terminal.flag('pane_pid'));
      terminal.closeWindow();
      expect(await hasGone(pid)).toBe(true);
      expect(lines(closed.aedsl('ls', '--json').stdout)[0]).toMatchObject({ status: 'interrupted' });
      open(closed.folder);
      expect(closed.aedsl('resume', '--reporter', 'silent', ...heldWords).status).toBe(0);
      expect(sweepRows(join(closed.folder, 'results.db'))).toEqual(expected);
    },
    120_000,
  );
});
