import { beforeAll, expect, it } from 'vitest';
import { chooseBackend } from '../../src/runtime/backend/choose.js';
import { definitionGradients } from '../../src/trial/definition-gradients.js';
import { builtinWords } from '../../src/words/words.js';
import { compileText, experimentText } from '../compiler/compiled.js';

beforeAll(async () => {
  await chooseBackend('simd', { threads: 1 });
});

it("an experiment's own words have the gradients of finite differences", () => {
  const { ir } = compileText(`
define loss charbonnier(epsilon = 0.1) = mean(sqrt((output - target) ** 2 + epsilon ** 2))
define penalty hoyer(on = code) = mean(sum(abs(on), axis=features) ** 2 / (sum(on ** 2, axis=features) + 1e-8))
define penalty apart(on = code) = sum(abs(gram(on - mean(on, axis=batch), code)) ** 3) + mean(gram(output) * gram(target) - 1)
define activation snake(a = 1) = x + sin(a * x) ** 2 / a
define activation step_up(a = 1) = where(x > 0.5, x + a, x)
define activation local() = x * softmax(x, axis=channels) + shift(x, 1, axis=width) * std(x, axis=pixels) + logsumexp(shift(x, -2, axis=height), axis=features)
define penalty rough() = mean((output - shift(output, 1, axis=height)) ** 2) + mean(mean(output, axis=batch) * shift(mean(target, axis=batch), 1, axis=width))
${experimentText('encoder { conv2d(2, kernel=3)  local()  dense(8, activation=snake(2))  h: dense(8, activation=step_up)  code: dense(4) } loss charbonnier() + hoyer() + hoyer(on=h) + rough() + apart(on=h)')}`);
  const found = definitionGradients(ir, builtinWords);
  expect(found.map(({ name, by }) => `${name} ${by}`)).toEqual([
    'charbonnier output',
    'hoyer on',
    'hoyer on',
    'rough output',
    'apart on',
    'apart code',
    'apart output',
    'local x',
    'snake x',
    'step_up x',
  ]);
  for (const { name, deviation, compared } of found) {
    expect(deviation, name).toBeLessThan(1e-4);
    expect(compared, name).toBeGreaterThan(12);
  }
});

it('also by the heads of layers, where what is held back counts as constant', () => {
  const { ir } = compileText(`
define loss nll() = mean(stop_gradient(exp(output.logvar)) * (output.logvar + (output - target) ** 2 * exp(-output.logvar)))
define penalty kl(on = code) = mean(sum(on.mu ** 2 + expm1(on.logvar) - on.logvar, axis=features))
${experimentText(`encoder { z: reparameterize { mu: dense(3)  logvar: dense(3) } }
  decoder { gaussian_head { mu: dense(input.size)  logvar: dense(input.size) } } loss nll() + kl()`)}`);
  const found = definitionGradients(ir, builtinWords);
  expect(found.map(({ name, by }) => `${name} ${by}`).sort()).toEqual([
    'kl on.logvar',
    'kl on.mu',
    'nll output',
    'nll output.logvar',
  ]);
  for (const { name, deviation } of found) expect(deviation, name).toBeLessThan(1e-4);
});

it('also if a stage of pretraining alone uses it', () => {
  const { ir } = compileText(`
define loss charbonnier(epsilon = 0.1) = mean(sqrt((output - target) ** 2 + epsilon ** 2))
${experimentText('pretrain autoencoder(loss=charbonnier(0.5)) { epochs = 1 }')}`);
  const found = definitionGradients(ir, builtinWords);
  expect(found.map(({ name, by }) => `${name} ${by}`)).toEqual(['charbonnier output']);
  for (const { deviation } of found) expect(deviation).toBeLessThan(1e-4);
});
