/** Settings that people expect in an experiment, and where they belong. */
const elsewhere: ReadonlyMap<string, string> = new Map([
  ['seed', 'the seed is an option of the command: aedsl run FILE --seed 3, aedsl sweep FILE --seeds 5'],
  ['random_state', 'the seed is an option of the command: aedsl run FILE --seed 3'],
  ['device', 'the device is an option of the command: --backend, --threads'],
  ['threads', 'threads are an option of the command: aedsl run FILE --threads 2'],
  ['num_workers', 'threads are an option of the command: aedsl run FILE --threads 2'],
  ['backend', 'the backend is an option of the command: aedsl run FILE --backend cpu'],
  ['lr', 'the learning rate belongs to the optimizer: train adam(lr=0.001) { … }'],
  ['learning_rate', 'the learning rate belongs to the optimizer: train adam(lr=0.001) { … }'],
  ['weight_decay', 'weight decay belongs to the optimizer: train adamw(weight_decay=0.01) { … }'],
  ['momentum', 'the momentum belongs to the optimizer: train sgd(momentum=0.9) { … }'],
  ['optimizer', "the optimizer follows 'train': train adam(lr=0.001) { … }"],
  ['scheduler', 'a schedule replaces the number: adam(lr=cosine(0.001, 0))'],
  ['validation_split', 'validation examples belong to the data: data mnist(validation=5000)'],
  ['dataset', 'data sets have their own statement: data mnist()'],
  ['latent_dim', 'write param latent_dim = 32, and use it: dense(latent_dim)'],
  ['epochs', "epochs are a setting of 'train': train adam() { epochs = 10 }"],
  ['batch', "the batch is a setting of 'train': train adam() { epochs = 10  batch = 32 }"],
  ['batch_size', "the batch is a setting of 'train': train adam() { epochs = 10  batch = 32 }"],
  ['shuffle', 'training shuffles in every epoch; shuffle_seed=1 permutes the data before they are split'],
  ['verbose', 'what is printed is an option of the command: --reporter'],
  ['callbacks', 'early stopping is stop = early(patience=5); checkpoints and metrics are kept by themselves'],
  ['metrics', 'metrics beside the loss have their own statement: evaluate { psnr() }'],
  ['loss', 'the loss has its own statement: loss mse()'],
  ['kernel_regularizer', 'a penalty is a term of the loss: loss mse() + 0.001 * l2()'],
  ['bias_regularizer', 'a penalty is a term of the loss: loss mse() + 0.001 * l2()'],
  ['activity_regularizer', 'a penalty is a term of the loss: loss mse() + 0.001 * l1()'],
  ['trainable', 'frozen=true keeps the weights of a layer as they start: dense(16, frozen=true)'],
  ['requires_grad', 'frozen=true keeps the weights of a layer as they start: dense(16, frozen=true)'],
  ['input_shape', 'the data give the shape of the input: leave it out'],
  ['input_dim', 'the data give the shape of the input: leave it out'],
  ['name', 'a name is a label before the word: h1: dense(100)'],
  ['download', 'data that are missing are downloaded: leave it out'],
  ['train', 'take=, validation= and test= say how many examples each part has'],
  ...['test_size', 'train_size', 'test_split', 'val_split', 'val_size'].map(
    (name) => [name, 'take=, validation= and test= of the data say how many examples each part has'] as const,
  ),
  ...['patience', 'early_stop', 'early_stopping', 'restore_best_weights', 'monitor'].map(
    (name) =>
      [name, 'training stops early with stop = early(patience=5), and keep = best keeps the best weights'] as const,
  ),
  ['split', 'take=, validation= and test= say how many examples each part has'],
]);

/** Says where a setting of this name belongs; null if it is unknown. */
export function belongsElsewhere(name: string): string | null {
  return elsewhere.get(name) ?? null;
}

