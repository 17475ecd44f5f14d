import { describe, expect, it } from 'vitest';
import { parse, parseExpression } from '../../../src/compiler/syntax/parse.js';
import { expressionShape, fileShape } from './shape.js';

function check(text: string, ...expected: readonly string[]): void {
  expect(fileShape(text).split('\n')).toEqual(expected);
}

describe('experiments', () => {
  it('sparse autoencoder', () => {
    check(
      `// experiments/sparse.ae: sparse autoencoder on 10×10 crops of digits (Ng, CS294A lecture notes)
experiment sparse {
  param rho    = 0.01 where 0 < rho < 1      // target mean activation of a hidden unit
  param beta   = 5    where beta >= 0        // weight of the sparsity penalty
  param hidden = 100

  data mnist(take=50000) {
    random_crop(10)
    normalize(mean=0.1307, std=0.3081)
  }
  encoder { code: dense(hidden, activation=sigmoid) }
  decoder { dense(input.size, activation=sigmoid) }

  loss mse() + kl_sparsity(rho=rho, beta=beta)         // on the code unless on=… says otherwise
  train adam(lr=0.001) { epochs = 15  batch = 32 }
  show { filters(code)  reconstructions(16) }
  sweep { rho = [0.01, 0.05]  seeds = 5 }              // used by aedsl sweep, not by aedsl run
}
experiment without_penalty extends sparse { loss mse() }
`,
      'sparse',
      '  param rho 0.01 where (compare 0 < rho < 1)',
      '  param beta 5 where (compare beta >= 0)',
      '  param hidden 100',
      '  data mnist(take=50000){random_crop(10) normalize(mean=0.1307 std=0.3081)}',
      '  encoder {code:dense(hidden activation=sigmoid)}',
      '  decoder {dense((. input size) activation=sigmoid)}',
      '  loss (+ mse() kl_sparsity(rho=rho beta=beta))',
      '  train adam(lr=0.001) epochs=15 batch=32',
      '  show filters(code) reconstructions(16)',
      '  sweep rho=[0.01 0.05] seeds=5',
      'without_penalty < sparse',
      '  loss mse()',
    );
  });

  it('deep autoencoder with layerwise pretraining', () => {
    check(
      `experiment deep_rbm {
  data mnist()
  encoder {
    h1: dense(1000, activation=sigmoid)
    code: dense(30)
  }
  decoder tied(encoder, output=sigmoid)                // transposed weights, own biases

  let momentum = switch(0.5, 0.9, after=5)
  pretrain rbm(on=[h1], lr=0.1,   momentum=momentum) { epochs = 5  batch = 100 }
  pretrain rbm()
  evaluate { mse() }
}`,
      'deep_rbm',
      '  data mnist()',
      '  encoder {h1:dense(1000 activation=sigmoid) code:dense(30)}',
      '  decoder tied(encoder output=sigmoid)',
      '  let momentum switch(0.5 0.9 after=5)',
      '  pretrain rbm(on=[h1] lr=0.1 momentum=momentum) epochs=5 batch=100',
      '  pretrain rbm()',
      '  evaluate mse()',
    );
  });

  it('a word with a block, with parentheses or without', () => {
    check(
      `experiment vae { encoder {
        z: reparameterize { mu: dense(latent)  logvar: dense(latent) }
        reparameterize() { dense(2) }
        reparameterize(3) {}
      } }`,
      'vae',
      '  encoder {z:reparameterize(){mu:dense(latent) logvar:dense(latent)} reparameterize(){dense(2)} reparameterize(3){}}',
    );
  });

  it('a parent in the same file, in another one, or one of several in another', () => {
    check(
      'experiment a extends b {} experiment c extends "d.ae" {} experiment e extends "f.ae:g" { without corrupt without sweep }',
      'a < b',
      'c < "d.ae"',
      'e < "f.ae:g"',
      '  without corrupt',
      '  without sweep',
    );
  });

  it('keywords as names of settings, of arguments and after a dot', () => {
    check(
      `experiment a {
        sweep { data = [mnist(), digits() { scale(2) }]  loss = [mse()] where = 1 }
        pretrain autoencoder(corrupt=salt(0.1), loss=mse(), train=x.loss, on=encoder.in)
      }`,
      'a',
      '  sweep data=[mnist() digits(){scale(2)}] loss=[mse()] where=1',
      '  pretrain autoencoder(corrupt=salt(0.1) loss=mse() train=(. x loss) on=(. encoder in))',
    );
  });

  it('names that begin as keywords do', () => {
    check(
      'experiment database { param trainer = 1 let input = notes }',
      'database',
      '  param trainer 1',
      '  let input notes',
    );
  });

  it('white space and comments mean nothing wherever they stand', () => {
    const tokens = 'experiment a { param b = - 1.5 where b in [ 1 , 2 , ] loss f ( x = 1 , ) . y }'.split(' ');
    for (const gap of [
      ' ',
      '\n',
      '\r\n',
      '\t',
      '/* */',
      '//\n',
      '/***/',
      '/* // */',
      '// /*\r\n',
      '\u00A0',
      '\uFEFF',
    ]) {
      check(`\uFEFF${tokens.join(gap)}`, 'a', '  param b (- 1.5) where (in b [1 2])', '  loss (. f(x=1) y)');
    }
  });

  it('tokens that need no space between them', () => {
    check(
      'experiment a{param b=-1.5 where b in[1,2]loss f(x=1).y}',
      'a',
      '  param b (- 1.5) where (in b [1 2])',
      '  loss (. f(x=1) y)',
    );
  });

  it('an empty file has no experiments', () => {
    expect(parse({ path: 'test.ae', text: ' // nothing\n' }).value?.experiments).toEqual([]);
  });
});

