import type { ExperimentIr } from '../compiler/ir/experiment.js';
import { elementCount } from '../compiler/ir/shape.js';
import { plainArguments } from '../compiler/ir/value.js';
import { knownWord } from '../compiler/library/library.js';
import { typedArguments } from '../compiler/library/parameter.js';
import { UsageError } from '../project/usage-error.js';
import type { Words } from '../words/word.js';
import type { SaelensForm } from './weights-file.js';

/** Architectures of a training in SAELens that are another one once trained. */
const trained: Readonly<Record<string, string>> = { batchtopk: 'jumprelu' };

/** @throws UsageError for an experiment whose activation, or number of units kept, is another one */
export function requireSaelensForm({ folder, architecture, k }: SaelensForm, { encoder }: ExperimentIr, words: Words) {
  for (const layer of encoder) {
    const word = knownWord(words, 'layer', layer);
    if (word.saelens?.is !== 'activation') continue;
    const args = typedArguments(word.parameters, plainArguments(layer.arguments));
    const own = word.saelens.of({
      args,
      units: elementCount(layer.output),
      bias: null,
      weight: () => new Float32Array(1),
    });
    if (own.architecture !== (trained[architecture] ?? architecture)) {
      throw new UsageError(
        `cannot start from '${folder}': it is '${architecture}', and ${layer.word} of the experiment is '${own.architecture}'`,
        'give the experiment the activation of the folder; docs/sae.md says which is which',
      );
    }
    if (k !== null && own.k !== undefined && own.k !== k) {
      throw new UsageError(
        `cannot start from '${folder}': it keeps ${k} units, and ${layer.word} of the experiment ${own.k}`,
        `write ${layer.word}(${k}), or change k in cfg.json if its weights are to be trained with ${own.k}`,
      );
    }
    return;
  }
}