const words: ReadonlyMap<string, string> = new Map([
  ['sequential', 'layers follow one another in braces: encoder { dense(128, activation=relu)  code: dense(16) }'],
  ['activation', 'an activation is a layer, relu(), or an argument, dense(16, activation=relu)'],
  ['input', 'the data give the shape of the input: leave it out'],
  ['inputlayer', 'the data give the shape of the input: leave it out'],
  ['adaptiveavgpool2d', 'write avg_pool2d(kernel), with the height and width of its input'],
  ['globalaveragepooling2d', 'write avg_pool2d(kernel), with the height and width of its input'],
  ['zeropadding2d', 'padding is an argument: conv2d(16, kernel=3, padding=1)'],
  ['crossentropyloss', 'nothing is classified here: pixels in [0, 1] take bce()'],
  ['categoricalcrossentropy', 'nothing is classified here: pixels in [0, 1] take bce()'],
  ['ssim', 'ssim() is measured, not minimised: evaluate { ssim() }'],
  ['cifar10', 'images("folder") reads pictures, and npy("cifar.npz", layout=nhwc) arrays'],
  ['parquet', 'save it as CSV, or with numpy.save for npy("file.npy")'],
  ['readparquet', 'save it as CSV, or with numpy.save for npy("file.npy")'],
  ...['dataloader', 'tensordataset', 'subset', 'traintestsplit'].map(
    (name) =>
      [name, 'data are named alone: data mnist(take=50000, test=1000); the batch is a setting of train'] as const,
  ),
  ['reducelronplateau', 'a schedule knows its times beforehand: adam(lr=cosine(0.001, 0)), step, exponential, warmup'],
  ...['lstm', 'gru', 'rnn', 'embedding', 'multiheadattention', 'transformer'].map(
    (name) => [name, 'layers are dense or convolutional: sequences are trained as rows of one length'] as const,
  ),
  ['totensor', 'bytes are divided by 255 by themselves: leave it out'],
  ['rescale', 'bytes are divided by 255 by themselves; range=[0, 255] says it of other numbers'],
  [
    'compose',
    'transforms follow one another in braces: data mnist() { random_crop(24)  normalize(mean=0.5, std=0.5) }',
  ],
]);

/** Says what to write instead of a word that is spelled as other libraries spell it; null if it is unknown. */
export function insteadOfWord(name: string): string | null {
  return words.get(name.replaceAll('_', '').toLowerCase()) ?? null;
}

/** Keywords of Python and other languages that begin a line, and comments of theirs. */
const programs: ReadonlySet<string> = new Set(
  'import from def class for while if elif else return print with try assert lambda const var function'.split(' '),
);

const statements: ReadonlyMap<string, string> = new Map([
  ['fit', 'a training is written train adam(lr=0.001) { epochs = 10  batch = 32 }'],
  ['compile', 'a training is written train adam(lr=0.001) { epochs = 10  batch = 32 }'],
  ['optimizer', 'a training is written train adam(lr=0.001) { epochs = 10  batch = 32 }'],
  ['optim', 'a training is written train adam(lr=0.001) { epochs = 10  batch = 32 }'],
  ['noise', 'noise on the input is written corrupt gaussian(0.1)'],
  ['metrics', 'metrics beside the loss are written evaluate { psnr() }'],
  ['metric', 'metrics beside the loss are written evaluate { psnr() }'],
  ['plot', 'figures are written show { reconstructions() }'],
  ['figures', 'figures are written show { reconstructions() }'],
  ['model', 'a network is written encoder { code: dense(16) }  decoder { dense(input.size) }'],
  ['network', 'a network is written encoder { code: dense(16) }  decoder { dense(input.size) }'],
  ['grid', 'a grid is written sweep { lr = [0.1, 0.01] }'],
  ['search', 'a grid is written sweep { lr = [0.1, 0.01] }'],
  ['torch', 'the seed is an option of the command: aedsl run FILE --seed 3'],
]);

/** Says how the statement is written that another library or language begins with this word; null if it is unknown. */
export function insteadOfStatement(name: string): string | null {
  if (programs.has(name))
    return 'an .ae file is data and no program: it has statements such as data, encoder, loss and train';
  return statements.get(name) ?? null;
}

/** How `true`, `false` and a missing value are written elsewhere. */
export function insteadOfName(name: string): string | null {
  if (name === 'True' || name === 'False') return `write ${name.toLowerCase()}`;
  return ['None', 'null', 'nil', 'undefined'].includes(name) ? 'leave the argument out' : null;
}

const functions: ReadonlySet<string> = new Set([
  'sqrt',
  'exp',
  'log',
  'log2',
  'log10',
  'abs',
  'min',
  'max',
  'floor',
  'ceil',
  'round',
  'int',
  'pow',
  'sum',
  'len',
]);

/** Says what to write instead of a mathematical function; null for any other name. */
export function insteadOfFunction(name: string): string | null {
  if (!functions.has(name)) return null;
  return 'expressions have no functions: write the number, or use + - * / and ** (a square root is x ** 0.5)';
}
