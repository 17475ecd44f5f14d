import type { Definition } from '../../compiler/ir/definition.js';
import { definedActivation, definedLoss } from '../../compiler/library/defined-word.js';
import type { Layer, Loss } from '../word.js';
import { loweredActivation, loweredLoss } from './lower.js';

// The words that experiments define, with what they compute.

export function lossOfDefinition(definition: Definition): Loss {
  return {
    ...definedLoss(definition),
    lower: (operations) => loweredLoss(definition, operations),
    pytorch: null,
  };
}

export function activationOfDefinition(definition: Definition): Layer {
  return {
    ...definedActivation(definition),
    lower: (operations) => loweredActivation(definition, operations),
    pytorch: null,
    onnx: null,
  };
}
