import type { LayerNode } from '../../compiler/ir/experiment.js';
import { open } from '../../compiler/ir/interval.js';
import { elementCount } from '../../compiler/ir/shape.js';
import { plainArguments } from '../../compiler/ir/value.js';
import { integer, real } from '../../compiler/library/parameter.js';
import { type Problem, problem, type ResamplingContext } from '../../compiler/library/word.js';
import { countDead, idleSteps, stepsUntilDead } from '../layer/count_dead.js';
import { dense } from '../layer/dense.js';
import { flatten } from '../layer/flatten.js';
import { preBias } from '../layer/pre_bias.js';
import { reshape } from '../layer/reshape.js';
import { isLinearDecoder } from '../loss/linear-decoder.js';
import { call, literal } from '../python.js';
import type { Resampling } from '../word.js';

const parameters = {
  every: integer({
    peers: ['resample_steps', 'feature_sampling_window', 'resample_interval'],
    doc: 'Steps between two resamplings: 25,000 in the paper.',
    unit: 'steps',
  }),
  until: integer({
    doc: 'The last step before which units start anew: 100,000 in the paper. Without it they do until the training ends.',
    unit: 'steps',
    default: null,
  }),
  examples: integer({
    peers: ['resample_dataset_size', 'n_resample_inputs'],
    doc: 'Training examples that new directions are chosen from: 819,200 in the paper, the batch in dictionary_learning.',
    unit: 'examples',
    default: 8192,
  }),
  scale: real({
    peers: ['feature_reinit_scale', 'encoder_scale'],
    doc: 'Norm of a new row of the encoder, in mean norms of the rows of living units.',
    default: 0.2,
    range: open(0, Number.POSITIVE_INFINITY),
  }),
};

export const deadUnits: Resampling<typeof parameters> = {
  family: 'resampling',
  name: 'dead_units',
  peers: ['resample_neurons', 'resample_dead_neurons', 'anthropic', 'ghost_grads'],
  version: 1,
  doc:
    'Before steps `every`, 2 `every`, …, counted from 0, the units that are dead by `count_dead` start anew: each takes an example ' +
    'of those that are rebuilt worst, with probabilities in proportion to the square of its squared error, and no example twice. With v what ' +
    'the encoder’s `dense` is given of it, the decoder’s column becomes `v / ‖v‖`, the encoder’s row the same times `scale` and the mean norm of ' +
    'living rows, the bias 0, and a threshold of `jump_relu` what it started from. What the optimizer has averaged of these numbers is ' +
    'forgotten, and the units count as just active. The encoder is a `dense` of the input, or of it minus `pre_bias`, with an activation, ' +
    'and ends in `count_dead`; the decoder is one `dense`.',
  source: 'Bricken et al., Towards monosemanticity, 2023, appendix “Neuron resampling”',
  parameters,
  example: `encoder { dense(64, activation=relu)  code: count_dead(steps=4) }
  decoder { dense(input.size) }
  loss mse() + 0.01 * l1()
  train adam(lr=0.001) { epochs = 2  batch = 32  resample = dead_units(every=5) }`,
  mistake: {
    text: `encoder { code: dense(64, activation=relu) }  decoder { dense(input.size) }
  train adam() { epochs = 1  resample = dead_units(every=5) }`,
    code: 'AE533',
  },
  oracle: 'test:tests/runtime/training/resampling.test.ts',
  check: ({ every, until }, context) => [...misplaced(context), ...neverDue(every, until, context.steps)],
  isDue: ({ every, until }, step) => step > 0 && step % every === 0 && (until === null || step <= until),
  counters: idleSteps,
  plan: ({ examples, scale }, code) => ({ examples, scale, deadAfter: stepsUntilDead(code) }),
  pytorch: {
    statement: ({ every, until, examples, scale }, { stream, counters, encoder, decoder, model, between }) =>
      call(
        'resample_dead_units',
        ['model', 'optimizer', 'step', 'time', counters, encoder, decoder, `lambda x: ${model('x')}`],
        {
          between: `[${between.map(({ parameter, start }) => `(${parameter}, ${literal(start)})`).join(', ')}]`,
          streams: `(${stream('examples')}, ${stream('choice')})`,
          every: literal(every),
          until: literal(until),
          most: literal(examples),
          scale: literal(scale),
        },
      ),
    definition: `
@torch.no_grad()
def resample_dead_units(
    model, optimizer, step, time, counters, encoder, decoder, rebuild, between, streams, every, until, most, scale
):
    """Lets dead units start anew from examples that are rebuilt badly (Bricken et al. 2023)."""
    if step == 0 or step % every > 0 or (until is not None and step > until):
        return
    units = (counters.idle >= counters.steps).nonzero().flatten()
    living = (counters.idle < counters.steps) if len(units) < len(counters.idle) else counters.idle >= 0
    norm = scale * encoder.weight[living].norm(dim=1).mean()
    count = len(EXAMPLES)
    drawn = range(count) if count <= most else dict.fromkeys(integers(streams[0], step, most, count).tolist())
    candidates = np.array(list(drawn))
    given = []
    hook = encoder.register_forward_pre_hook(lambda _, args: given.append(args[0].flatten(1)))
    model.eval()
    errors = []
    for part in np.array_split(candidates, -(-len(candidates) // 500)):
        x = batch_of(part, step, time)[1]
        errors.append((rebuild(x) - x).double().square().flatten(1).sum(1))
    model.train()
    hook.remove()
    errors, given = torch.cat(errors), torch.cat(given)
    errors[given.norm(dim=1) == 0] = 0
    u = torch.from_numpy(uniform(streams[1], step, (len(candidates),))).double() + 2**-25
    times = torch.where(errors > 0, -u.log() / (errors / errors.max()).square(), torch.inf)
    order = times.sort(stable=True).indices[: min(len(units), int((errors > 0).sum()))]
    units, v = units[: len(order)], F.normalize(given[order], dim=1)
    encoder.weight[units] = norm * v
    decoder.weight[:, units] = v.t()
    counters.idle[units] = 0
    starts = [(encoder.bias, 0.0)] if encoder.bias is not None else []
    for parameter, start in starts + between:
        parameter[units] = start
        for slot in optimizer.state[parameter].values():
            if slot.shape == parameter.shape:
                slot[units] = 0
    for parameter, place in ((encoder.weight, units), (decoder.weight, (slice(None), units))):
        for slot in optimizer.state[parameter].values():
            if slot.shape == parameter.shape:
                slot[place] = 0`,
  },
};