describe('expressions', () => {
  // The text, and how it groups.
  const groupings: readonly (readonly [string, string])[] = [
    ['1 + 2 * 3', '(+ 1 (* 2 3))'],
    ['1 * 2 + 3', '(+ (* 1 2) 3)'],
    ['1 - 2 - 3', '(- (- 1 2) 3)'],
    ['8 / 4 / 2 * 3', '(* (/ (/ 8 4) 2) 3)'],
    ['2 ** 3 ** 2', '(** 2 (** 3 2))'],
    ['-2 ** 2', '(- (** 2 2))'],
    ['2 ** -1 * 3', '(* (** 2 (- 1)) 3)'],
    ['2 ** -3 ** 2', '(** 2 (- (** 3 2)))'],
    ['-a * b', '(* (- a) b)'],
    ['a * -b', '(* a (- b))'],
    ['- - a', '(- (- a))'],
    ['(1 + 2) * 3', '(* (+ 1 2) 3)'],
    ['not a and b', '(and (not a) b)'],
    ['not a == b', '(not (compare a == b))'],
    ['not not a', '(not (not a))'],
    ['a or b and c', '(or a (and b c))'],
    ['a and b or c', '(or (and a b) c)'],
    ['a and not b or c', '(or (and a (not b)) c)'],
    ['0 < a <= b + 1 != c', '(compare 0 < a <= (+ b 1) != c)'],
    ['a < b and b > c or d == e', '(or (and (compare a < b) (compare b > c)) (compare d == e))'],
    ['a + 1 in [1, 2]', '(in (+ a 1) [1 2])'],
    ['not a in b', '(not (in a b))'],
    ['a == (b in c)', '(compare a == (in b c))'],
    ['a.b.c', '(. (. a b) c)'],
    ['f(1).x ** 2', '(** (. f(1) x) 2)'],
    ['(a + b).size', '(. (+ a b) size)'],
    ['f(a, b=[c, g(d=1)], e < 2)', 'f(a b=[c g(d=1)] (compare e < 2))'],
    ['[[1, 2], [], [-3,],]', '[[1 2] [] [(- 3)]]'],
    ['true or false', '(or true false)'],
    ['step(0.1, every=5)', 'step(0.1 every=5)'],
  ];
  for (const [text, shape] of groupings) it(text, () => expect(expressionShape(text)).toBe(shape));

  it('that are incomplete, or go on after their end, are refused', () => {
    expect(expressionShape('[0.01,')).toBe("AE102 this '[' is never closed");
    expect(expressionShape('')).toBe('AE102 expected an expression; the text ends here');
    expect(expressionShape('1 +')).toBe("AE102 expected an expression after '+'; the text ends here");
    expect(expressionShape('1 2')).toBe("AE102 expected an operator or the end after '1', not '2'");
    expect(expressionShape('mnist() }')).toBe("AE102 this '}' closes nothing");
  });
});

describe('literals', () => {
  it('numbers are the doubles nearest to what is written', () => {
    const numbers = {
      '0.1': 0.1,
      '1e-4': 1e-4,
      '50_000': 50000,
      '1_0.2_5E+1_': NaN,
      '1.7976931348623157e308': Number.MAX_VALUE,
      '5e-324': Number.MIN_VALUE,
    };
    for (const [text, value] of Object.entries(numbers)) {
      const parsed = parseExpression({ path: 'argument', text }).value;
      if (Number.isNaN(value)) expect(parsed).toBeNull();
      else expect(parsed).toMatchObject({ kind: 'number', value, text });
    }
  });

  it('strings with their escapes', () => {
    expect(expressionShape(String.raw`"a\"b\\c\nd\te // no comment"`)).toBe(String.raw`"a\"b\\c\nd\te // no comment"`);
    expect(expressionShape('""')).toBe('""');
  });
});

describe('places', () => {
  it('a part of the tree spans its text', () => {
    const text = 'experiment a { let b = (1 + f(2)) * -x.y encoder { l: g { h() } } }';
    const { value } = parse({ path: 'test.ae', text });
    const spans: string[] = [];
    JSON.stringify(value, (key, part: unknown) => {
      if (typeof part === 'object' && part !== null && 'start' in part && 'end' in part) {
        spans.push(text.slice(Number(part.start), Number(part.end)));
        return undefined;
      }
      return key === 'source' ? undefined : part;
    });
    expect(spans).toEqual([
      ...['a', 'b', '1', 'f', '2', '2', 'f(2)', '(1 + f(2))', 'x', 'y', 'x.y', '-x.y', '(1 + f(2)) * -x.y'],
      'let b = (1 + f(2)) * -x.y',
      ...['l', 'g', 'h', 'h()', 'h()', 'g { h() }', 'l: g { h() }', 'encoder { l: g { h() } }'],
      text,
    ]);
  });
});
