import { type Dashboard, type DashboardOptions, DashboardSession } from './session.js';
import { probeGraphics } from './terminal/graphics.js';

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
