import { describe, expect, it } from 'vitest';
import { parse } from '../../../src/compiler/syntax/parse.js';
import { positionAt } from '../../../src/compiler/syntax/source.js';

/**
 * The texts state their errors themselves, in a comment under the line, with carets where the error is:
 *
 *     loss mse() +
 *     train adam()
 *    //^^^^^ AE102 expected an expression …; hint: …
 *
 * or at the end of the line, where carets have no room: `// error: AE102 …`.
 */
function check(text: string): void {
  const { diagnostics } = parse({ path: 'test.ae', text });
  const found = diagnostics.map(({ code, message, hint, span }) => {
    if (span === null) return 'nowhere';
    const { line, column } = positionAt(span.source, span.start);
    const width = Math.max(1, span.end - span.start);
    return { line, column, width, said: `${code} ${message}${hint === null ? '' : `; hint: ${hint}`}` };
  });
  expect(found).toEqual(expected(text, found));
}

function expected(text: string, found: readonly unknown[]): readonly unknown[] {
  const lines = text.split('\n');
  let line = 0;
  return lines.flatMap((content, index) => {
    const under = /^( *\/\/ *)(\^+) (AE.*)$/.exec(content);
    if (under) {
      const [, before = '', carets = '', said] = under;
      return [{ line, column: before.length + 1, width: carets.length, said }];
    }
    line = index + 1;
    const beside = /\/\/ error: (AE.*)$/.exec(content);
    if (!beside) return [];
    const place = found.find(
      (each) => typeof each === 'object' && each !== null && 'line' in each && each.line === line,
    );
    return [{ ...(typeof place === 'object' ? place : {}), line, said: beside[1] }];
  });
}

describe('an expression', () => {
  it('that is missing', () => {
    check(`
experiment a {
  param rho =
  loss mse() + 2 *
//^^^^ AE102 expected an expression after '=', not 'loss'
  train adam(lr=, betas=[0.9, ])
//^^^^^ AE102 expected an expression after '*', not 'train'
//              ^ AE102 expected an expression after '=', not ','
}`);
  });

  it('with an operator that is written otherwise', () => {
    check(`
experiment a {
  param a = 1 where a not in [1, 2]
//                    ^^^ AE102 there is no operator 'not in'; hint: write 'not' in front: not x in […]
  param b = 1 where b = 2
//                    ^ AE102 a comparison is written '=='; hint: write '=='
  param c = 1 where c && 2 ≤ 3
//                    ^^ AE101 the characters '&&' have no meaning in the language; hint: write 'and'
//                         ^ AE101 the character '≤' has no meaning in the language; hint: write '<='
}`);
  });

  it('whose operators do not go together', () => {
    check(`
experiment a {
  param a = 1 where 0 < a in [1, 2]
//                        ^^ AE102 'in' does not chain with other comparisons; hint: join the two with 'and'
  param b = 1 where b < not true
//                      ^^^ AE102 'not' binds less tightly than the operator before it; hint: put parentheses around it: (not …)
  param c = 1 where -not c == 1
//                   ^^^ AE102 'not' binds less tightly than the operator before it; hint: put parentheses around it: (not …)
}`);
  });

  it('without a sign of multiplication', () => {
    check(`
experiment a {
  loss mse() + 0.5 l1(on=code)
//                 ^^ AE102 expected an operator between '0.5' and 'l1'; hint: write 0.5 * l1
  let b = (2 a + 1)
//           ^ AE102 expected an operator between '2' and 'a'; hint: write 2 * a
}`);
  });

  it('that is a list in round brackets', () => {
    check(`
experiment a {
  param b = (1, 2)
//            ^ AE102 parentheses contain a single expression; hint: a list is written in square brackets: [1, 2]
}`);
  });

  it('after the dot of which no name stands', () => {
    check(`
experiment a {
  let b = input. + 1
//               ^ AE102 expected a name after '.', not '+'
}`);
  });
});

