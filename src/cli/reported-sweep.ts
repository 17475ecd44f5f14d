import type { SweepOutcome, SweepRunSettings } from '../api/training.js';
import type { Console } from './console.js';
import type { ExitCode } from './failure.js';
import { aborted, interruptible } from './interruption.js';
import { downloadProgress } from './reporters/progress.js';
import { sweepReporter } from './reporters/sweep-reporter.js';
import { sweepExit } from './sweep-exit.js';
import type { ReporterName } from './sweep-run-options.js';
import { sayWaiting } from './waiting.js';

/** Where a sweep tells what happens, and what it is told. */
type Connections = Required<
  Pick<SweepRunSettings, 'listener' | 'onControls' | 'previews' | 'onDownload' | 'onWait' | 'signal'>
>;

/**
 * Runs a sweep under a reporter, until it has ended or a signal ends it.
 * @param name null for what fits the terminal
 * @param store the results database, where there is one
 */
export async function reportedSweep(
  console: Console,
  { name, store }: { readonly name: ReporterName | null; readonly store: string | null },
  run: (connections: Connections, console: Console) => Promise<SweepOutcome>,
): Promise<ExitCode> {
  const { console: meanwhile, ...reporter } = await sweepReporter(console, name, store);
  try {
    return await interruptible(meanwhile, async (signal) => {
      const done = await run(
        {
          listener: reporter.listener,
          onControls: reporter.connect,
          previews: reporter.previews,
          onDownload: downloadProgress(meanwhile),
          onWait: sayWaiting(meanwhile),
          signal,
        },
        meanwhile,
      );
      // Whoever ended the sweep by a signal, or closed the terminal, doesn't look at its end.
      await Promise.race([reporter.ended(), aborted(signal)]);
      return sweepExit(done);
    });
  } finally {
    reporter.close();
  }
}
