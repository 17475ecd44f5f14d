import type { Definition } from '../../compiler/ir/definition.js';
import { isSchedule, type Value } from '../../compiler/ir/value.js';
import { definedActivation, definedLoss, layerOfStep } from '../../compiler/library/defined-word.js';
import type { Layer, Loss, PytorchLossPlace } from '../word.js';
import { loweredActivation, loweredLoss } from './lower.js';
import { activationInOnnx } from './onnx.js';
import { pythonCall, pythonFunction, pythonTensors } from './python.js';

// The words that experiments define, with what they compute and their forms elsewhere.

export function lossOfDefinition(definition: Definition): Loss {
  return {
    ...definedLoss(definition),
    lower: (operations) => loweredLoss(definition, operations),
    pytorch: {
      expression: (args, place) =>
        pythonCall(
          definition,
          pythonTensors(definition).map((name) => tensorText(name, args, place)),
          numbersOf(definition, args).map((value) => place.number(value)),
        ),
      definition: pythonFunction(definition),
    },
  };
}

export function activationOfDefinition(definition: Definition): Layer {
  return {
    ...definedActivation(definition),
    lower: (operations) => loweredActivation(definition, operations),
    pytorch: {
      activation: (x, args) => pythonCall(definition, [x], numbersOf(definition, args).map(String)),
      definition: pythonFunction(definition),
    },
    onnx: { output: (args, x, place) => activationInOnnx(definition, args, x, place) },
  };
}

function tensorText(name: string, args: Readonly<Record<string, Value>>, { output, input }: PytorchLossPlace): string {
  if (name === 'output') return 'y';
  if (name === 'input') return input;
  const layer = layerOfStep(name, args);
  return layer === null ? 't' : output(layer, layer.head ?? undefined);
}

/** Values of the numbers, in the order of the parameters. */
function numbersOf({ parameters }: Definition, args: Readonly<Record<string, Value>>) {
  return parameters.flatMap(({ kind, name }) => {
    const value = args[name] ?? null;
    return kind === 'number' && (typeof value === 'number' || isSchedule(value)) ? [value] : [];
  });
}
