import { activation, choice } from '../../compiler/library/parameter.js';

/** What a decoder that is made from the encoder has to be told. */
export function derivedParameters() {
  return {
    of: choice({ doc: 'The block that is undone: `encoder`.', options: ['encoder'] }),
    output: activation({ doc: 'The activation of the last layer; `linear` for none.' }),
  };
}
