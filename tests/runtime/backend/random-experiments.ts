import fc from 'fast-check';

interface DrawnLayer {
  readonly kind: number;
  /** How it stands among the others: most follow the one before. */
  readonly joint: 'none' | 'residual' | 'repeat' | 'shared' | 'add' | 'concat';
  readonly size: number;
  readonly kernel: readonly [number, number];
  readonly stride: readonly [number, number];
  readonly padding: readonly [number, number];
  readonly activation: string;
}

interface Drawn {
  readonly side: number;
  readonly transform: string;
  readonly corruption: string;
  readonly condition: string;
  readonly encoder: readonly DrawnLayer[];
  readonly code: string;
  readonly target: boolean;
  readonly decoder: 'tied' | 'mirror' | readonly DrawnLayer[];
  readonly loss: string;
  readonly reduction: string;
  readonly penalty: number;
  readonly pretraining: string;
  readonly optimizer: string;
  readonly batch: number;
}

type Image = readonly [channels: number, height: number, width: number];

/** A layer's text, and the shape after it; `null` for a row of features. */
interface Placed {
  readonly text: string;
  readonly shape: Image | null;
}

/** A layer that a later one may take the output of. */
interface Labelled {
  readonly label: string;
  readonly shape: Image | null;
}

const activations = [
  'linear',
  'relu',
  'leaky_relu(slope=0.2)',
  'elu',
  'elu(alpha=0.6)',
  'selu',
  'gelu',
  'gelu(approximate=tanh)',
  'softplus',
  'sigmoid',
  'tanh',
  'silu',
  'softmax',
  'topk(1)',
  'abs_topk(1)',
];

const optimizers = [
  'sgd(lr=0.05)',
  'sgd(lr=0.05, momentum=0.9, nesterov=true, weight_decay=0.01)',
  'adam(lr=0.01)',
  'adam(lr=cosine(0.01), weight_decay=0.001)',
  'adamw(lr=warmup(0.01, 1), weight_decay=0.1)',
  'rmsprop(lr=0.003)',
  'rmsprop(lr=0.003, momentum=0.5, weight_decay=0.001)',
];

const several = [
  '{ gaussian(0.1) salt(0.2) }',
  '{ salt(0.2) pepper(0.1) masking(0.3) }',
  '{ gaussian(0.2) masking(0.1) masking(0.2) }',
];

function drawnLayer(): fc.Arbitrary<DrawnLayer> {
  const pair = (min: number, max: number) => fc.tuple(fc.integer({ min, max }), fc.integer({ min, max }));
  return fc.record({
    kind: fc.nat(9),
    joint: fc.constantFrom('none', 'none', 'none', 'residual', 'repeat', 'shared', 'add', 'concat'),
    size: fc.integer({ min: 1, max: 9 }),
    kernel: pair(1, 3),
    stride: pair(1, 2),
    padding: pair(0, 1),
    activation: fc.constantFrom(...activations),
  });
}

/**
 * Experiments in the language, drawn at random: graphs of its words of every kind that train for a few steps on a few
 * small images. A layer is drawn as a handful of numbers, which are read as a layer that fits the shape so far; so a
 * smaller draw is a simpler experiment.
 */
export const randomExperiment: fc.Arbitrary<string> = fc
  .record({
    side: fc.integer({ min: 4, max: 8 }),
    transform: fc.constantFrom('', '', 'normalize(mean=0.2, std=0.4)', 'standardize()', 'binarize()', 'scale(-1, 1)'),
    corruption: fc.constantFrom('', '', 'masking(0.3)', 'salt(0.2)', 'pepper(0.2)', 'gaussian(0.1)', ...several),
    condition: fc.constantFrom('', '', 'encoder', 'decoder', 'encoder decoder', 'encoder decoder embedding'),
    encoder: fc.array(drawnLayer(), { maxLength: 4, size: 'max' }),
    code: fc.constantFrom('sigmoid', 'linear', 'tanh', 'relu', 'reparameterize'),
    target: fc.nat(2).map((n) => n === 0),
    decoder: fc.oneof(
      fc.constant('tied'),
      fc.constant('mirror'),
      fc.array(drawnLayer(), { maxLength: 3, size: 'max' }),
    ),
    loss: fc.constantFrom('mse', 'mse', 'mae', 'huber(delta=0.3)', 'bce', 'bce_with_logits', 'gaussian_nll'),
    reduction: fc.constantFrom('mean', 'sum', 'batchmean'),
    penalty: fc.nat(3),
    pretraining: fc.constantFrom('', '', 'rbm', 'autoencoder'),
    optimizer: fc.constantFrom(...optimizers),
    batch: fc.integer({ min: 1, max: 9 }),
  })
  .map(statementsOf);

