import type { DiagnosticCollector } from '../diagnostics/collector.js';
import { type DataNode, type LayerNode, wantedOf } from '../ir/experiment.js';
import { elementCount } from '../ir/shape.js';
import { isLayerReference, isWordValue, type LayerReference, type WordValue } from '../ir/value.js';
import { conditionsShown } from '../library/conditions-needed.js';
import { knownWord, type Library } from '../library/library.js';
import { type MeasuredPart, partMeasured } from '../library/measured-parts.js';
import { needBelow } from '../library/needs-below.js';
import type { FigureLayer } from '../library/word.js';
import type { EvaluateStatement, ShowStatement } from '../syntax/ast.js';
import type { ArgumentChecker } from './arguments.js';
import { checkCorruption } from './corruption.js';

interface Network {
  readonly data: DataNode;
  readonly target: DataNode | null;
  readonly encoder: readonly LayerNode[];
  readonly decoder: readonly LayerNode[];
}

/** Checks the figures of `show`. */
export function checkFigures(
  statement: ShowStatement | null,
  network: Network,
  library: Library,
  checker: ArgumentChecker,
  collector: DiagnosticCollector,
): readonly WordValue[] {
  const calls = statement?.calls ?? [];
  if (statement && calls.length > mostOutputs) return tooMany(statement, 'figures', collector);
  return calls.flatMap((call) => {
    const figure = checker.bind('figure', call);
    if (!figure) return [];
    if (figure.definition.needsLabels)
      requireClasses(network.data, figure.definition.name, 'test', call.span, collector);
    const layers: Record<string, FigureLayer> = {};
    for (const [name, value] of Object.entries(figure.plain)) {
      if (!isLayerReference(value)) continue;
      const owner = weightOwner(value, network, library);
      if (owner) layers[name] = owner;
    }
    checker.report(figure.definition.check(figure.plain, layers), figure);
    return [figure.value];
  });
}

/** Checks the measures of `evaluate`. */
export function checkEvaluations(
  statement: EvaluateStatement | null,
  network: Network,
  isCorrupted: boolean,
  library: Library,
  checker: ArgumentChecker,
  collector: DiagnosticCollector,
): readonly WordValue[] {
  const calls = statement?.calls ?? [];
  if (statement && calls.length > mostOutputs) return tooMany(statement, 'evaluations', collector);
  return calls.flatMap((call) => {
    const evaluation = checker.bind('evaluation', call);
    if (!evaluation) return [];
    const part = partMeasured(evaluation.value);
    if (evaluation.definition.needsLabels)
      requireClasses(network.data, evaluation.definition.name, part, call.span, collector);
    const { shape: input, storedRange, train, validation } = network.data;
    const { rawRange: raw } = wantedOf(network);
    const isOfValidation = part === 'validation';
    const test = isOfValidation ? validation : network.data.test;
    if (isOfValidation && validation === 0) {
      const { name } = evaluation.definition;
      collector.error('AE506', `'${name}' is measured on the validation part, but the data has none`, call.span, {
        hint: `give the data set some: ${network.data.dataset.word}(…, validation=1000)`,
      });
    } else if (test === 0) {
      const { name } = evaluation.definition;
      collector.error('AE510', `'${name}' is measured on the test part, but the data has none`, call.span, {
        hint: `keep some of its examples for testing, as in ${network.data.dataset.word}(…, test=1000), or give it a test file`,
      });
    }
    const code = elementCount(network.encoder.at(-1)?.output ?? input);
    checker.report(
      evaluation.definition.check(evaluation.plain, {
        ...{ input, target: network.target?.shape ?? null, raw, train, test, code, isCorrupted },
        ...{ trainOn: network.data.trainOn, classNames: network.data.classNames },
        ...{ decoder: network.decoder.map(({ word }) => word), trueFeatures: network.data.trueFeatures },
      }),
      evaluation,
    );
    for (const corruption of Object.values(evaluation.plain).filter(isWordValue)) {
      if (corruption.family === 'corruption') checkCorruption(corruption, storedRange, library, checker, evaluation);
    }
    return [evaluation.value];
  });
}

/** Most figures, or evaluations, that an experiment may have. */
const mostOutputs = 1000;

function tooMany(
  { calls, span }: ShowStatement | EvaluateStatement,
  what: string,
  collector: DiagnosticCollector,
): readonly never[] {
  collector.error('AE310', `${calls.length} ${what}: the limit is ${mostOutputs}`, span);
  return [];
}

/** Layer with weights that a label refers to; a label on an activation refers to the layer before it. */
function weightOwner(reference: LayerReference, network: Network, library: Library): FigureLayer | null {
  const layers = reference.block === 'encoder' ? network.encoder : [...network.encoder, ...network.decoder];
  const end = reference.block === 'encoder' ? reference.index : network.encoder.length + reference.index;
  const upTo = layers.slice(0, end + 1).filter((n) => n.weights.length > 0 || Object.keys(n.heads).length > 0);
  const owner = upTo.at(-1);
  if (!owner) return null;
  const { word, input, output } = owner;
  const { mixing = null, distribution } = knownWord(library, 'layer', owner);
  const above = needBelow({ ...reference, head: null }, network, library);
  const place = reference.block === 'encoder' ? reference.index : network.encoder.length + reference.index;
  const conditions = conditionsShown([...network.encoder, ...network.decoder].slice(place + 1), network.data, library);
  return {
    word,
    index: upTo.length - 1,
    input,
    output,
    mixing,
    hasPrior: distribution !== undefined,
    above,
    conditions,
  };
}

function requireClasses(
  data: DataNode,
  word: string,
  part: MeasuredPart,
  span: Parameters<DiagnosticCollector['error']>[2],
  collector: DiagnosticCollector,
): void {
  const set = data.dataset.word;
  if (data.classes === null) collector.error('AE510', `'${word}' needs labels, but '${set}' has none`, span);
  else if (part === 'test' && data.isTestUnlabelled) {
    collector.error('AE510', `'${word}' needs labels, but the test part of '${set}' has none`, span, {
      hint: 'give it some, as test_labels= does for arrays, and folders of classes for pictures',
    });
  }
}
