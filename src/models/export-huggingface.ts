import type { Source } from '../compiler/syntax/source.js';
import { quoted } from '../files/quoted.js';
import { recordedIn } from '../project/recorded-place.js';
import { UsageError } from '../project/usage-error.js';
import { isStatistic } from '../runtime/datasets/fit.js';
import { encodeSafetensors } from '../runtime/formats/safetensors.js';
import { networkOf } from '../runtime/lowering/network-of-experiment.js';
import { installedVersion } from '../runtime/provenance/installed-package.js';
import { readStore } from '../runtime/store/store.js';
import { bundleRun } from '../trial/bundle/bundle.js';
import { loadNamed } from '../trial/load.js';
import { withNamedRun } from '../trial/run-argument.js';
import type { Words } from '../words/word.js';
import { provenance } from './export-onnx.js';
import { modelCard } from './huggingface/card.js';
import { modelFile } from './pytorch/model-file.js';
import { tensorNames } from './pytorch/names.js';

export interface HuggingFaceExport {
  /** Those that the run was trained with. */
  readonly library: Words;
  /** Id from `aedsl ls`, `last`, or the path of a bundle. */
  readonly run: string;
  /** The results database. */
  readonly store: string;
  /** An identifier of the Hub's, such as `apache-2.0`. */
  readonly license: string;
}

const bundle = 'run.tgz';

/**
 * A run as a Hugging Face Hub repository: a card, the weights, the model in PyTorch, the experiment, and a bundle.
 * Sends nothing anywhere.
 * @throws UsageError for an invalid licence; StoreError, LoadError for a run without weights, UnknownToPytorch,
 *   VerifyError
 */
export function huggingFaceFiles(
  options: HuggingFaceExport,
): Promise<readonly { readonly name: string; readonly content: Uint8Array | string }[]> {
  const { library, license } = options;
  if (!/^[a-z0-9][a-z0-9.+-]{0,60}$/i.test(license)) {
    throw new UsageError(
      `${quoted(license)} is no licence`,
      'give an identifier of the Hub, such as apache-2.0, mit or cc-by-4.0',
    );
  }
  return withNamedRun(options.run, options.store, library, async (named) => {
    const { run, trial, weights } = await loadNamed(named, { library });
    const { recipe, compiled } = trial;
    const { metrics, bundled } = await readStore(named.store, (store) => ({
      metrics: store.readFinal(run.id),
      bundled: bundleRun(store, run.id, recordedIn(named.container)),
    }));
    const sources = besideCard(recipe.sources);
    const properties = provenance(run);
    const names = tensorNames(compiled.ir);
    const tensors = networkOf(compiled.ir, trial.library).weights.map(({ key, shape }) => {
      const values = weights.get(key);
      if (!values) throw new RangeError(`the run has no weight '${key}'`);
      return { name: names.get(key) ?? key, shape, values };
    });
    const statistics = [...weights].filter(([key]) => isStatistic(key));
    const card = modelCard({
      experiment: compiled.ir,
      run,
      recipe,
      metrics: metrics,
      license,
      version: installedVersion(),
      sources,
      bundle,
      words: trial.library,
    });
    return [
      { name: 'README.md', content: card },
      { name: 'config.json', content: `${JSON.stringify({ model_type: 'aedsl', ...properties }, null, 2)}\n` },
      { name: 'model.safetensors', content: encodeSafetensors(tensors, { format: 'pt', ...properties }) },
      { name: 'model.py', content: modelFile(compiled.ir, trial.library, weights) },
      ...(statistics.length === 0
        ? []
        : [
            {
              name: 'statistics.safetensors',
              content: encodeSafetensors(
                statistics.map(([key, values]) => ({
                  name: key.replaceAll('/', '.'),
                  shape: [values.length],
                  values,
                })),
              ),
            },
          ]),
      ...sources.map(({ path, text }) => ({ name: path, content: text })),
      { name: bundle, content: bundled },
    ];
  });
}

/**
 * The texts of an experiment as files of one folder. Parents in other folders are only in the bundle, which has all of
 * them.
 */
function besideCard([own, ...parents]: readonly Source[]): readonly Source[] {
  if (!own) throw new RangeError('a recipe needs the text of its experiment');
  const name = own.path.split(/[\\/]/).at(-1) ?? '';
  const first = { path: isPlain(name) ? name : 'experiment.ae', text: own.text };
  return [first, ...parents.filter(({ path }) => isPlain(path) && path !== first.path)];
}

function isPlain(name: string): boolean {
  return /^\w[\w.-]{0,99}\.ae$/.test(name);
}