function statementsOf(drawn: Drawn): string {
  const pixels =
    drawn.batch % 3 === 0 ? `center_crop(${drawn.side - 2}) pad(1, mode=reflect)` : `center_crop(${drawn.side})`;
  const lines = [`data digits(take=24, test=5) { ${pixels} ${drawn.transform} }`];
  if (drawn.target) lines.push(`target digits() { resize(${targetSide(drawn)}) ${drawn.transform} }`);
  if (drawn.corruption !== '') lines.push(`corrupt ${drawn.corruption}`);
  const bounded = drawn.transform === '' || drawn.transform === 'binarize()';
  // A cross entropy wants data within [0, 1].
  const inferred = typeof drawn.decoder === 'string';
  const isPossible = drawn.loss === 'gaussian_nll' ? !inferred : bounded || !drawn.loss.startsWith('bce');
  const loss = isPossible ? drawn.loss : 'mse';
  const output = loss === 'bce' || (loss === 'mse' && bounded) ? 'sigmoid' : 'linear';
  const layers = inferred ? drawn.encoder.filter(isInvertible).map(withoutOverlap) : drawn.encoder;
  const plain = inferred && drawn.pretraining !== '';
  // What an RBM trains are dense layers of sigmoid units, none of them frozen.
  const encoder = plain
    ? layers.map(
        (layer): DrawnLayer => ({
          ...layer,
          kind: 0,
          size: layer.size === 5 ? 6 : layer.size,
          joint: 'none',
          activation: 'sigmoid',
        }),
      )
    : layers;
  const isEmbedded = drawn.condition.includes('embedding');
  const condition = isEmbedded ? 'condition(label, embedding=2)' : 'condition(label)';
  const conditionOf = (block: string) => (!inferred && drawn.condition.includes(block) ? [condition] : []);
  const image: Image = [1, drawn.side, drawn.side];
  const joined: Image = [conditionOf('encoder').length === 0 ? 1 : isEmbedded ? 3 : 11, drawn.side, drawn.side];
  const seen: Labelled[] = [{ label: 'input', shape: image }];
  const hidden = layersFrom(joined, encoder, 'h', seen, !inferred);
  lines.push(`encoder { ${[...conditionOf('encoder'), ...hidden, codeText(drawn.code, inferred)].join(' ')} }`);
  const logvar = drawn.batch % 2 === 0 ? 'learned(init=-1)' : 'dense(target.size, activation=tanh)';
  const end =
    loss === 'gaussian_nll'
      ? `gaussian_head { mu: dense(target.size) logvar: ${logvar} }`
      : `dense(target.size, activation=${output})`;
  lines.push(decoderText(drawn.decoder, output, end, seen, conditionOf('decoder')));
  if (plain && encoder.length > 0) {
    const on = `on=[${encoder.map((_, i) => `h${i}`).join(', ')}]`;
    const method =
      drawn.pretraining === 'rbm' ? `rbm(${on}, lr=0.05, k=2)` : `autoencoder(${on}, corrupt=masking(0.2))`;
    lines.push(`pretrain ${method} { epochs = 1  batch = ${drawn.batch} }`);
  }
  lines.push(`loss ${lossText(drawn, loss, inferred)}`);
  const clip = drawn.penalty === 1 ? ' clip = norm(0.5)' : drawn.penalty === 2 ? ' clip = value(0.05)' : '';
  lines.push(`train ${drawn.optimizer} { epochs = 2  batch = ${drawn.batch}${clip} }`);
  return lines.join('\n  ');
}

/** A derived decoder gives the size of the input. */
function targetSide({ side, decoder }: Drawn): number {
  return typeof decoder === 'string' ? side : side + 2;
}

/** Whether a decoder can be made of the layer's opposite, on images and on features. */
function isInvertible({ kind }: DrawnLayer): boolean {
  return [0, 1, 4, 5, 6].includes(kind);
}

/** A pool that can be undone: its windows lie side by side. */
function withoutOverlap(layer: DrawnLayer): DrawnLayer {
  return layer.kind === 4 || layer.kind === 5 ? { ...layer, stride: layer.kernel, padding: [0, 0] } : layer;
}

function codeText(code: string, inferred: boolean): string {
  if (code === 'reparameterize') {
    return inferred
      ? 'code: dense(3)'
      : 'z: reparameterize { mu: repeat(2) { dense(3, activation=tanh) dropout(0.1) } logvar: dense(3) }';
  }
  return `code: dense(3, activation=${code})`;
}

