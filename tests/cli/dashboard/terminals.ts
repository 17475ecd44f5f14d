import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

// A real terminal: tmux draws what the dashboard writes, and types what a person would.
export const hasTmux = spawnSync('tmux', ['-V']).status === 0;
if (!hasTmux) process.stderr.write('tmux is not installed: the dashboard is not driven in a real terminal\n');

const env: NodeJS.ProcessEnv = { ...process.env, LC_ALL: 'C.UTF-8', TERM: 'xterm-256color', NO_COLOR: '' };
delete env.CI;

/** A tmux of one's own, with a folder for what belongs to it. */
export class TerminalServer {
  readonly folder = mkdtempSync(join(tmpdir(), 'aedsl-tmux-'));

  tmux(...args: readonly string[]): string {
    const { status, stdout, stderr } = spawnSync('tmux', ['-S', this.#socket, '-f', '/dev/null', ...args], {
      encoding: 'utf8',
      env,
    });
    if (status !== 0) throw new Error(`tmux ${args.join(' ')}: ${stderr}`);
    return stdout;
  }

  close(): void {
    spawnSync('tmux', ['-S', this.#socket, 'kill-server']);
    rmSync(this.folder, { recursive: true, force: true });
  }

  get #socket(): string {
    return join(this.folder, 'socket');
  }
}

export interface TerminalOptions {
  readonly columns: number;
  readonly rows: number;
  readonly command: string;
  /** In which the command runs. */
  readonly folder: string;
}

/** A terminal in which a command runs. */
export class Terminal {
  readonly name: string;
  readonly #server: TerminalServer;

  constructor(server: TerminalServer, name: string, { columns, rows, command, folder }: TerminalOptions) {
    this.#server = server;
    this.name = name;
    const size = ['-x', String(columns), '-y', String(rows)];
    server.tmux('new-session', '-d', '-s', name, ...size, '-c', folder, command);
  }

  keys(...keys: readonly string[]): void {
    this.#server.tmux('send-keys', '-t', this.name, ...keys);
  }

  type(text: string): void {
    this.#server.tmux('send-keys', '-t', this.name, '-l', text);
  }

  resize(columns: number, rows: number): void {
    this.#server.tmux('resize-window', '-t', this.name, '-x', String(columns), '-y', String(rows));
  }

  screen(): string {
    return this.#server.tmux('capture-pane', '-p', '-t', this.name);
  }

  /** The screen with all that was scrolled away. */
  history(): string {
    return this.#server.tmux('capture-pane', '-p', '-S', '-', '-t', this.name);
  }

  /** The screen, as soon as it holds; what it was like in the end when it does not within three quarters of a minute. */
  async until(holds: (screen: string) => boolean): Promise<string> {
    const end = performance.now() + 45_000;
    do {
      const screen = this.screen();
      if (holds(screen)) return screen;
      await pause(25);
    } while (performance.now() < end);
    throw new Error(`the screen never became so:\n${this.screen()}`);
  }

  shows(text: string): Promise<string> {
    return this.until((screen) => screen.includes(text));
  }

  flag(name: string): string {
    return this.#server.tmux('display-message', '-p', '-t', this.name, `#{${name}}`).trim();
  }

  /** As when a person closes its window: what runs in it is told, and has no terminal any more. */
  closeWindow(): void {
    this.#server.tmux('kill-window', '-t', this.name);
  }
}
