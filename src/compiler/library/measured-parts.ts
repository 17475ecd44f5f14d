import type { WordValue } from '../ir/value.js';
import { knownWord, type Library } from './library.js';
import { choice } from './parameter.js';

/** The part of the data on which a measure is taken. */
export type MeasuredPart = 'test' | 'validation';

/** The argument of every measure that names its part. */
export function partParameter() {
  return choice({
    doc:
      'The part that is measured: the `test` part once, with the kept weights, or the `validation` part whenever it is ' +
      'evaluated, so that `stop` and sweeps can go by it.',
    options: ['test', 'validation'],
    default: 'test',
    peers: ['on_part', 'split', 'subset'],
  });
}

export function partMeasured({ arguments: given }: Pick<WordValue, 'arguments'>): MeasuredPart {
  return given.part?.value === 'validation' ? 'validation' : 'test';
}

/** A measure with the name of its metrics. */
export interface NamedMeasure {
  readonly name: string;
  readonly evaluation: WordValue;
}

/** The measures of a part, named by their words, with `_2` for the second of a kind. */
export function measuresOf(evaluations: readonly WordValue[], part: MeasuredPart): readonly NamedMeasure[] {
  const seen = new Map<string, number>();
  return evaluations
    .filter((evaluation) => partMeasured(evaluation) === part)
    .map((evaluation) => {
      const { word } = evaluation;
      const ordinal = (seen.get(word) ?? 0) + 1;
      seen.set(word, ordinal);
      return { name: ordinal === 1 ? word : `${word}_${ordinal}`, evaluation };
    });
}

/** The metrics that measures of the validation part record, without its name: `knn`, `anomaly.auroc`. */
export function validationMeasures(evaluations: readonly WordValue[], library: Library): readonly string[] {
  return measuresOf(evaluations, 'validation').flatMap(({ name, evaluation }) =>
    Object.keys(knownWord(library, 'evaluation', evaluation.word).metrics).map((what) =>
      what === '' ? name : `${name}.${what}`,
    ),
  );
}
