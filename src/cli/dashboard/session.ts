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

/** The alternate screen, without wrapping lines: Ink's are as wide as the terminal was when it drew them. */
const enterScreen = '\x1b[?1049h\x1b[?7l\x1b[0m';
const clearScreen = '\x1b[2J\x1b[H';
// Blank, with the cursor at its top: of an alternate screen that has grown since, tmux would leave lines above the shell's.
const leaveScreen = `\x1b[0m${clearScreen}\x1b[?7h\x1b[?25h\x1b[?1049l`;

const tickMilliseconds = 1000;
const defaultLinger = 3000;
/** Milliseconds after which a process that asked to be stopped and still runs knows that it was not. */
const stopPatience = 300;

/** A terminal's output. */
export type TerminalStream = NodeJS.WriteStream & { readonly fd: number };

export interface DashboardOptions {
  /** `watch`: read only, and the header says so. */
  readonly mode: 'sweep' | 'watch';
  readonly stdin: NodeJS.ReadStream;
  readonly stdout: TerminalStream;
  readonly stderr?: NodeJS.WriteStream;
  /** NO_COLOR, COLORTERM, TERM. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** What is stored of trials; null where nothing is, or where it comes with `offer`. */
  readonly library: TrialLibrary | null;
  /** When a person asks a second time to leave. Default: SIGINT to this process. */
  readonly leaveNow?: () => void;
  /** How long the screen stays after the sweep is done unless a key is pressed; default 3000. */
  readonly lingerMilliseconds?: number;
  /** How long the sweep has been going on when the dashboard is opened; default 0. */
  readonly elapsedMilliseconds?: number;
  /** Milliseconds; default `performance.now`. */
  readonly clock?: () => number;
}

export interface Dashboard {
  readonly listener: Listener;
  /** As soon as there is a sweep that can be controlled. */
  connect(controls: SweepControls): void;
  /** What is stored of trials, as soon as it can be read. */
  offer(library: TrialLibrary): void;
  /** Where a command prints while the screen is taken. */
  readonly console: Console;
  /** The person has left, or the sweep was done and nobody touched a key: the screen is given back. */
  readonly ended: Promise<void>;
  /** Gives the screen back and leaves the summary; nothing when that was done already. */
  close(): void;
}

/** A dashboard that has the screen: it holds the state, draws it, and does what the reducer asks for. */
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
    // Whatever ends the process, the terminal is given back first: before an uncaught exception is printed, too.
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
   * Stops the job as a shell expects it: with the terminal as it was, and the processes that train stopped as well. Where
   * nobody could let it go on (it is not a shell's job), the system ignores the signal, and the screen comes back at once.
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
    // With our listener gone, the signal stops the process.
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
    // Who asked for the end doesn't wait for it.
    if (asked) this.close();
    else this.#linger();
  }

  /** Someone who reads the screen keeps it; for all others the command ends when the sweep does. */
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
    // What could not be read now is for the next frame.
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
    // From where Ink 6 goes up to the first row; by itself it would come to the second.
    this.#options.stdout.write(`\x1b[${this.#state.size.rows}H`);
    this.#instance.rerender(app);
  }

  readonly #keyCame = (key: string): void => {
    if (key === 'ctrl-z') this.#suspend();
    else this.#dispatch({ kind: 'key', key, now: this.#clock() }, true);
  };

  readonly #limitScroll = (most: number): void => this.#dispatch({ kind: 'scroll_limit', most }, true);

  #mount(app: ReactElement): Instance {
    // Ink clears a terminal that has become smaller than its last frame together with all that the shell has scrolled away. A
    // stream of its own keeps the size that it was opened with.
    const instance = render(app, {
      stdout: new WriteStream(this.#options.stdout.fd),
      stdin: this.#options.stdin,
      incrementalRendering: true,
      // The pacing of the frames is ours.
      maxFps: 1000,
      exitOnCtrlC: false,
      patchConsole: false,
    });
    // Ink catches what a component throws, and would leave the person before a screen that stands still.
    instance.waitUntilExit().catch((error: unknown) => {
      setImmediate(() => {
        throw error;
      });
    });
    return instance;
  }

  /** The next frame is drawn as a whole: the terminal has another size, or something else wrote on it. */
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
 * The cells that are drawn: all but the last row, in which Ink leaves the cursor, and the last column, since a terminal may
 * take what stands there away when Ink clears the rest of a line that has none.
 */
function sizeOf(stdout: { readonly columns?: number; readonly rows?: number }): Size {
  // A terminal that doesn't know its size says 0.
  return { columns: (stdout.columns || 80) - 1, rows: (stdout.rows || 24) - 1 };
}

function after(milliseconds: number, action: () => void): () => void {
  const timer = setTimeout(action, milliseconds);
  return () => clearTimeout(timer);
}