describe('arguments', () => {
  it('that are words of the language itself', () => {
    check(`
experiment a {
  pretrain rbm(on=data, loss=mse(), [loss, encoder])
//                ^^^^ AE102 'data' is a reserved word and cannot be a value
//                                   ^^^^ AE102 'loss' is a reserved word and cannot be a value; hint: a metric is written in quotes
  decoder tied(encoder, output=sigmoid)
}`);
  });

  it('without commas', () => {
    check(`
experiment a {
  encoder { dense(100 activation=relu) dense(input.size f(1) [2 3] (4)) }
//                    ^^^^^^^^^^ AE102 expected ',' between '100' and 'activation'; hint: values in ( ) are separated by commas
//                                                      ^ AE102 expected ',' between 'size' and 'f'; hint: values in ( ) are separated by commas
//                                                           ^ AE102 expected ',' between ')' and '['; hint: values in ( ) are separated by commas
//                                                              ^ AE102 expected ',' between '2' and '3'; hint: values in [ ] are separated by commas
//                                                                 ^ AE102 expected ',' between ']' and '('; hint: values in ( ) are separated by commas
}`);
  });

  it('with a colon, or nothing, for the equals sign', () => {
    check(`
experiment a {
  train adam(lr: 0.1, rate 0.2)
//             ^ AE102 an argument's name is followed by '='; hint: write lr=…
//                         ^^^ AE102 expected '=' or ',' between 'rate' and '0.2'; hint: write rate=0.2
}`);
  });

  it('without their parentheses', () => {
    check(`
experiment a {
  data mnist
//     ^^^^^ AE102 'mnist' needs its parentheses; hint: write mnist()
  corrupt salt 0.3
//        ^^^^ AE102 'salt' needs its parentheses; hint: write salt(0.3)
  encoder { flatten dense 100 code: dense hidden }
//          ^^^^^^^ AE102 'flatten' needs its parentheses; hint: write flatten()
//                  ^^^^^ AE102 'dense' needs its parentheses; hint: write dense(100)
//                                  ^^^^^ AE102 'dense' needs its parentheses; hint: write dense(hidden)
  train adam { epochs = 3 }
//      ^^^^ AE102 'adam' needs its parentheses; hint: write adam()
}`);
  });
});

describe('braces', () => {
  it('with commas between the items, said once', () => {
    check(`
experiment a {
  train adam() { epochs = 5, batch = 3, shuffle = true }
//                         ^ AE102 items in { } are not separated by commas; hint: remove the comma
  encoder { dense(3), dense(4) }
//                  ^ AE102 items in { } are not separated by commas; hint: remove the comma
}`);
  });

  it('with arrows between layers, and layers that are called', () => {
    check(`
experiment a {
  encoder { dense(3) -> relu() -> dense(4) }
//                   ^ AE102 layers follow one another without a sign between them; hint: remove '->'
}
experiment c {
  encoder { dense(3) + relu() + dense(4) }
//                   ^ AE102 layers follow one another without a sign between them; hint: remove '+'; add(from=h) adds what the layer with the label h gives
  decoder { dense(3) >> relu()  dense(input.shape[0])  dense(data.size) }
//                   ^ AE102 layers follow one another without a sign between them; hint: remove '>>'
//                                               ^ AE102 a shape has no places in brackets; hint: write input.channels, input.height, input.width or input.size
//                                                           ^^^^ AE102 'data' is a reserved word and cannot be a value; hint: what the network takes is called input: input.size, input.channels, input.height, input.width
}
experiment b {
  encoder { dense(3).relu() dense(4).tanh() }
//                  ^ AE102 layers follow one another without a sign between them; hint: write relu after a space, or as an argument, such as activation=relu
  decoder { x: dense(3)  dense(4)(x)  dense(4) }
//                               ^ AE102 a layer takes what the layer before it gives; hint: remove '(x)'; add(from=x) and concat(from=x) take an earlier layer
  train adam() { stop = early(metric=loss) }
//                                   ^^^^ AE102 'loss' is a reserved word and cannot be a value; hint: a metric is written in quotes
}`);
  });

  it('with settings that lack their equals sign', () => {
    check(`
experiment a {
  train adam() { epochs: 15 batch 32 keep == best stop := early() }
//                     ^ AE102 a setting's name is followed by '='; hint: settings are written epochs = value
//                                ^^ AE102 expected '=' after 'batch'; hint: settings are written batch = value
//                                        ^^ AE102 a setting's name is followed by '='; hint: settings are written keep = value
//                                                     ^ AE102 a setting's name is followed by '='; hint: settings are written stop = value
  sweep { [1, 2] }
//        ^ AE102 expected a setting or '}' after '{', not '['; hint: settings are written name = value
}`);
  });

  it('with labels that are none', () => {
    check(`
experiment a {
  encoder { code = dense(3) data: dense(4) h: loss(3) }
//               ^ AE102 a label is followed by ':'; hint: write code: dense(…)
//                          ^^^^ AE102 'data' is a reserved word and cannot be a label; hint: choose another name
//                                            ^^^^ AE102 'loss' is a reserved word and cannot be called
  show { a: filters(code) }
//       ^ AE102 there are no labels here; hint: remove 'a:'
}`);
  });

  it('that are missing around settings', () => {
    check(`
experiment a {
  train adam()
    epochs = 5
//  ^^^^^^ AE102 expected a statement, not 'epochs'; hint: settings belong in braces: { epochs = … }
    batch = 3
//  ^^^^^ AE102 expected a statement, not 'batch'; hint: settings belong in braces: { batch = … }
}`);
  });
});

