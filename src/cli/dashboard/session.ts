import { clearTimeout, setTimeout } from 'node:timers';
import { WriteStream } from 'node:tty';
import { type Instance, render } from 'ink';
import { createElement, type ReactElement } from 'react';
import type { JournalEvent, Listener, SweepControls } from '../../api/events.js';
import type { TrialLibrary } from '../../api/watch.js';
import { type Console, type Styled, shown } from '../console.js';
import { App } from './components/app.js';
import { type Theme, themeOf } from './drawing/theme.js';
import { FramePacing } from './frame-pacing.js';
import { type Input, reduce } from './state/reduce.js';
import { type DashboardState, initialState, type Request, type Size } from './state/state.js';
import { StoredTrials } from './stored-trials.js';
import { summaryText } from './summary.js';
import { captureLines } from './terminal/captured-output.js';
import type { Graphics } from './terminal/graphics.js';

/** The alternate screen, without line wrap: Ink's lines keep the width the terminal had when drawn. */
const enterScreen = '\x1b[?1049h\x1b[?7l\x1b[0m';
const clearScreen = '\x1b[2J\x1b[H';
// Cleared, with the cursor at the top: if the alternate screen has grown, tmux would leave lines above the shell's.
const leaveScreen = `\x1b[0m${clearScreen}\x1b[?7h\x1b[?25h\x1b[?1049l`;

const tickMilliseconds = 1000;
const defaultLinger = 3000;
/** Milliseconds after which a process that is still running concludes that it was not stopped. */
const stopPatience = 300;

/** A terminal's output. */
export type TerminalStream = NodeJS.WriteStream & { readonly fd: number };

export interface DashboardOptions {
  /** `watch` is read-only, and the header says so. */
  readonly mode: 'sweep' | 'watch';
  readonly stdin: NodeJS.ReadStream;
  readonly stdout: TerminalStream;
  readonly stderr?: NodeJS.WriteStream;
  /** NO_COLOR, COLORTERM, TERM. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Stored trials; null if there are none, or if `offer` brings them later. */
  readonly library: TrialLibrary | null;
  /** Called on the second request to leave. Default: SIGINT to this process. */
  readonly leaveNow?: () => void;
  /** How long the screen stays after the sweep unless a key is pressed; default 3000. */
  readonly lingerMilliseconds?: number;
  /** Age of the sweep when the dashboard opens; default 0. */
  readonly elapsedMilliseconds?: number;
  /** Milliseconds; default `performance.now`. */
  readonly clock?: () => number;
}

export interface Dashboard {
  readonly listener: Listener;
  /** Called once there is a sweep to control. */
  connect(controls: SweepControls): void;
  /** Called once stored trials can be read. */
  offer(library: TrialLibrary): void;
  /** Console to use while the dashboard has the screen. */
  readonly console: Console;
  /** Resolves when the user has left, or the sweep is done and no key was pressed; the screen is restored by then. */
  readonly ended: Promise<void>;
  /** Restores the screen and prints the summary, once. */
  close(): void;
}

/** An open dashboard: holds the state, draws it, and carries out the reducer's requests. */
export class DashboardSession implements Dashboard {
  readonly listener = (event: JournalEvent): void => this.#eventCame(event);
  readonly console: Console;
  readonly ended: Promise<void>;
  readonly #options: DashboardOptions;
  readonly #theme: Theme;
  readonly #graphics: Graphics;
  readonly #clock: () => number;
  readonly #pacing: FramePacing;
  #stored: StoredTrials | null;
  readonly #cleanUps: (() => void)[] = [];
  readonly #errors: string[] = [];
  #state: DashboardState;
  #instance: Instance | null = null;
  #controls: SweepControls | null = null;
  #resolveEnded: () => void = () => {};
  #closed = false;
  #suspended = false;

