import { type Run, run } from '../../src/sweep/run.js';

/** Trains an experiment of a few steps in memory. */
export function runOf(body: string, listener: Parameters<typeof run>[0]['listener'] = () => {}): Promise<Run> {
  const text = `experiment small {\n  data digits(take=120, test=60) { center_crop(12) }\n${body}\n}\n`;
  return run({ source: { path: 'small.ae', text }, backend: 'cpu', maxSteps: 20, listener });
}

export const variational = `
  encoder { h: dense(16, activation=relu)  z: reparameterize { mu: dense(2)  logvar: dense(2) } }
  decoder { dense(16, activation=relu)  dense(input.size, activation=sigmoid) }
  loss bce(reduction=sum) + kl_gaussian()
  train adam(lr=0.01) { epochs = 2  batch = 20 }`;

export const deep = `
  encoder { h1: dense(12, activation=sigmoid)  h2: dense(9, activation=sigmoid)  code: dense(4) }
  decoder tied(encoder, output=sigmoid)
  loss mse()
  train adam(lr=0.01) { epochs = 2  batch = 20 }`;
