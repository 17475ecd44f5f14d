import { describe, expect, it } from 'vitest';
import { builtinWords } from '../../../src/words/words.js';
import { compileStatements, compileText, completed } from './statements.js';

const library = builtinWords;

const vae = 'encoder { dense(40, activation=relu)  z: reparameterize { mu: dense(2)  logvar: dense(2) } }';
const said = (statements: string) =>
  compileStatements(statements, library).diagnostics.map((d) => `${d.severity} ${d.code}`);

describe('a variational autoencoder', () => {
  it.each(['sum', 'mean', 'batchmean'])(
    'kl_gaussian takes the scale of a reconstruction with reduction=%s',
    (scale) => {
      const { value, diagnostics } = compileStatements(`${vae} loss bce(reduction=${scale}) + kl_gaussian()`, library);
      expect(diagnostics).toEqual([]);
      expect(value?.ir.loss.map((term) => term.loss.arguments.reduction?.value)).toEqual([scale, scale]);
      expect(said(`${vae} loss bce(reduction=${scale}) + kl_gaussian(reduction=${scale})`)).toEqual([]);
      const other = scale === 'sum' ? 'mean' : 'sum';
      expect(said(`${vae} loss bce(reduction=${scale}) + kl_gaussian(reduction=${other})`)).toEqual(['warning AE507']);
    },
  );

  it('beta is the weight of the term, a schedule too', () => {
    const { value } = compileStatements(`${vae} loss bce() + kl_gaussian(beta=warmup(1, over=1))`, library);
    expect(value?.ir.loss[1]?.weight).toMatchObject({ kind: 'word', word: 'warmup' });
  });

  it('kl_gaussian needs a distribution', () => {
    expect(said('loss bce() + kl_gaussian()')).toEqual(['error AE504']);
    expect(said(`${vae} loss bce() + kl_gaussian(on=z)`)).toEqual([]);
  });

  it('mu and logvar are both there, of one shape, and nothing else', () => {
    expect(said('encoder { z: reparameterize { mu: dense(2) } }')).toEqual(['error AE302']);
    expect(said('encoder { z: reparameterize { mu: dense(2)  logvar: dense(3) } }')).toEqual(['error AE402']);
    expect(said('encoder { z: reparameterize { mu: dense(2)  logvar: dense(2)  sigma: dense(2) } }')).toEqual([
      'error AE209',
    ]);
  });

  it('mirror undoes it by a dense layer, tied cannot', () => {
    const mirrored = compileStatements(`${vae} decoder mirror(encoder, output=sigmoid)`, library).value?.ir.decoder;
    expect(mirrored?.flatMap((n) => (n.weights.length > 0 ? [n.output] : []))).toEqual([[40], [784]]);
    expect(said(`${vae} decoder tied(encoder, output=sigmoid)`)).toEqual(['error AE505']);
  });

  it('has a prior to sample from, and two dimensions to walk over', () => {
    expect(said(`${vae} loss bce() + kl_gaussian() show { samples(16)  walk(8) }`)).toEqual([]);
    expect(said('show { samples(16) }')).toEqual(['error AE510']);
    expect(said('show { walk(8) }')).toEqual(['error AE510']);
  });
});

const spread = (logvar: string, mu = 'dense(input.size)') =>
  `decoder { dense(40, activation=relu)  y: gaussian_head { mu: ${mu}  logvar: ${logvar} } }`;

