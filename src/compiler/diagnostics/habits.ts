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
]);

/** Says where a setting of this name belongs; null if it is unknown. */
export function belongsElsewhere(name: string): string | null {
  return elsewhere.get(name) ?? null;
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
