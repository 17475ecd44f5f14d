import { describe, expect, it } from 'vitest';
import { builtinWords } from '../../../src/words/words.js';
import { compileStatements } from './statements.js';

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