  constructor(options: DashboardOptions, graphics: Graphics) {
    const { stdout, mode } = options;
    this.#options = options;
    this.#graphics = graphics;
    this.#theme = themeOf(options.env, true);
    this.#clock = options.clock ?? (() => performance.now());
    const started = this.#clock() - (options.elapsedMilliseconds ?? 0);
    this.#state = initialState(mode, sizeOf(stdout), started);
    this.#pacing = new FramePacing({ now: () => performance.now(), after }, () => this.#draw());
    this.#stored = options.library === null ? null : new StoredTrials(options.library);
    this.console = {
      out: (text) => this.#say(text),
      err: (text) => this.#say(text),
      data: (text) => this.#say(text),
      redraw: () => {},
      unread: new AbortController().signal,
      colour: { out: false, err: false },
      interactive: false,
      columns: this.#state.size.columns,
    };
    this.ended = new Promise((resolve) => {
      this.#resolveEnded = resolve;
    });
  }

  start(): void {
    const { stdout, stdin, stderr = process.stderr } = this.#options;
    const close = () => this.close();
    stdout.write(`${enterScreen}${clearScreen}`);
    const giveBackErrors = captureLines(stderr, (line) => {
      this.#errors.push(line);
      this.#dispatch({ kind: 'said', text: line, now: this.#clock() }, false);
    });
    const resized = () => {
      this.#redraw();
      this.#dispatch({ kind: 'resize', size: sizeOf(stdout) }, true);
    };
    stdout.on('resize', resized);
    process.on('SIGTSTP', this.#suspend);
    // Restore the terminal however the process ends, even before an uncaught exception is printed.
    process.on('exit', close);
    process.on('uncaughtExceptionMonitor', close);
    const ticking = setInterval(() => this.#tick(), tickMilliseconds);
    ticking.unref();
    this.#cleanUps.push(
      () => clearInterval(ticking),
      () => stdout.off('resize', resized),
      () => process.off('SIGTSTP', this.#suspend),
      () => process.off('exit', close),
      () => process.off('uncaughtExceptionMonitor', close),
      () => this.#pacing.stop(),
      giveBackErrors,
      () => stdin.pause(),
    );
    this.#pacing.request(true);
  }

  /**
   * Suspends the job as a shell expects: with the terminal restored, and the training processes stopped too. If the
   * process is no shell's job, the system ignores the signal and the screen comes back.
   */
  readonly #suspend = (): void => {
    const { stdout } = this.#options;
    if (this.#closed || this.#suspended) return;
    this.#suspended = true;
    this.#pacing.stop();
    this.#leave();
    const goOn = () => {
      clearTimeout(ignored);
      process.off('SIGCONT', goOn);
      this.#suspended = false;
      if (this.#closed) return;
      process.on('SIGTSTP', this.#suspend);
      stdout.write(`${enterScreen}${clearScreen}`);
      this.#dispatch({ kind: 'resize', size: sizeOf(stdout) }, true);
    };
    process.on('SIGCONT', goOn);
    // Without our listener, the signal stops the process.
    process.off('SIGTSTP', this.#suspend);
    const ignored = setTimeout(goOn, stopPatience);
    process.kill(0, 'SIGTSTP');
  };

  connect(controls: SweepControls): void {
    this.#controls = controls;
    this.#dispatch({ kind: 'connected' }, false);
  }

  offer(library: TrialLibrary): void {
    this.#stored = new StoredTrials(library);
    this.#pacing.request(false);
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#leave();
    for (const cleanUp of this.#cleanUps) cleanUp();
    this.#options.stdout.write(shown(summaryText(this.#state)));
    const { stderr = process.stderr } = this.#options;
    for (const line of this.#errors) stderr.write(shown(`${line}\n`));
    this.#resolveEnded();
  }

  #eventCame(event: JournalEvent): void {
    const asked = this.#state.interrupting;
    this.#dispatch({ kind: 'event', event, now: this.#clock() }, false);
    if (event.event !== 'ended' || this.#options.mode !== 'sweep') return;
    // A user who asked to end does not wait.
    if (asked) this.close();
    else this.#linger();
  }

  /** Keeps the screen for a user who pressed a key; otherwise the command ends with the sweep. */
  #linger(): void {
    const close = () => {
      if (!this.#state.touched) this.close();
    };
    this.#cleanUps.push(after(this.#options.lingerMilliseconds ?? defaultLinger, close));
  }

  #dispatch(input: Input, soon: boolean): void {
    if (this.#closed) return;
    this.#state = reduce(this.#state, input);
    const requests = this.#state.outbox;
    if (requests.length > 0) {
      this.#state = reduce(this.#state, { kind: 'sent', count: requests.length });
      for (const request of requests) this.#fulfil(request);
    }
    if (!this.#closed && !this.#suspended) this.#pacing.request(soon);
  }

  #fulfil(request: Request): void {
    switch (request.kind) {
      case 'act':
        this.#controls?.act(request.action);
        break;
      case 'interrupt':
        this.#controls?.interrupt();
        break;
      case 'leave_now':
        this.close();
        if (this.#options.leaveNow) this.#options.leaveNow();
        else process.kill(process.pid, 'SIGINT');
        break;
      case 'quit':
        this.close();
        break;
      case 'redraw':
        this.#redraw();
        break;
    }
  }

  #tick(): void {
    const { done, ui } = this.#state;
    if (done === null || ui.message !== null) this.#dispatch({ kind: 'tick', now: this.#clock() }, false);
  }

  #draw(): void {
    for (const input of this.#stored?.wanted(this.#state, this.#clock()) ?? [])
      this.#state = reduce(this.#state, input);
    // The next frame reads the rest.
    if (this.#stored?.isBehind) this.#pacing.request(false);
    const app = createElement(App, {
      state: this.#state,
      theme: this.#theme,
      graphics: this.#graphics,
      onKey: this.#keyCame,
      onScrollLimit: this.#limitScroll,
    });
    if (this.#instance === null) {
      this.#instance = this.#mount(app);
      return;
    }
    // Ink 6 goes up from here to the first row; otherwise it would end in the second.
    this.#options.stdout.write(`\x1b[${this.#state.size.rows}H`);
    this.#instance.rerender(app);
  }

  readonly #keyCame = (key: string): void => {
    if (key === 'ctrl-z') this.#suspend();
    else this.#dispatch({ kind: 'key', key, now: this.#clock() }, true);
  };

  readonly #limitScroll = (most: number): void => this.#dispatch({ kind: 'scroll_limit', most }, true);

  #mount(app: ReactElement): Instance {
    // When a terminal becomes smaller than the last frame, Ink clears its scrollback too. A stream of our own keeps its
    // initial size.
    const instance = render(app, {
      stdout: new WriteStream(this.#options.stdout.fd),
      stdin: this.#options.stdin,
      incrementalRendering: true,
      // We pace the frames.
      maxFps: 1000,
      exitOnCtrlC: false,
      patchConsole: false,
    });
    // Ink catches what a component throws, and would leave the user with a frozen screen.
    instance.waitUntilExit().catch((error: unknown) => {
      setImmediate(() => {
        throw error;
      });
    });
    return instance;
  }

  /** Forces a full redraw: the terminal was resized, or something else wrote to it. */
  #redraw(): void {
    this.#unmount();
    this.#options.stdout.write(clearScreen);
    this.#pacing.request(true);
  }

  #unmount(): void {
    this.#instance?.unmount();
    this.#instance = null;
  }

  #leave(): void {
    this.#unmount();
    this.#options.stdin.setRawMode(false);
    this.#options.stdout.write(leaveScreen);
  }

  #say(text: string | Styled): void {
    for (const line of (typeof text === 'string' ? text : text.text).split('\n')) {
      if (line.trim() !== '') this.#dispatch({ kind: 'said', text: line, now: this.#clock() }, false);
    }
  }
}

/**
 * The drawn cells: all but the last row, where Ink leaves the cursor, and the last column, which a terminal may erase
 * when Ink clears the rest of a line.
 */
function sizeOf(stdout: { readonly columns?: number; readonly rows?: number }): Size {
  // A terminal of unknown size reports 0.
  return { columns: (stdout.columns || 80) - 1, rows: (stdout.rows || 24) - 1 };
}

function after(milliseconds: number, action: () => void): () => void {
  const timer = setTimeout(action, milliseconds);
  return () => clearTimeout(timer);
}
