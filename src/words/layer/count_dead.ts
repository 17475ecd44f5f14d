import { elementCount } from '../../compiler/ir/shape.js';
import type { Value } from '../../compiler/ir/value.js';
import { integer } from '../../compiler/library/parameter.js';
import { ok, type WeightDeclaration } from '../../compiler/library/word.js';
import { call, literal } from '../python.js';
import type { Layer } from '../word.js';
import { frozen } from './weights.js';

const parameters = {
  steps: integer({
    peers: ['dead_feature_window', 'dead_feature_threshold', 'dead_steps_threshold', 'after', 'window'],
    doc: 'Training steps without activity after which a unit counts as dead: 1000 in SAELens.',
    unit: 'steps',
  }),
  frozen: frozen(),
};

/** Steps since each unit was last active. */
export const idleSteps = 'idle';

export const countDead: Layer<typeof parameters> = {
  family: 'layer',
  name: 'count_dead',
  peers: ['dead_units', 'dead_neurons', 'dead_features', 'dead_counters'],
  version: 1,
  doc:
    'Passes its input on, and counts for each unit the training steps since it was last other than 0 for any example of a batch. The ' +
    'counters (`idle`) are not learned; they are in checkpoints and hashes. What is dead by them is for `auxk`. A layer of its own, after the activation of the code.',
  source: 'Gao et al., Scaling and evaluating sparse autoencoders, 2024, section 2.4',
  parameters,
  example: `encoder { dense(64, activation=topk(8))  code: count_dead(steps=1000) }
  decoder { dense(input.size) }
  loss mse() + 0.03125 * auxk(k=32)`,
  mistake: { text: 'encoder { dense(64, activation=topk(8))  code: count_dead() }', code: 'AE302' },
  oracle: 'golden:auxk',
  activation: false,
  heads: [],
  random: false,
  flattensInput: true,
  memory: { forward: 2, backward: 0 },
  shape: (_args, input) => ok([elementCount(input)]),
  weights(_args, input) {
    const declared: Record<string, WeightDeclaration> = {
      [idleSteps]: { shape: [elementCount(input)], trainable: false, initial: { kind: 'constant', value: 0 } },
    };
    return declared;
  },
  range: (_args, input) => input,
  opposite: () => ok(null),
  lower: ({ abs, add, greater, max, weightOf, where, zerosLike }) => ({
    forward({ frozen }, input, context) {
      if (!context.training || frozen) return input;
      const idle = weightOf(context, idleSteps);
      const isActive = greater(max(abs(input), 0), 0);
      context.update(idleSteps, where(isActive, zerosLike(idle), add(idle, 1)));
      return input;
    },
  }),
  onnx: { output: (_args, x) => x },
  saelens: { is: 'identity' },
  pytorch: {
    code: ({ steps, frozen }, { output: [features = 1], module }) =>
      module(call('CountDead', [literal(features), literal(steps)]), frozen ? 'evaluation' : 'either'),
    definition: `
class CountDead(nn.Module):
    """Counts the training steps since each unit was last active; \`dead\` is of the steps before the last one."""

    def __init__(self, features, steps):
        super().__init__()
        self.steps = steps
        self.register_buffer("idle", torch.zeros(features))

    def forward(self, x):
        self.dead = self.idle >= self.steps
        if self.training:
            self.idle.copy_(torch.where((x != 0).any(0), 0, self.idle + 1))
        return x`,
  },
};

/** @throws RangeError for the arguments of another layer */
export function stepsUntilDead({ steps }: Readonly<Record<string, Value>>): number {
  if (typeof steps !== 'number') throw new RangeError('only count_dead says after how many steps a unit is dead');
  return steps;
}
