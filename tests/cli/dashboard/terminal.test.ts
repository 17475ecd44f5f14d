import { readFileSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { rolldown } from 'rolldown';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hasTmux, Terminal, TerminalServer } from './terminals.js';

const terminals = new TerminalServer();
/** Within the project, whose packages the program imports. */
const built = resolve('.aedsl', `replay-${process.pid}`);
const program = join(built, 'replay.mjs');

// Compiling several hundred files at every start took longer than a test waits for a screen on a busy machine.
beforeAll(async () => {
  if (!hasTmux) return;
  const input = { replay: resolve('tests/cli/dashboard/replay.ts') };
  const bundle = await rolldown({ input, platform: 'node', external: /^[^./]/, logLevel: 'silent' });
  await bundle.write({ dir: built, format: 'esm', entryFileNames: '[name].mjs' });
  await bundle.close();
});

/** A shell in which something was printed, and then the dashboard of a sweep that goes on for a while. */
class Shell extends Terminal {
  readonly #pidFile: string;

  constructor(name: string, columns: number, rows: number) {
    super(terminals, name, { columns, rows, command: 'env PS1=ready: sh', folder: terminals.folder });
    this.#pidFile = join(terminals.folder, name);
  }

  line(text: string): void {
    this.type(text);
    this.keys('Enter');
  }

  signal(signal: 'SIGTERM' | 'SIGUSR2' | 'SIGHUP'): void {
    process.kill(Number(readFileSync(this.#pidFile, 'utf8')), signal);
  }

  /** The shell has its prompt again, shows what is typed, and is on the normal screen with a cursor. */
  async isGivenBack(): Promise<string> {
    const screen = await this.until((text) => /ready:\s*$/.test(text));
    expect(this.flag('alternate_on')).toBe('0');
    expect(this.flag('cursor_flag')).toBe('1');
    this.line('echo $((6 * 7))');
    await this.until((text) => /^42$/m.test(text) && text.includes('ready:echo $((6'));
    return screen;
  }

  async start(): Promise<void> {
    this.line('echo what was here before');
    await this.until((screen) => screen.split('what was here before').length > 2);
    this.line(`'${process.execPath}' '${program}' 2 3 0.2 no '${this.#pidFile}'`);
    await this.shows('2 running');
  }
}

afterAll(() => {
  terminals.close();
  rmSync(built, { recursive: true, force: true });
});

describe.skipIf(!hasTmux)('in a terminal', () => {
  it('starts, filters, zooms, stops a trial, resizes, quits and gives the screen back', async () => {
    const terminal = new Shell('whole', 80, 24);
    terminal.line('seq -f scrolled-%g-away 40');
    await terminal.shows('scrolled-40-away\nready:');
    await terminal.start();
    expect(terminal.flag('alternate_on')).toBe('1');
    expect(terminal.flag('cursor_flag')).toBe('0');

    terminal.keys('/');
    terminal.type('rho<0.02');
    terminal.keys('Enter');
    // The table follows what is typed; the footer comes back with Enter.
    const filtered = await terminal.until((screen) => screen.includes('/rho<0.02 ') && screen.includes(' / filter'));
    expect(filtered).toContain('1 of 6');
    // Each frame goes where the one before it was.
    const rows = filtered.split('\n');
    expect([rows[0]?.slice(0, 6), rows[2]?.slice(0, 10), rows[3]?.slice(0, 9), rows[22]?.slice(0, 9)]).toEqual([
      ' aedsl',
      '  1 trials',
      '╭─ trials',
      ' / filter',
    ]);

    terminal.keys('z', 'z');
    await terminal.shows('zoom 4×');

    terminal.keys('j', 'x');
    await terminal.shows('stop trial 1?');
    terminal.keys('y');
    await terminal.shows('■ stopped');

    terminal.resize(132, 43);
    const resized = await terminal.shows('─ pictures of trial 1');
    expect(resized.split('\n')[2]).toContain('1 trials');
    terminal.resize(60, 16);
    await terminal.until((screen) => !screen.includes('pictures of') && screen.startsWith(' aedsl sparse'));

    terminal.resize(120, 50);
    await terminal.shows('─ pictures of trial 1');

    terminal.keys('q');
    await terminal.shows('stop the sweep?');
    terminal.keys('y');
    const restored = await terminal.isGivenBack();
    expect(restored).not.toContain('│');
    expect(restored).toContain('s3 · sparse · interrupted');
    expect(restored).toContain('what was here before');
    expect(terminal.history()).toContain('scrolled-1-away');
  });

  it('gives the screen back when it is terminated', async () => {
    const terminal = new Shell('terminated', 80, 24);
    await terminal.start();
    terminal.signal('SIGTERM');
    expect(await terminal.isGivenBack()).toContain('s3 · sparse: 2 running, 10 queued');
  });

  it('is stopped by Ctrl-Z as any job is, and is back with fg', async () => {
    const terminal = new Shell('stopped', 80, 24);
    terminal.line('set -m');
    await terminal.start();
    terminal.keys('C-z');
    await terminal.isGivenBack();
    terminal.line('jobs');
    await terminal.until((text) => /Stopped/i.test(text));
    terminal.line('fg');
    await terminal.shows('2 running');
    expect(terminal.flag('alternate_on')).toBe('1');
    expect(terminal.flag('cursor_flag')).toBe('0');
    terminal.keys('q');
    await terminal.shows('stop the sweep?');
    terminal.keys('y');
    await terminal.isGivenBack();
  });

  it('comes back at once where no shell could let it go on', async () => {
    const name = 'alone';
    const pidFile = join(terminals.folder, name);
    const command = `'${process.execPath}' '${program}' 2 3 0.2 no '${pidFile}'`;
    const terminal = new Terminal(terminals, name, { columns: 80, rows: 24, command, folder: terminals.folder });
    await terminal.shows('2 running');
    terminal.keys('C-z');
    await terminal.until((text) => !text.includes('2 running'));
    await terminal.shows('2 running');
    terminal.keys('?');
    await terminal.shows('scroll');
    process.kill(Number(readFileSync(pidFile, 'utf8')), 'SIGTERM');
  });

  it('gives the screen back before an exception that nobody catches is told', async () => {
    const terminal = new Shell('defect', 80, 24);
    await terminal.start();
    terminal.signal('SIGUSR2');
    expect(await terminal.isGivenBack()).toContain('Error: a defect');
  });

  it('gives the screen back when it cannot be drawn', async () => {
    const terminal = new Shell('undrawable', 120, 40);
    await terminal.start();
    terminal.signal('SIGHUP');
    expect(await terminal.isGivenBack()).toContain('TypeError: ');
  });
});
