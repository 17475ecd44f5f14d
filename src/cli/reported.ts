import type { SweepRunSettings } from '../api/training.js';
import type { Console } from './console.js';
import { sayWaiting } from './console.js';
import { aborted, interruptibleOnceBegun } from './interruption.js';
import { downloadProgress } from './reporters/progress.js';
import { openReporter } from './reporters/reporter.js';
import type { ReporterName } from './sweep-run-options.js';

/** How a sweep or run reports events and receives controls. */
type Connections = Required<
  Pick<SweepRunSettings, 'listener' | 'onControls' | 'previews' | 'onDownload' | 'onWait' | 'signal'>
>;

/** Trains under a reporter until the end, or until a signal. @param store the results database, if there is one */
export async function reported<T>(
  console: Console,
  { name, store }: { readonly name: ReporterName; readonly store: string | null },
  train: (connections: Connections, console: Console) => Promise<T>,
): Promise<T> {
  const { console: meanwhile, ...reporter } = await openReporter(console, name, store);
  try {
    return await interruptibleOnceBegun(meanwhile, async (signal, begun) => {
      // A signal that ended the process at once would leave the terminal to it.
      if (name === 'dashboard') begun();
      const done = await train(
        {
          listener: (event) => {
            begun();
            reporter.listener(event);
          },
          onControls: reporter.connect,
          previews: reporter.previews,
          onDownload: downloadProgress(meanwhile),
          onWait: sayWaiting(meanwhile),
          signal,
        },
        meanwhile,
      );
      // A user who sent a signal or closed the terminal does not wait for the final screen.
      await Promise.race([reporter.ended(), aborted(signal)]);
      return done;
    });
  } finally {
    reporter.close();
  }
}