describe('brackets', () => {
  it('that are never closed, found at the statement that cannot stand in them', () => {
    check(`
experiment a {
  encoder { code: dense(100, activation=relu
//        ^ AE102 this '{' is never closed; hint: close it with '}'
//                     ^ AE102 this '(' is never closed; hint: close it with ')'
  decoder { dense(input.size) }
  param c = [1, 2
//          ^ AE102 this '[' is never closed; hint: close it with ']'
}
experiment b { loss mse() }`);
  });

  it('that are never closed before the next experiment, or the end', () => {
    check(`
experiment a {
//           ^ AE102 this '{' is never closed; hint: close it with '}'
  loss mse()
experiment b {
//           ^ AE102 this '{' is never closed; hint: close it with '}'
  train adam() { epochs = 3 }`);
  });

  it('that are never closed point to where the end was expected', () => {
    const { diagnostics } = parse({ path: 'test.ae', text: 'experiment a { encoder { a() loss mse() }' });
    expect(diagnostics.map(({ related }) => related.map(({ span, message }) => [span.start, message]))).toEqual([
      [[29, "expected '}' before this"]],
    ]);
  });

  it('of the wrong kind, or too many', () => {
    check(`
experiment a {
  param b = [1, 2)
//               ^ AE102 '[' is closed by ')'; hint: write ']'
  loss mse())
//          ^ AE102 this ')' closes nothing; hint: remove it
  encoder { dense(3) }}
  decoder { dense(4) }
//^^^^^^^ AE102 'decoder' is outside its experiment; hint: remove this '}', or an earlier one
}`);
  });
});

describe('statements', () => {
  it('that are misspelled are read as they were meant', () => {
    check(`
experiment a {
  encodr { dense 3 }
//^^^^^^ AE102 there is no statement 'encodr'; hint: did you mean 'encoder'?
//         ^^^^^ AE102 'dense' needs its parentheses; hint: write dense(3)
  parm x: 3
//^^^^ AE102 there is no statement 'parm'; hint: did you mean 'param'?
//      ^ AE102 the name is followed by '='; hint: write param x = value
}
expriment b {} // error: AE102 expected 'experiment', not 'expriment'; hint: did you mean 'experiment'?
`);
  });

  it('that there are none of are passed over', () => {
    check(`
experiment a {
  optimizer(lr=[0.1 0.2]) { encoder = 3 4 5 }
//^^^^^^^^^ AE102 expected a statement, not 'optimizer'; hint: a training is written train adam(lr=0.001) { epochs = 10  batch = 32 }
  loss mse() l1()
//           ^^ AE102 expected a statement, not 'l1'; hint: the terms of a loss are joined with '+'
  hidden = 100
//^^^^^^ AE102 expected a statement, not 'hidden'; hint: write param hidden = …, or let hidden = …
  train adam(lr=)
//              ^ AE102 expected an expression after '=', not ')'
}`);
  });

  it('with a sign too many or too few', () => {
    check(`
experiment a {
  loss = mse()
//     ^ AE102 'loss' is not followed by '='; hint: remove it
  encoder: { dense(3) }
//       ^ AE102 'encoder' is not followed by ':'; hint: remove it
  param x 3
//        ^ AE102 expected '=' after 'x'; hint: write param x = value
  let y == 3
//      ^^ AE102 the name is followed by '='; hint: write let y = value
  without foo
//        ^^^ AE102 expected the statement to remove after 'without', not 'foo'; hint: write without corrupt, without sweep, …
}`);
  });

  it('that name things after words of the language', () => {
    check(`
experiment loss { // error: AE102 'loss' is a reserved word and cannot be a name; hint: choose another name
  param train = 3
//      ^^^^^ AE102 'train' is a reserved word and cannot be a name; hint: choose another name
  let in = 3
//    ^^ AE102 'in' is a reserved word and cannot be a name; hint: choose another name
  param = 3
//      ^ AE102 expected a name after 'param', not '='
  pretrain train() {}
//         ^^^^^ AE102 'train' is a reserved word and cannot be called
}`);
  });

  it('outside of every experiment', () => {
    check(`
param x = 3 // error: AE102 'param' is outside any experiment; hint: statements belong in: experiment name { … }
loss mse( // error: AE102 this '(' is never closed; hint: close it with ')'
`);
  });
});