describe('a decoder with a variance', () => {
  it('gives its mean, in the shape of the input, and so are its heads', () => {
    const shapesOf = (decoder: string) => {
      const last = compileStatements(`${decoder} loss gaussian_nll()`, library).value?.ir.decoder.at(-1);
      return [last?.output, ...Object.values(last?.heads ?? {}).map((nodes) => nodes.at(-1)?.output)];
    };
    const image = [1, 28, 28];
    expect(shapesOf(spread('dense(input.size)'))).toEqual([image, image, image]);
    expect(shapesOf(spread('learned()'))).toEqual([image, image, [1, 1, 1]]);
    const images =
      'decoder { dense(784)  reshape([1, 28, 28])  gaussian_head { mu: conv2d(1, kernel=1)  logvar: learned(input.size) } }';
    expect(shapesOf(images)).toEqual([image, image, image]);
  });

  it('belongs to gaussian_nll, which needs one', () => {
    const nll = 'loss gaussian_nll(reduction=sum)';
    expect(said(`${spread('dense(input.size)')} ${nll}`)).toEqual([]);
    expect(said(`${vae} ${spread('learned(init=-2)')} ${nll} + kl_gaussian()`)).toEqual([]);
    expect(said(`${spread('dense(input.size)')} loss mse()`)).toEqual(['warning AE527']);
    expect(said(`${spread('dense(input.size)')} loss mse() + l2(on=y.logvar)`)).toEqual([]);
    expect(said(`${spread('dense(input.size)')} loss mse() + l2(on=output.logvar)`)).toEqual([]);
    expect(said(`${spread('dense(input.size)')} loss mse() + l2(on=y.mu)`)).toEqual(['warning AE527']);
    expect(said('loss gaussian_nll()')).toEqual(['error AE504']);
    expect(said(`${vae} loss gaussian_nll(on=z) + kl_gaussian()`)).toEqual(['error AE504']);
    const late = `decoder { y: gaussian_head { mu: dense(784)  logvar: dense(784) }  sigmoid() }`;
    expect(said(`${late} loss gaussian_nll(on=y)`)).toEqual(['error AE504']);
    expect(said('loss mse() + l2(on=output.logvar)')).toEqual(['error AE211']);
    expect(
      said(`${spread('dense(input.size)', 'dense(784, activation=tanh)')} data digits() { scale(-2, 2) } ${nll}`),
    ).toEqual(['warning AE503']);
  });

  it('has an identity that its label and the name of the output leave as it is', () => {
    const hash = (loss: string) => compileStatements(`${spread('dense(784)')} loss ${loss}`, library).value?.hash;
    expect(hash('gaussian_nll(on=y)')).toBe(hash('gaussian_nll()'));
    expect(hash('gaussian_nll(on=output)')).toBe(hash('gaussian_nll()'));
    expect(hash('mse() + l2(on=y.logvar)')).toBe(hash('mse() + l2(on=output.logvar)'));
  });

  it('can label a layer output, which is then what the name means', () => {
    const decoder =
      'decoder { output: dense(40, activation=relu)  gaussian_head { mu: dense(784)  logvar: dense(784) } }';
    const { value } = compileStatements(`${decoder} loss gaussian_nll() + l1(on=output)`, library);
    expect(value?.ir.loss.map(({ loss }) => loss.arguments.on?.value)).toMatchObject([{ index: 2 }, { index: 1 }]);
  });

  it('is named in definitions, as are the heads of any layer', () => {
    const defined = (formula: string, statements: string) => {
      const outcome = compileText(`${formula}\n${completed(statements)}`, library);
      return { hash: outcome.value?.hash, said: outcome.diagnostics.map((d) => `${d.code} ${d.message}`) };
    };
    const nll = 'define loss nll() = mean(output.logvar + (output - target) ** 2 * exp(-output.logvar))';
    const heads = spread('dense(input.size)');
    const ends = defined(nll, `${heads} loss nll()`);
    expect(ends.said).toEqual([]);
    const named =
      'define loss nll(output_of = output) = mean(output_of.logvar + (output - target) ** 2 * exp(-output_of.logvar))';
    expect(defined(named, `${heads} loss nll(output_of=y)`).said).toEqual([]);
    const wrapped = `${nll}\ndefine loss both() = nll() + mean(abs(output - target))`;
    expect(defined(wrapped, `${heads} loss both()`).said).toEqual([]);
    const kl = 'define penalty kl(on = code) = mean(sum(on.mu ** 2 + expm1(on.logvar) - on.logvar, axis=features)) / 2';
    expect(defined(kl, `${vae} loss bce() + kl()`)).toEqual({
      ...defined(kl, `${vae} loss bce() + kl(on=z)`),
      said: [],
    });
    expect(defined(kl, `${vae} loss bce() + kl(on=z.mu)`).said).toEqual([
      "AE211 the layer that is 'on' here has no 'mu'",
      "AE211 the layer that is 'on' here has no 'logvar'",
    ]);
    expect(defined(nll, 'loss nll()').said).toEqual(["AE211 the layer that is 'output' here has no 'logvar'"]);
    expect(defined('define activation a() = x.mu', 'loss mse()').said[0]).toContain("no members such as '.mu'");
    expect(defined('define loss l() = output.mean', 'loss l()').said[0]).toContain("no members such as '.mean'");
  });
});
