import { UsageError } from '../../project/usage-error.js';

/** A word without a PyTorch form: a plug-in's. */
export class UnknownToPytorch extends UsageError {
  constructor(family: string, word: string) {
    super(
      `the export to PyTorch does not know the ${family} '${word}'`,
      'it knows the words that come with the package; export --as safetensors has the weights of any model',
    );
  }
}
