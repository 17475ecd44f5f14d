// The workloads of the goals, and what whole runs of them are.
export const workloads = [
  { name: 'SPARSE', what: '10×10 crops, 100–100–100, sparsity', batch: 32, file: 'sparse.ae', take: 50_000 },
  { name: 'DENOISING', what: '784–500–784, salt', batch: 128, file: 'denoising.ae', take: 60_000 },
  { name: 'VAE', what: '784–400–20', batch: 128, file: 'vae.ae', take: 60_000 },
  { name: 'DEEP', what: '784–1000–500–250–30', batch: 128, file: 'deep.ae', take: 50_000 },
  { name: 'CONV', what: 'conv.ae', batch: 32, file: 'conv.ae', take: 50_000 },
  { name: 'RBM', what: '784–1000, CD-1', batch: 100, file: null, take: 60_000 },
  { name: 'CONV32', what: '3×32×32, conv 32–64–128, batch norm', batch: 128, file: null, take: 12_800, colours: true },
  { name: 'WIDE', what: '784–4096–784', batch: 512, file: null, take: 12_800 },
];

/**
 * TF.js's backends, and the workloads that each can do: wasm has no gradients of convolutions, and the plain one takes
 * seconds for a step of the larger ones.
 */
export const tfjsWorkloads = {
  tensorflow: ['SPARSE', 'DENOISING', 'VAE', 'DEEP', 'CONV', 'RBM'],
  wasm: ['SPARSE', 'VAE', 'DEEP'],
  cpu: ['SPARSE'],
};

/** The parts of a step that are worth optimising in PyTorch; the best of them counts. */
export const pytorchVariants = ['default', 'foreach', 'fused', 'compile'];

/** Built-in words, and their experiments in definitions.ae; that of the definition has `own_` before its name. */
export const definedWords = {
  mse: 'mse',
  mae: 'mae',
  huber: 'huber',
  l1: 'l1',
  l2: 'l2',
  relu: 'relu_layers',
  leaky_relu: 'leaky_relu_layers',
  tanh: 'tanh_layers',
  sigmoid: 'sigmoid_layers',
  softplus: 'softplus_layers',
  selu: 'selu_layers',
  elu: 'elu_layers',
};
