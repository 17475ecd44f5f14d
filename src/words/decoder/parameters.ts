import { activation, choice } from '../../compiler/library/parameter.js';

/** Parameters of a decoder derived from the encoder. */
export function derivedParameters() {
  return {
    of: choice({ doc: 'The block that is undone: `encoder`.', options: ['encoder'] }),
    output: activation({ doc: 'The activation of the last layer; `linear` for none.' }),
  };
}
