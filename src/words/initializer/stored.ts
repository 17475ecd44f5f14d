import { text } from '../../compiler/library/parameter.js';
import type { InitializerWord } from '../../compiler/library/word.js';

const parameters = {
  run: text({
    doc:
      'A complete run: its id, the beginning of its identity, or an experiment, whose latest complete run is meant; or a file ' +
      'of the project, a bundle (`"first.tgz"`) or weights (`"first.safetensors"`).',
    elsewhere: true,
  }),
  layer: text({
    doc: 'The layer’s label there (`h`, `z.mu`), or its place (`"encoder.0"`), which is all that a file of weights knows.',
    elsewhere: true,
  }),
};

export const stored: InitializerWord<typeof parameters> = {
  family: 'initializer',
  name: 'stored',
  peers: ['pretrained', 'load_state_dict'],
  version: 1,
  doc:
    'What a layer of a stored run came to: `W` and `b` start as they ended there, and with `frozen=true` they stay so, ' +
    'which is transfer learning. The layer there must be of the same kind and have weights of the same shapes. A trial’s ' +
    'identity has the hash of the weights in place of the run’s name, and a run keeps a copy of them: `rerun`, `resume` and ' +
    'bundles need nothing else. Ids such as `r12` are known in one database alone; an identity or a file is the same everywhere.',
  parameters,
  example: 'encoder { h: dense(64, activation=relu, init=stored("r12", h), frozen=true)  code: dense(16) }',
  mistake: { text: 'encoder { code: dense(16, init=stored("r12")) }', code: 'AE302' },
  oracle: 'test:tests/trial/stored-starts.test.ts',
  stored: { run: 'run', layer: 'layer' },
  initial: ({ run, layer }) => ({ kind: 'of_run', run, layer }),
  initialBias: ({ run, layer }) => ({ kind: 'of_run', run, layer }),
};
