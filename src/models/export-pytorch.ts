import { writeFiles } from '../files/write-file.js';
import { isOfLoss } from '../metrics/definitions.js';
import type { LoadOptions } from '../runtime/datasets/load-named-set.js';
import { networkOf } from '../runtime/lowering/network-of-experiment.js';
import type { RunRecord } from '../runtime/store/records.js';
import { readStore } from '../runtime/store/store.js';
import { withCenters } from '../runtime/training/data-center.js';
import { examplesOf } from '../runtime/training/examples-of-data.js';
import { initialWeights } from '../runtime/training/initial-weights.js';
import { loadNamed } from '../trial/load.js';
import { type NamedRun, withNamedRun } from '../trial/run-argument.js';
import { initOf } from '../trial/weights-file.js';
import type { Words } from '../words/word.js';
import { pytorchFiles } from './pytorch/project.js';

export interface PytorchExport {
  /** The words the run was trained with. */
  readonly library: Words;
  /** Id from `aedsl ls`, `last`, or the path of a bundle. */
  readonly run: string;
  /** The results database. */
  readonly store: string;
  /** Output folder; created if missing. */
  readonly folder: string;
  /** Folder to search for the data, besides their recorded place. */
  readonly dataFolder?: string | null;
  readonly onDownload?: NonNullable<LoadOptions['onProgress']>;
}

/**
 * Exports a run as a PyTorch model with its training: `model.py`, `train.py` and the files they read.
 *
 * @returns the written paths
 * @throws StoreError, InitialWeightsError, LoadError for a run without weights, DatasetError if the data are not found,
 *   UnknownToPytorch, PartlyWrittenError, and the system's error if the folder cannot be written
 */
export function exportPytorch(options: PytorchExport): Promise<readonly string[]> {
  return withNamedRun(options.run, options.store, options.library, (named) => exportNamed(named, options));
}

async function exportNamed(named: NamedRun, options: PytorchExport): Promise<readonly string[]> {
  const { onDownload, dataFolder = null } = options;
  const { run, trial, weights } = await loadNamed(named, { dataFolder, library: options.library });
  const { recipe, compiled, library } = trial;
  const { data } = await trial.loadData(onDownload ? { onProgress: onDownload } : {});
  const network = networkOf(compiled.ir, library);
  const stored = await storedValues(run, named.store);
  const examples = examplesOf(compiled.ir, data, run.seed, library);
  const files = pytorchFiles({
    experiment: compiled.ir,
    run: { id: run.id, seed: run.seed, maxSteps: recipe.maxSteps },
    words: library,
    networkWeights: network.weights,
    initial: initialWeights(network, run.seed, undefined, withCenters(network, examples, stored.given ?? new Map())),
    trained: weights,
    losses: stored.losses,
    training: data.train,
  });
  return writeFiles(
    options.folder,
    files.map(({ name, bytes }) => ({ name, content: bytes })),
  );
}

/** Reads the losses of every step, and the weights given to the run by `--init`. */
function storedValues(run: RunRecord, path: string) {
  return readStore(path, (store) => {
    const losses = store
      .listSeries(run.id)
      .filter(({ metric }) => isOfLoss(metric))
      .map(({ stage, metric }) => ({ stage, metric, values: store.readSeries(run.id, stage, metric).values }));
    return { losses, given: initOf(store, run)?.values };
  });
}