describe('a bracket that a comment closes', () => {
  const hint = (closer: string) => `'//' begins a comment, which includes the '${closer}'; use '/' to divide`;
  const said = (text: string) =>
    parse({ path: 'test.ae', text }).diagnostics.flatMap(({ code, message, hint: given }) =>
      code === 'AE111' ? [] : [[message, given]],
    );

  it.each([
    ['layers', 'encoder { dense(16 // 2)\n code: dense(4) }', '(', ')'],
    ['a value', 'param x = (16 // 2)\n param y = 3', '(', ')'],
    ['settings', 'train adam() { epochs = 16 // 2 }\n', '{', '}'],
    ['a bracket of lines', 'encoder { dense(\n 16 // 2)\n code: dense(4) }', '(', ')'],
    ['a list', 'sweep { x = [1, 16 // 2]\n seeds = 3 }', '[', ']'],
  ])('is one error, in %s', (_, statement, opener, closer) => {
    expect(said(`experiment a { ${statement} }`)).toEqual([[`this '${opener}' is never closed`, hint(closer)]]);
  });

  it('is every bracket that it closes', () => {
    expect(said('experiment a { encoder { dense(16 // 2) }\n loss mse() }')).toEqual([
      [`this '{' is never closed`, hint('}')],
      [`this '(' is never closed`, hint(')')],
    ]);
  });

  it('is no bracket of a comment that talks', () => {
    const talk = 'experiment a {\n encoder { dense(16, // a) how wide\n bias=false) } // :-)\n loss mse( }';
    expect(said(talk)).toEqual([[`this '(' is never closed`, "close it with ')'"]]);
    expect(said('experiment a { encoder { dense(16 /* ) */ }\n }')[0]?.[1]).toBe("close it with ')'");
    expect(said('experiment a { encoder { dense(16\n // )\n }\n }')[0]?.[1]).toBe("close it with ')'");
  });
});

describe('definitions', () => {
  it('of a kind that there is none of, or with the body of another', () => {
    check(`
define los a() = x
//     ^^^ AE102 'los' cannot be defined; hint: did you mean 'loss'?
define block b() = 3
//           ^ AE102 a block is made of layers in braces; hint: write define block b(…) { dense(100)  relu() }
define penalty c() { relu() }
//             ^ AE102 expected '=' and an expression after the parameters of the penalty, not layers; hint: write define penalty c(…) = mean(abs(code))
`);
  });

  it('whose parts are missing or misplaced', () => {
    check(`
define loss loss(a = 1) = mean(x)
//          ^^^^ AE102 'loss' is a reserved word and cannot be a name; hint: choose another name
define loss b(c = 1 d = 2) = where(c > d, 2 x, 3)
//                  ^ AE102 expected ',' between '1' and 'd'; hint: values in ( ) are separated by commas
//                                          ^ AE102 expected ',' between '2' and 'x'; hint: values in ( ) are separated by commas
define loss e() = 2 x
//                  ^ AE102 expected an operator between '2' and 'x'; hint: write 2 * x
define block f() { relu }
//                 ^^^^ AE102 'relu' needs its parentheses; hint: write relu()
experimnt h { data mnist() } // error: AE102 expected 'experiment', not 'experimnt'; hint: did you mean 'experiment'?
`);
    check(`
define penalty g() = mean(x
//                       ^ AE102 this '(' is never closed; hint: close it with ')'
define loss h() = mean(x)
define loss i()
experiment a { loss h() } // error: AE102 expected '=' or '{' after ')', not 'experiment'; hint: write define loss name(parameter = 1) = expression, or define block name() { layers }
`);
  });

  it('inside an experiment, and statements outside', () => {
    check(`
define loss a() = mean(x)
use losses.ae
//  ^^^^^^ AE102 a file name must be in quotes; hint: write use "losses.ae"
import "more.ae" // error: AE102 expected 'use', not 'import'; hint: did you mean 'use'?
def loss b() = mean(x) // error: AE102 expected 'define', not 'def'; hint: did you mean 'define'?
experiment c {
  define loss d() = mean(x)
//^^^^^^ AE102 a definition stands outside of the experiments; hint: move it to the top of the file, before the experiments
  data mnist()
}
define block e() { relu() }
data mnist() // error: AE102 'data' is outside any experiment; hint: statements belong in: experiment name { … }
`);
  });
});

