import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, describe, expect, it } from 'vitest';

// A real terminal: tmux draws what the dashboard writes, and types what a person would.
const hasTmux = spawnSync('tmux', ['-V']).status === 0;
if (!hasTmux) process.stderr.write('tmux is not installed: the dashboard is not driven in a real terminal\n');

const folder = mkdtempSync(join(tmpdir(), 'aedsl-tmux-'));
const loader = resolve('tests/runtime/store/typescript-loader.mjs');
const program = resolve('tests/cli/dashboard/replay.ts');
const env = { ...process.env, LC_ALL: 'C.UTF-8', TERM: 'xterm-256color', CI: '', NO_COLOR: '' };

function tmux(...args: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync('tmux', ['-S', join(folder, 'socket'), '-f', '/dev/null', ...args], {
    encoding: 'utf8',
    env,
  });
  if (status !== 0) throw new Error(`tmux ${args.join(' ')}: ${stderr}`);
  return stdout;
}

/** A shell in which something was printed, and then the dashboard of a sweep that goes on for a while. */
class Terminal {
  readonly name: string;
  readonly #pidFile: string;

  constructor(name: string, columns: number, rows: number) {
    this.name = name;
    this.#pidFile = join(folder, name);
    tmux('new-session', '-d', '-s', name, '-x', String(columns), '-y', String(rows), 'env PS1=ready: sh');
  }

  keys(...keys: readonly string[]): void {
    tmux('send-keys', '-t', this.name, ...keys);
  }

  line(text: string): void {
    tmux('send-keys', '-t', this.name, '-l', text);
    this.keys('Enter');
  }

  screen(): string {
    return tmux('capture-pane', '-p', '-t', this.name);
  }

  /** The screen, as soon as it holds; what it was like in the end when it never does. */
  async until(holds: (screen: string) => boolean): Promise<string> {
    for (let i = 0; i < 300; i++) {
      const screen = this.screen();
      if (holds(screen)) return screen;
      await pause(100);
    }
    throw new Error(`the screen never became so:\n${this.screen()}`);
  }

  shows(text: string): Promise<string> {
    return this.until((screen) => screen.includes(text));
  }

  flag(name: string): string {
    return tmux('display-message', '-p', '-t', this.name, `#{${name}}`).trim();
  }

  signal(signal: 'SIGTERM' | 'SIGUSR2'): void {
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
    this.line(`'${process.execPath}' --import '${loader}' '${program}' 2 3 0.2 no '${this.#pidFile}'`);
    await this.shows('2 running');
  }
}

afterAll(() => {
  spawnSync('tmux', ['-S', join(folder, 'socket'), 'kill-server']);
  rmSync(folder, { recursive: true, force: true });
});

describe.skipIf(!hasTmux)('in a terminal', () => {
  it('starts, filters, zooms, stops a trial, resizes, quits and gives the screen back', async () => {
    const terminal = new Terminal('whole', 80, 24);
    await terminal.start();
    expect(terminal.flag('alternate_on')).toBe('1');
    expect(terminal.flag('cursor_flag')).toBe('0');

    terminal.keys('/');
    tmux('send-keys', '-t', 'whole', '-l', 'rho<0.02');
    terminal.keys('Enter');
    await terminal.shows('1 of 6');

    terminal.keys('z', 'z');
    await terminal.shows('zoom 4×');

    terminal.keys('j', 'x');
    await terminal.shows('stop trial 1?');
    terminal.keys('y');
    await terminal.shows('■ stopped');

    tmux('resize-window', '-t', 'whole', '-x', '132', '-y', '43');
    const resized = await terminal.shows('─ pictures of trial 1');
    expect(resized.split('\n')[2]).toContain('1 trials');
    tmux('resize-window', '-t', 'whole', '-x', '60', '-y', '16');
    await terminal.until((screen) => !screen.includes('pictures of') && screen.startsWith(' aedsl sparse'));

    terminal.keys('q');
    await terminal.shows('stop the sweep?');
    terminal.keys('y');
    const restored = await terminal.isGivenBack();
    expect(restored).toContain('s3 · sparse · interrupted');
    expect(restored).toContain('what was here before');
  });

  it('gives the screen back when it is terminated', async () => {
    const terminal = new Terminal('terminated', 80, 24);
    await terminal.start();
    terminal.signal('SIGTERM');
    expect(await terminal.isGivenBack()).toContain('s3 · sparse: 2 running, 10 queued');
  });

  it('gives the screen back before an exception that nobody catches is told', async () => {
    const terminal = new Terminal('defect', 80, 24);
    await terminal.start();
    terminal.signal('SIGUSR2');
    expect(await terminal.isGivenBack()).toContain('Error: a defect');
  });
});
