import type { Store } from '../../runtime/store/store.js';
import type { TableSubject } from '../table-subject.js';
import { mlflowFiles } from './mlflow.js';
import { tensorboardFiles } from './tensorboard.js';
import { type TrackerFile, trackedRuns } from './tracked-runs.js';
import { wandbFiles } from './wandb.js';

export type TrackerFormat = 'tensorboard' | 'mlflow' | 'wandb-offline';

/**
 * A sweep or a run as the files of another tracker of experiments, one at a time.
 * @param folder that the files will be in, absolute
 */
export function trackerFiles(
  store: Store,
  subject: TableSubject,
  format: TrackerFormat,
  folder: string,
): Iterable<TrackerFile> {
  const title = subject.kind === 'run' ? subject.run.experiment : `${subject.sweep.name} (${subject.sweep.id})`;
  const runs = trackedRuns(store, subject);
  switch (format) {
    case 'tensorboard':
      return tensorboardFiles(runs, title);
    case 'mlflow':
      return mlflowFiles(runs, title, folder);
    case 'wandb-offline':
      return wandbFiles(runs, title);
  }
}
