// Texts that completion inserts: `<text>` is what the person fills in.
import { describeParameters } from '../compiler/library/reference.js';
import type { AnyWord } from '../compiler/library/word.js';
import type { StatementKind } from '../compiler/syntax/ast.js';

/** A statement as it is begun. */
export const statementSnippets: Readonly<Record<string, string>> = {
  param: 'param <name> = <value>',
  let: 'let <name> = <value>',
  data: 'data <digits>(<>)',
  target: 'target <npy>("<targets.npy>")',
  corrupt: 'corrupt <salt>(<0.3>)',
  encoder: 'encoder {\n  code: <dense(32, activation=sigmoid)>\n}',
  decoder: 'decoder {\n  <dense(input.size, activation=sigmoid)>\n}',
  loss: 'loss <mse()>',
  pretrain: 'pretrain <rbm>(<>) { epochs = <5>  batch = <100> }',
  train: 'train <adam>(<lr=0.001>) { epochs = <10>  batch = <128> }',
  show: 'show { <reconstructions(16)> }',
  evaluate: 'evaluate { <psnr()> }',
  sweep: 'sweep { <param> = [<values>]  seeds = <3> }',
  without: 'without <corrupt>',
} satisfies Record<StatementKind, string>;

/** A call with what it needs: its arguments without defaults, and its layers in braces. */
export function wordSnippet(word: AnyWord): string {
  const required = describeParameters(word.parameters).filter(({ isRequired }) => isRequired);
  // Heads that may be left out are written by few.
  const heads = word.family === 'layer' && word.headsSee === undefined ? word.heads : [];
  if (word.family === 'structure') {
    const given = required.map(({ name }) => `<${name}>`).join(', ');
    return `${word.name}${given === '' ? '' : `(${given})`}${word.shares === undefined ? ' { <> }' : ''}`;
  }
  if (heads.length > 0) {
    return `${word.name} { ${heads.map((head) => `${head}: dense(<20>)`).join('  ')} }`;
  }
  if (Object.keys(word.parameters).length === 0) return `${word.name}()`;
  const values = required.map(({ name, values: what }) =>
    what.endsWith('in quotation marks') ? `"<${name}>"` : `<${name}>`,
  );
  return `${word.name}(${values.length === 0 ? '<>' : values.join(', ')})`;
}

/** With the numbered places of a client's snippets; `<text>` is to be replaced. */
export function numbered(template: string): string {
  let n = 0;
  return template.replaceAll(/<([^>]*)>/g, (_, text: string) => (text === '' ? `$${++n}` : `\${${++n}:${text}}`));
}

/** For a client that has no snippets. */
export function plain(template: string): string {
  return template.replaceAll(/<([^>]*)>/g, '$1');
}