function decoderText(
  decoder: Drawn['decoder'],
  output: string,
  end: string,
  seen: Labelled[],
  condition: readonly string[],
): string {
  if (typeof decoder === 'string') return `decoder ${decoder}(encoder, output=${output})`;
  const [first, ...others] = decoder;
  const image: Image = [2, 2, 3];
  const start = first ? [`dense(12, activation=${first.activation})`, `reshape([${image}])`] : [];
  const layers = [...start, ...layersFrom(image, others, 'd', seen, true), end];
  return `decoder { ${[...condition, ...layers].join(' ')} }`;
}

function lossText({ code, reduction, penalty }: Drawn, loss: string, inferred: boolean): string {
  const reconstruction = loss.includes('(')
    ? loss.replace(')', `, reduction=${reduction})`)
    : `${loss}(reduction=${reduction})`;
  const terms = [reconstruction];
  if (code === 'reparameterize' && !inferred) terms.push('kl_gaussian()');
  else if (code === 'sigmoid' && penalty === 1) terms.push('kl_sparsity(rho=0.1, beta=2)');
  else if (code === 'sigmoid' && penalty === 2) terms.push('0.1 * contractive(1)');
  else if (penalty === 1) terms.push('0.01 * l1()');
  else if (penalty === 2) terms.push('0.01 * l2()');
  return terms.join(' + ');
}

/**
 * Layers one after another, each read so that it fits what comes before it.
 * @param seen labelled layers so far, to which these are added
 * @param withShortcuts whether there may be layers that no derived decoder undoes
 */
function layersFrom(
  input: Image | null,
  drawn: readonly DrawnLayer[],
  prefix: string,
  seen: Labelled[],
  withShortcuts: boolean,
): readonly string[] {
  let shape = input;
  return drawn.map((layer, i) => {
    const alone = shape === null ? onFeatures(layer) : onImage(layer, shape);
    const { before, inside, shape: joined } = jointOf(layer, alone, shape, seen, withShortcuts);
    const label = `${prefix}${i}`;
    shape = joined;
    seen.push({ label, shape });
    return `${before}${label}: ${inside}`;
  });
}

interface Joint extends Pick<Placed, 'shape'> {
  readonly before: string;
  readonly inside: string;
}

function jointOf(
  { joint, kind, size }: DrawnLayer,
  { text, shape }: Placed,
  from: Image | null,
  seen: readonly Labelled[],
  withShortcuts: boolean,
): Joint {
  const plain: Joint = { before: '', inside: text, shape };
  const isSame = from !== null && shape !== null && from.every((n, i) => n === shape[i]);
  const isDense = from === null && [0, 1, 4, 5].includes(kind);
  const last = (fits: (image: Image | null) => boolean) => seen.findLast((layer) => fits(layer.shape));
  switch (joint) {
    case 'none':
      return plain;
    case 'residual':
      if (isSame || (from === null && !isDense)) return { ...plain, inside: `residual { ${text} }` };
      return isDense && withShortcuts ? { ...plain, inside: `residual(shortcut=dense(${size})) { ${text} }` } : plain;
    case 'repeat':
      // A linear() is placed nowhere, so that nothing would bear the label.
      return (isSame || from === null) && !text.startsWith('linear(')
        ? { ...plain, inside: `repeat(2) { ${text} }` }
        : plain;
    case 'shared': {
      const inside = `repeat(2, shared=true) { ${text} }`;
      if (isDense) return { ...plain, before: `${text} `, inside };
      return (isSame || from === null) && !text.startsWith('linear(') ? { ...plain, inside } : plain;
    }
    case 'add': {
      const other = shape && last((image) => image?.every((n, i) => n === shape[i]) === true);
      return other ? { ...plain, before: `${text} `, inside: `add(from=${other.label})` } : plain;
    }
    case 'concat': {
      const sides = ([, ...both]: Image) => both.join();
      const fits = (image: Image | null) =>
        shape === null || image === null ? shape === image : sides(shape) === sides(image);
      const other = withShortcuts ? last(fits) : undefined;
      if (other === undefined) return plain;
      const more = other.shape?.[0] ?? 0;
      const joined: Image | null = shape && [shape[0] + more, shape[1], shape[2]];
      return { before: `${text} `, inside: `concat(from=${other.label})`, shape: joined };
    }
  }
}

/** Some layers are left as they start, and the weights of some are projected. */
function treated(size: number): string {
  if (size === 7) return ', constraint=unit_norm';
  if (size === 6) return ', constraint=unit_norm(of=outgoing, project_gradient=true)';
  if (size === 8) return ', constraint=max_norm(0.5)';
  if (size === 4) return ', constraint=soft_frozen(0.99, of=outgoing)';
  if (size === 9) return ', constraint=non_negative';
  return size === 5 ? ', frozen=true' : '';
}

