import type { SweepRunSettings } from '../api/training.js';
import type { Console } from './console.js';
import { sayWaiting } from './console.js';
import { aborted, interruptible } from './interruption.js';
import { downloadProgress } from './reporters/progress.js';
import { openReporter } from './reporters/reporter.js';
import type { ReporterName } from './sweep-run-options.js';

/** Where a sweep or a run tells what happens, and what it is told. */
type Connections = Required<
  Pick<SweepRunSettings, 'listener' | 'onControls' | 'previews' | 'onDownload' | 'onWait' | 'signal'>
>;

/**
 * Trains under a reporter, until it has ended or a signal ends it.
 * @param store the results database, where there is one
 */
export async function reported<T>(
  console: Console,
  { name, store }: { readonly name: ReporterName; readonly store: string | null },
  train: (connections: Connections, console: Console) => Promise<T>,
): Promise<T> {
  const { console: meanwhile, ...reporter } = await openReporter(console, name, store);
  try {
    return await interruptible(meanwhile, async (signal) => {
      const done = await train(
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
      // Whoever ended it by a signal, or closed the terminal, doesn't look at its end.
      await Promise.race([reporter.ended(), aborted(signal)]);
      return done;
    });
  } finally {
    reporter.close();
  }
}
