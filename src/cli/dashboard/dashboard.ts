import type { Dashboard, DashboardOptions } from './session.js';
import { probeGraphics } from './terminal/graphics.js';

/** Whether both streams are terminals with cursor control; Ink draws nothing in CI. */
export function canShowDashboard(
  stdin: { readonly isTTY?: boolean },
  stdout: { readonly isTTY?: boolean },
  env: Readonly<Record<string, string | undefined>>,
): boolean {
  const isSet = (value: string | undefined) => value !== undefined && value !== '0' && value !== 'false';
  const isCi = isSet(env.CI) || isSet(env.CONTINUOUS_INTEGRATION);
  return stdin.isTTY === true && stdout.isTTY === true && env.TERM !== 'dumb' && !isCi;
}

/** How long to wait for a terminal's answer: a quarter of a second allows for a slow line. */
const probePatience = 250;

/** Takes over the screen until the dashboard ends. */
export async function openDashboard(options: DashboardOptions): Promise<Dashboard> {
  // Otherwise React checks itself in every frame, and keeps a measurement of each.
  process.env.NODE_ENV ??= 'production';
  const { DashboardSession } = await import('./session.js');
  const graphics = await probeGraphics(options.stdin, options.stdout, probePatience);
  const session = new DashboardSession(options, graphics);
  session.start();
  return session;
}