describe('a file', () => {
  it('that holds something else', () => {
    check(`
import torch // error: AE102 expected 'experiment', not 'import'; hint: a file contains experiments: experiment name { … }
model = torch.nn.Linear(3, 4)
experiment a { loss }
//                  ^ AE102 expected an expression after 'loss', not '}'
`);
  });

  it('whose experiment lacks its first brace', () => {
    check(`
experiment a {}
experiment b extends a
  loss mse()
//^^^^ AE102 expected '{' after 'a', not 'loss'; hint: statements belong in: experiment name { … }
  train adam()
}`);
  });

  it('whose experiments lack a name, a brace or a parent', () => {
    check(`
experiment { loss mse() } // error: AE102 expected a name after 'experiment', not '{'
experiment a extends { }
//                   ^ AE102 expected the name of an experiment, or of a file in quotes, after 'extends', not '{'; hint: write extends name, or extends "file.ae"
experiment b extends sparse.ae { loss mse() }
//                         ^ AE102 a file name must be in quotes; hint: write extends "sparse.ae"
experiment c
experiment d {} // error: AE102 expected '{' after 'c', not 'experiment'
`);
  });

  it('that ends too early', () => {
    check(`
experiment a { loss mse() }
experiment // error: AE102 expected a name after 'experiment'; the text ends here`);
  });
});

describe('characters, comments and literals', () => {
  it('of other languages', () => {
    check(`
# autoencoder // error: AE101 comments do not begin with '#'; hint: comments begin with //
experiment a {
  loss mse();
//          ^ AE101 a ';' has no meaning in the language; hint: statements need no terminator: remove it
  param σ = 'x'
//      ^ AE101 the character 'σ' has no meaning in the language; hint: names consist of the letters a to z, digits and _
//          ^^^ AE101 strings do not use single quotes; hint: write "x", or x where a word is meant
  let a = 2 × 3 – 1
//          ^ AE101 the character '×' has no meaning in the language; hint: write '*' for a product
//              ^ AE101 the character '–' has no meaning in the language; hint: write a minus sign as '-'
  let \u0007b = 3
//    ^ AE101 the character U+0007 has no meaning in the language
}`);
  });

  it('numbers that are none', () => {
    check(`
experiment a {
  param a = [.5, 3., 1_, 1__0, 0x1F, 1e, 1.2.3, 12abc]
//           ^^ AE106 '.5' is not a number; hint: write 0.5
//               ^^ AE106 '3.' is not a number; hint: write 3.0, or 3
//                   ^^ AE106 '1_' is not a number; hint: an underscore must be between two digits, as in 50_000
//                       ^^^^ AE106 '1__0' is not a number; hint: an underscore must be between two digits, as in 50_000
//                             ^^^^ AE106 '0x1F' is not a number; hint: numbers are decimal
//                                   ^^ AE106 '1e' is not a number; hint: digits are missing after the e, as in 1e-4
//                                       ^^^^^ AE106 '1.2.3' is not a number; hint: numbers are written as 15, 0.01, 1e-4 or 50_000
//                                              ^^^^^ AE106 '12abc' is not a number; hint: a name cannot begin with a digit
  param b = [1.7976931348623157e308, 1.8e308, 5e-324, 1e-324, 0e-999]
//                                   ^^^^^^^ AE106 1.8e308 is too large: the largest number is 1.8e308
//                                                    ^^^^^^ AE106 1e-324 is too small: it would be read as 0; hint: the smallest number above 0 is 5e-324
}`);
  });

  it('strings that do not end, or have unknown escapes', () => {
    check(String.raw`
experiment a extends "b.ae {
//                   ^^^^^^ AE103 this string is never closed; hint: a string must end on the same line, with "
}
experiment c extends "\d\\e\"" {}
//                   ^^^^^^^^^ AE107 strings have no escape '\d'; hint: there are \" \\ \n and \t; a backslash is written \\, and paths use /
`);
  });

  it('a comment that does not end takes the closing brackets with it', () => {
    const { diagnostics } = parse({ path: 'test.ae', text: 'experiment a { loss mse( /* the rest ) }' });
    expect(diagnostics.map(({ code, span }) => [code, span?.start])).toEqual([['AE104', 25]]);
  });
});

it('more errors than a person reads are cut short', () => {
  const { diagnostics } = parse({ path: 'test.ae', text: 'experiment a { param = 3 }\n'.repeat(1000) });
  expect(diagnostics.map(({ code }) => code)).toEqual([...Array.from({ length: 100 }, () => 'AE102'), 'AE108']);
});
