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
  ...each('weights share shared share_with', 'share(h) uses the layer with the label h once more, with its weights'),
  ['input_shape', 'the data give the shape of the input: leave it out'],
  ['input_dim', 'the data give the shape of the input: leave it out'],
  ...each('dropout dropout_rate', 'dropout is a layer of its own: dense(16)  dropout(0.2)'),
  ...each('batch_norm batchnorm use_batchnorm', 'batch norm is a layer of its own: dense(16)  batch_norm()'),
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

/** The same answer to several names. */
function each(names: string, answer: string): readonly (readonly [string, string])[] {
  return names.split(' ').map((name) => [name, answer]);
}

const words: ReadonlyMap<string, string> = new Map([
  ['sequential', 'layers follow one another in braces: encoder { dense(128, activation=relu)  code: dense(16) }'],
  ['activation', 'an activation is a layer, relu(), or an argument, dense(16, activation=relu)'],
  ['input', 'the data give the shape of the input: leave it out'],
  ['inputlayer', 'the data give the shape of the input: leave it out'],
  ['adaptiveavgpool2d', 'write avg_pool2d(kernel), with the height and width of its input'],
  ['globalaveragepooling2d', 'write avg_pool2d(kernel), with the height and width of its input'],
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
  ...each(
    'lstm gru rnn lstmcell grucell rnncell rnnbase rnncellbase multiheadattention transformer transformerencoder transformerencoderlayer transformerdecoder transformerdecoderlayer',
    'layers are dense or convolutional: sequences are trained as rows of one length, or with conv1d as signals',
  ),
  ...each(
    'embedding embeddingbag',
    'condition(label, embedding=8) learns a vector for each class, condition(columns=["city"], embedding=8) for each category',
  ),
  ...each(
    'getdummies onehotencoder ordinalencoder labelencoder labelbinarizer',
    'columns of texts are named where the table is: csv("table.csv", categories=["city"]) makes a feature of each',
  ),
  ...each(
    'constantpad1d constantpad2d reflectionpad1d reflectionpad2d replicationpad1d replicationpad2d circularpad1d circularpad2d zeropad1d zeropad2d zeropadding2d pad',
    'padding is an argument, conv2d(16, kernel=3, padding=1), or a transform of the data: data mnist() { pad(2) }',
  ),
  ...each(
    'conv3d convtranspose3d maxpool3d avgpool3d maxunpool3d adaptiveavgpool3d adaptivemaxpool3d fractionalmaxpool3d lppool3d batchnorm3d instancenorm3d dropout3d constantpad3d reflectionpad3d replicationpad3d circularpad3d zeropad3d',
    'images have a height and a width, and signals a length: conv2d, conv1d',
  ),
  ...each(
    'maxpool1d avgpool1d lppool1d adaptiveavgpool1d adaptivemaxpool1d maxunpool1d',
    'pools are of images; a stride makes a signal shorter: conv1d(16, kernel=4, stride=2)',
  ),
  ...each('adaptivemaxpool2d', 'write max_pool2d(kernel), with the height and width of its input'),
  ...each('lppool2d fractionalmaxpool2d', 'there are max_pool2d and avg_pool2d'),
  ...each('dropout2d alphadropout featurealphadropout', 'dropout(0.5) drops each value by itself'),
  ...each('prelu rrelu', 'slopes are given, not learned: leaky_relu(slope=0.25)'),
  ...each(
    'relu6 celu logsigmoid hardtanh hardsigmoid hardswish hardshrink softshrink tanhshrink softsign threshold',
    'an activation of your own is a definition: define activation softsign() = x / (1 + abs(x))',
  ),
  [
    'logsoftmax',
    'an activation of your own is a definition: define activation log_softmax() = x - logsumexp(x, axis=features)',
  ],
  ['softmin', 'an activation of your own is a definition: define activation softmin() = softmax(-x)'],
  ...each('syncbatchnorm', 'write batch_norm()'),
  [
    'rmsnorm',
    'an activation of your own is a definition: define activation rms_norm(eps = 1e-6) = x / sqrt(mean(x ** 2, axis=features) + eps)',
  ],
  ...each('localresponsenorm crossmaplrn2d', 'there are layer_norm(), group_norm(groups) and batch_norm()'),
  ...each('upsamplingbilinear2d pixelshuffle', 'write upsample2d(2), or conv_transpose2d(16, kernel=2, stride=2)'),
  ...each('pixelunshuffle unfold fold', 'write conv2d(16, kernel=2, stride=2)'),
  ...each(
    'bilinear glu channelshuffle',
    'a layer takes what the one before it gives: add(from=label) and concat(from=label) join others',
  ),
  ...each(
    'modulelist moduledict module container parameterlist parameterdict dataparallel',
    'layers follow one another in braces, and repeat(3) { … } repeats them',
  ),
  ...each(
    'nllloss nllloss2d ctcloss linearcrossentropyloss adaptivelogsoftmaxwithloss multimarginloss multilabelmarginloss multilabelsoftmarginloss softmarginloss',
    'nothing is classified here: pixels in [0, 1] take bce()',
  ),
  ...each(
    'gaussiannllloss poissonnllloss cosineembeddingloss cosinesimilarity pairwisedistance hingeembeddingloss marginrankingloss tripletmarginloss tripletmarginwithdistanceloss',
    'a loss of your own is a definition: define loss charbonnier(e = 0.001) = mean(sqrt((output - target) ** 2 + e ** 2))',
  ),
  ...each(
    'adagrad adadelta adafactor adamax nadam radam asgd rprop lbfgs muon sparseadam optimizer',
    'another optimizer is a word of your own, a module that --words names; the words are sgd, adam, adamw and rmsprop',
  ),
  ...each(
    'sequentiallr onecyclelr',
    'one schedule leads to the next: adam(lr=warmup(0.01, over=5, next=cosine(0.01)))',
  ),
  ...each('multisteplr constantlr', 'a number that changes once is adam(lr=switch(0.01, 0.001, after=5))'),
  ...each(
    'lambdalr multiplicativelr polynomiallr cycliclr lrscheduler',
    'another schedule is a word of your own, a module that --words names; the words are switch, step, cosine, exponential and warmup',
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

/** Where words that stand among layers belong, by what they are; `_` is for the word. */
const placesByFamily: ReadonlyMap<string, string> = new Map([
  ['transform', 'transforms stand in the braces of the data: data digits() { _(…) }'],
  ['corruption', 'a corruption has its own statement: corrupt _(…)'],
  ['loss', 'the loss has its own statement: loss _(…), or a sum: loss mse() + 0.001 * l1(on=code)'],
  ['initializer', 'it is an argument of a layer: dense(16, init=_(…))'],
  ['constraint', 'it is an argument of a layer: dense(16, constraint=_(…))'],
  ['evaluation', 'measures have their own statement: evaluate { _(…) }'],
  ['figure', 'figures have their own statement: show { _(…) }'],
  ['optimizer', 'a training is written train _(…) { epochs = 10  batch = 32 }'],
  ['stage', 'pretraining has its own statement: pretrain _(…) { epochs = 10 }'],
  ['decoder', 'it stands in place of the decoder and its braces: decoder _(encoder)'],
]);

/** Says where a word of another family belongs that stands among layers; null if that is not known. */
export function insteadOfLayer(family: string, name: string): string | null {
  return placesByFamily.get(family)?.replace('_', name) ?? null;
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
  ['criterion', 'the loss has its own statement: loss mse()'],
  ['objective', 'the loss has its own statement: loss mse()'],
  ['torch', 'the seed is an option of the command: aedsl run FILE --seed 3'],
]);

/** Says how the statement is written that another library or language begins with this word; null if it is unknown. */
export function insteadOfStatement(name: string): string | null {
  if (programs.has(name))
    return 'an .ae file is data and no program: it has statements such as data, encoder, loss and train';
  return statements.get(name) ?? null;
}

/** How `true`, `false`, a missing value and a padding are written elsewhere. */
export function insteadOfName(name: string): string | null {
  if (name === 'True' || name === 'False') return `write ${name.toLowerCase()}`;
  if (name === 'same' || name === 'valid')
    return "there is no 'same' or 'valid': padding=1 keeps the size with kernel=3 and stride=1";
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
export function insteadOfFunction(name: string, family?: string): string | null {
  if (family === 'loss' && (name === 'sum' || name === 'mean'))
    return 'each loss has its reduction as an argument: mse(reduction=sum)';
  if (!functions.has(name)) return null;
  return 'expressions have no functions: write the number, or use + - * / and ** (a square root is x ** 0.5)';
}