function onFeatures({ kind, size, activation }: DrawnLayer): Placed {
  const dense = `dense(${size}, activation=${activation}${treated(size)})`;
  // The name of an activation may come with its arguments.
  const alone = activation.endsWith(')') ? activation : `${activation}()`;
  const texts = [
    dense,
    dense,
    'batch_norm()',
    'layer_norm()',
    'group_norm(1)',
    dense,
    'dropout(0.3)',
    'batch_norm()',
    'layer_norm()',
  ];
  return { text: texts[kind] ?? alone, shape: null };
}

/** The image as a signal, convolved and shortened, and what comes out in a row. */
function alongRows({ size, kernel, activation }: DrawnLayer, [channels, height, width]: Image): string {
  const length = channels * height * width;
  const groups = size % 2 === 0 ? 2 : 1;
  const window = `kernel=${Math.min(kernel[0], length)}, stride=${kernel[1]}, padding=1, groups=${groups}`;
  const back = size % 2 === 0 ? 'batch_norm()' : `conv_transpose1d(2, kernel=${kernel[1]}, stride=2)`;
  return [
    `reshape([1, ${length}])`,
    `conv1d(2, kernel=1, activation=${activation})`,
    `conv1d(${2 * groups}, ${window}, dilation=${size % 4 === 0 && 2 * (kernel[0] - 1) < length ? 2 : 1})`,
    back,
    'flatten()',
  ].join(' ');
}

function onImage(layer: DrawnLayer, [channels, height, width]: Image): Placed {
  const { kind, size, activation, stride } = layer;
  // A window must not be larger than what it goes over.
  const kernel = [Math.min(layer.kernel[0], height), Math.min(layer.kernel[1], width)] as const;
  const padding = [Math.min(layer.padding[0], kernel[0] - 1), Math.min(layer.padding[1], kernel[1] - 1)] as const;
  const window = `kernel=[${kernel}], stride=[${stride}], padding=[${padding}]`;
  const out = (axis: 0 | 1, length: number, reach: number) =>
    Math.floor((length + 2 * padding[axis] - reach) / stride[axis]) + 1;
  const groups = channels % 2 === 0 && size % 3 === 0 ? 2 : 1;
  const maps = groups * (1 + (size % 4));
  // A kernel with its taps two pixels apart, where it fits.
  const dilation = [0, 1].map((axis) =>
    size % 2 === 1 && 2 * (kernel[axis] ?? 1) - 1 <= ([height, width][axis] ?? 0) ? 2 : 1,
  );
  const reach = (axis: 0 | 1) => (dilation[axis] ?? 1) * (kernel[axis] - 1) + 1;
  const connections = `dilation=[${dilation}], groups=${groups}`;
  switch (kind) {
    case 0:
      return { text: `dense(${size}, activation=${activation}${treated(size)})`, shape: null };
    case 1:
    case 2:
      return {
        text: `conv2d(${maps}, ${window}, ${connections}, activation=${activation}${treated(size)})`,
        shape: [maps, out(0, height, reach(0)), out(1, width, reach(1))],
      };
    case 3:
      return {
        text: `conv_transpose2d(${maps}, kernel=[${kernel}], stride=[${stride}], ${connections}, activation=${activation})`,
        shape: [maps, (height - 1) * stride[0] + reach(0), (width - 1) * stride[1] + reach(1)],
      };
    case 4:
    case 5: {
      // The padding of a pool is at most half its window.
      const half = [Math.min(padding[0], kernel[0] >> 1), Math.min(padding[1], kernel[1] >> 1)] as const;
      const pooled = (axis: 0 | 1, length: number) =>
        Math.floor((length + 2 * half[axis] - kernel[axis]) / stride[axis]) + 1;
      const word = kind === 4 ? 'max_pool2d' : 'avg_pool2d';
      return {
        text: `${word}([${kernel}], stride=[${stride}], padding=[${half}])`,
        shape: [channels, pooled(0, height), pooled(1, width)],
      };
    }
    case 6:
      return { text: size % 3 === 0 ? 'flatten()' : alongRows(layer, [channels, height, width]), shape: null };
    case 7:
      return { text: size === 4 ? 'batch_norm(frozen=true)' : 'batch_norm()', shape: [channels, height, width] };
    case 8:
      return {
        text: size % 2 === 0 ? 'layer_norm()' : `group_norm(${channels % 2 === 0 ? 2 : channels})`,
        shape: [channels, height, width],
      };
    default:
      return { text: 'upsample2d(2)', shape: [channels, 2 * height, 2 * width] };
  }
}
