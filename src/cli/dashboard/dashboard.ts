import type { TrialLibrary } from '../../api/watch/trial-library.js';
import type { SweepControls, SweepListener } from '../../runtime/sweep/events.js';
import type { Console } from '../console.js';
import { DashboardSession } from './session.js';
import { probeGraphics } from './terminal/graphics.js';

export interface DashboardOptions {
  /** `watch`: read only, and the header says so. */
  readonly mode: 'sweep' | 'watch';
  readonly stdin: NodeJS.ReadStream;
  readonly stdout: NodeJS.WriteStream;
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
  readonly listener: SweepListener;
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

/** Both are terminals, and one that can place its cursor. */
export function canShowDashboard(
  stdin: { readonly isTTY?: boolean },
  stdout: { readonly isTTY?: boolean },
  env: Readonly<Record<string, string | undefined>>,
): boolean {
  return stdin.isTTY === true && stdout.isTTY === true && env.TERM !== 'dumb' && !env.CI;
}

/** How long a terminal may take to say what it can: over a slow line, a quarter of a second. */
const probePatience = 250;

/** Takes the terminal's screen until the dashboard ends. */
export async function openDashboard(options: DashboardOptions): Promise<Dashboard> {
  // Without it React checks itself in every frame, and keeps a measurement of each.
  process.env.NODE_ENV ??= 'production';
  const [{ render }, { createElement }, { App }] = await Promise.all([
    import('ink'),
    import('react'),
    import('./components/app.js'),
  ]);
  const graphics = await probeGraphics(options.stdin, options.stdout, probePatience);
  const session = new DashboardSession(options, graphics);
  session.start((source, onKey, output) => {
    const instance = render(createElement(App, { source, onKey }), {
      stdout: output,
      stdin: options.stdin,
      // Each frame as a whole, also in CI; the screen finds what changed.
      debug: true,
      exitOnCtrlC: false,
      patchConsole: false,
    });
    return () => instance.unmount();
  });
  return session;
}
