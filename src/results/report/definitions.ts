import type { DefinedParameter, Definition } from '../../compiler/ir/definition.js';
import type { ExperimentIr } from '../../compiler/ir/experiment.js';
import { networkEnds } from '../../compiler/ir/formula.js';
import { formulaText } from '../../compiler/ir/formula-text.js';
import { isWordValue } from '../../compiler/ir/value.js';
import { compileRecipe, parseRecipe, worldOf } from '../../project/recipe.js';
import type { RunRecord } from '../../runtime/store/records.js';
import type { Words } from '../../words/word.js';
import type { HtmlNode } from './html.js';
import { code } from './tables.js';

/** The words that a run's experiment defines and uses, with their formulas; none of a text that no longer compiles. */
export function definitionFacts(run: RunRecord, words: Words): readonly (readonly [name: string, value: HtmlNode])[] {
  const recipe = parseRecipe(run.source);
  const compiled = compileRecipe(recipe, worldOf(recipe), { library: words }).value;
  if (compiled === null) return [];
  const byName = new Map(definitionsIn(compiled.ir).map((definition) => [definition.name, definition]));
  return [...byName.values()].map((definition) => [
    `${definition.role} ${definition.name}`,
    code(`${definition.name}(${parametersText(definition)}) = ${formulaText(definition.formula)}`),
  ]);
}

function definitionsIn({ loss, encoder, decoder, stages }: ExperimentIr): readonly Definition[] {
  const words = stages.flatMap((stage) => {
    const value = stage.kind === 'pretrain' ? (stage.method.arguments.loss?.value ?? null) : null;
    return isWordValue(value) ? [value] : [];
  });
  return [...loss.map((term) => term.loss), ...words, ...encoder, ...decoder].flatMap(
    ({ definition }) => definition ?? [],
  );
}

function parametersText({ parameters }: Definition): string {
  // A layer parameter with the name of an end of the network stands for the word in the formula.
  const isEnd = (name: string) => networkEnds.some((end) => end === name);
  return parameters.flatMap((each) => (isEnd(each.name) ? [] : [parameterText(each)])).join(', ');
}

function parameterText(parameter: DefinedParameter): string {
  if (parameter.kind === 'layer') return `${parameter.name} = ${parameter.default}`;
  const { name, condition } = parameter;
  return `${name}${parameter.default === null ? '' : ` = ${parameter.default}`}${condition === null ? '' : ` where ${condition}`}`;
}
