import type { ExperimentIr, TrainStage } from '../ir/experiment.js';
import { stageLength } from '../ir/stage-length.js';
import { isWordValue, plainArguments } from '../ir/value.js';
import { knownWord, type Library } from '../library/library.js';
import type { TrainStatement } from '../syntax/ast.js';
import type { ArgumentChecker } from './arguments.js';

/** Checks that the units which `train` lets start anew are of a network in which they can. */
export function checkResampling(
  statement: TrainStatement,
  stage: TrainStage,
  { encoder, decoder, data, target }: Pick<ExperimentIr, 'encoder' | 'decoder' | 'data' | 'target'>,
  library: Library,
  checker: ArgumentChecker,
): void {
  const { resample } = plainArguments(stage.settings);
  if (resample === undefined || !isWordValue(resample)) return;
  const problems = knownWord(library, 'resampling', resample.word).check(plainArguments(resample.arguments), {
    encoder,
    decoder,
    hasTarget: target !== null,
    steps: stageLength(stage, data.train).steps,
    isActivation(layer) {
      const { activation, activates } = knownWord(library, 'layer', layer);
      return activation || activates === true;
    },
  });
  const span = statement.settings.find(({ name }) => name.name === 'resample')?.span ?? statement.span;
  checker.report(problems, { span, places: new Map() });
}