function neverDue(every: number, until: number | null, steps: number): readonly Problem[] {
  const last = Math.min(until ?? Number.POSITIVE_INFINITY, steps - 1);
  if (every <= last) return [];
  const end = until !== null && until < every ? `'until' is ${until}` : `the training has ${steps} steps`;
  return [
    problem('AE533', `no unit ever starts anew: 'every' is ${every}, and ${end}`, {
      argument: 'every',
      severity: 'warning',
      hint: 'take a smaller every, or leave resample out',
    }),
  ];
}

/** What stands in the way of new directions: layers that they can't be written into. */
function misplaced({ encoder, decoder, hasTarget, isActivation }: ResamplingContext): readonly Problem[] {
  const [code, ...below] = encoder.toReversed();
  if (code?.word !== countDead.name) {
    return [
      misfit(
        `the encoder ends in ${code?.word ?? 'nothing'}, which counts no dead units`,
        'end the encoder in: code: count_dead(steps=1000)',
      ),
    ];
  }
  if (hasTarget) return [misfit('an example is no direction of another target', 'leave out resample, or use auxk')];
  const at = below.findIndex((layer) => !isActivation(layer));
  const matrix = below[at];
  const form = 'write: encoder { pre_bias()  dense(64, activation=relu)  code: count_dead(steps=1000) }';
  if (at < 1 || matrix?.word !== dense.name || isHeld(matrix)) {
    return [
      misfit(
        `below count_dead is ${matrix === undefined || at < 1 ? 'no activation of a dense layer' : described(matrix)}`,
        form,
      ),
    ];
  }
  const beyond = below.slice(at + 1).find(({ word }) => !around.includes(word));
  if (beyond !== undefined)
    return [misfit(`below the units is ${beyond.word}, so that an example is none of their directions`, form)];
  const end = decoder.find(({ word }) => word === dense.name);
  if (
    !isLinearDecoder(decoder.map(({ word }) => word)) ||
    end === undefined ||
    isHeld(end) ||
    elementCount(end.output) !== elementCount(matrix.input)
  ) {
    return [
      misfit(
        `the decoder is ${decoder.map((layer) => (layer === end ? described(layer) : layer.word)).join(', ')}`,
        'write: decoder { dense(input.size) }',
      ),
    ];
  }
  return [];
}

/** Layers below the matrix that leave an example what it is, but for a bias. */
const around: readonly string[] = [preBias.name, flatten.name, reshape.name];

/** Whether a layer's weights may not start anew: those of another layer, or frozen ones. */
function isHeld({ arguments: args, weights }: LayerNode): boolean {
  return plainArguments(args).frozen === true || weights.some(({ tiedTo }) => tiedTo !== null);
}

function described(layer: LayerNode): string {
  return isHeld(layer) ? `a ${layer.word} that is frozen or shares its weights` : layer.word;
}

function misfit(found: string, hint: string): Problem {
  return problem('AE533', `dead units can't start anew here: ${found}`, { hint });
}
