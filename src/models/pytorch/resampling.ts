import type { ExperimentIr, LayerNode } from '../../compiler/ir/experiment.js';
import { plainArguments, type WordValue } from '../../compiler/ir/value.js';
import { knownWord } from '../../compiler/library/library.js';
import { weightKey } from '../../runtime/lowering/network.js';
import type { PytorchResamplingPlace, Words } from '../../words/word.js';
import { attributeOf, tensorNames } from './names.js';
import type { StreamNames } from './stream-names.js';
import { UnknownToPytorch } from './unsupported.js';

/**
 * The statement that lets units start anew before an update; null if none does.
 * @param model what the model gives for an expression
 * @throws UnknownToPytorch
 */
export function resampleStatement(
  resample: WordValue | null,
  experiment: ExperimentIr,
  words: Words,
  streams: StreamNames,
  model: PytorchResamplingPlace['model'],
): string | null {
  if (resample === null) return null;
  const { pytorch } = knownWord(words, 'resampling', resample.word);
  const isOtherwise = experiment.loss.some(
    ({ loss }) => knownWord(words, 'loss', loss).pytorch?.predicts !== undefined,
  );
  if (!pytorch || isOtherwise) throw new UnknownToPytorch('resampling', resample.word);
  const { encoder, decoder } = experiment;
  const names = tensorNames(experiment);
  const matrix = encoder.findLastIndex(hasMatrix);
  return pytorch.statement(plainArguments(resample.arguments), {
    stream: (purpose) => streams.of('resample', purpose),
    counters: moduleOf('encoder', encoder.at(-1)),
    encoder: moduleOf('encoder', encoder[matrix]),
    decoder: moduleOf('decoder', decoder.findLast(hasMatrix)),
    model,
    between: encoder.slice(matrix + 1).flatMap(({ address, weights }) =>
      weights.flatMap(({ name, trainable, initial }) => {
        const parameter = address === null ? undefined : names.get(weightKey(address, name));
        if (!trainable || parameter === undefined || initial.kind !== 'constant') return [];
        return [{ parameter: `model.${parameter}`, start: initial.value }];
      }),
    ),
  });
}

function hasMatrix({ weights }: LayerNode): boolean {
  return weights.some(({ name }) => name === 'weight');
}

function moduleOf(block: 'encoder' | 'decoder', layer: LayerNode | undefined): string {
  if (layer === undefined) throw new RangeError(`the ${block} has no layer whose units start anew`);
  return `model.${block}.${attributeOf(layer)}`;
}

/** The Python functions that such statements call. */
export function resamplingDefinitions({ byFamily }: Words): readonly (readonly string[])[] {
  return byFamily.resampling.flatMap(({ pytorch }) =>
    pytorch === null ? [] : [pytorch.definition.trim().split('\n')],
  );
}
