import type { DiagnosticCollector } from '../diagnostics/collector.js';
import type { DataNode } from '../ir/experiment.js';
import type { Value, WordValue } from '../ir/value.js';
import type { DatasetDescription, DescribeFile } from '../library/data-file.js';
import { defaultOf } from '../library/defaults.js';
import type { Library } from '../library/library.js';
import type { DatasetWord } from '../library/word.js';
import type { BoundExperiment } from '../resolve/bound.js';
import type { CallExpression, TargetStatement } from '../syntax/ast.js';
import type { ArgumentChecker, Bound } from './arguments.js';
import { boundTransforms, transformedData } from './data.js';
import { isOfSameSet, partArguments } from './data-source.js';
import type { ShapeStep } from './layers.js';

/** What the target of an experiment is checked against. */
interface TargetPlace {
  readonly bound: Pick<BoundExperiment, 'data' | 'target' | 'train'>;
  /** Null after an error in the data. */
  readonly data: DataNode | null;
  /** Data set that replaces the one that is written; null for none. */
  readonly replacement: CallExpression | null;
  /** Null after an error in where the target's files are. */
  readonly describeFile: DescribeFile | null;
  readonly library: Library;
}

/**
 * Checks a target: one example for each of the data, in the order of their files, so that both are divided alike.
 * @param steps receives the shapes of the set and after each transform, even if an error follows
 * @returns null without a target, or after an error in it
 */
export function checkTarget(
  { bound, data, replacement, describeFile, library }: TargetPlace,
  checker: ArgumentChecker,
  collector: DiagnosticCollector,
  steps: ShapeStep[] = [],
): DataNode | null {
  const statement = bound.target;
  if (statement === null) return null;
  if (bound.train === null) {
    collector.error('AE529', 'nothing is trained on the target: there is no train', statement.span, {
      hint: 'leave the target out, or add train adam(lr=0.001) { epochs = 10  batch = 128 }',
    });
  }
  const transforms = boundTransforms(statement, checker, collector);
  const call = replacing(statement, bound, replacement, collector);
  const target = call && checker.bind('dataset', call);
  if (!target || !data || !describeFile) return null;
  const paired = library.find('dataset', data.dataset.word);
  if (!paired || !followsData(target, data, collector)) return null;
  for (const [word, { arguments: given }, span] of [
    [paired, data.dataset, bound.data.call.span],
    [target.definition, target.value, target.span],
  ] as const) {
    const argument = word.dropsBy?.(plainOf(given)) ?? null;
    if (argument === null) continue;
    const message = `${argument} leaves out examples, so that those of the data and of the target would not belong together`;
    collector.error('AE529', message, target.places.get(argument) ?? span, {
      hint: 'leave the same rows out of both files, or fill the gaps: fill=0',
    });
    return null;
  }
  const described = target.definition.describe(
    { ...target.plain, ...partsOf(data.dataset), ...allClasses },
    describeFile,
  );
  if (!described.ok) {
    checker.report([described.problem], target);
    return null;
  }
  const input = paired.describe({ ...plainOf(data.dataset.arguments), ...allClasses }, describeFile);
  if (!input.ok || !isAsLong(target, input.value, described.value, collector)) return null;
  const { train, validation, test } = data;
  return transformedData(
    { ...target, value: undivided(target, library) },
    {
      described: described.value,
      parts: { train, validation, test },
      transforms,
      word: statement.call.word.span,
      columns: new Map(),
    },
    checker,
    collector,
    steps,
  );
}

const allClasses = { classes: null, train_on: null } as const;

/** The target's data set, or what replaces it; null after reporting that it doesn't belong to what replaces the data. */
function replacing(
  { call }: TargetStatement,
  { data }: Pick<BoundExperiment, 'data'>,
  replacement: CallExpression | null,
  collector: DiagnosticCollector,
): CallExpression | null {
  if (replacement === null) return call;
  if (isOfSameSet(data.call, call)) return { ...replacement, block: call.block };
  collector.error(
    'AE529',
    'other data are given, and the target is still that of the data that are written',
    call.span,
    {
      hint: 'extend the experiment with other data and their target: experiment other extends name { data …  target … }',
    },
  );
  return null;
}

/** Reports arguments that divide a target otherwise than the data are divided. */
function followsData(target: Bound<DatasetWord>, { dataset }: DataNode, collector: DiagnosticCollector): boolean {
  const own = plainOf(dataset.arguments);
  const wrong = partArguments.find((name) => {
    const place = target.places.get(name);
    return place !== undefined && JSON.stringify(target.plain[name]) !== JSON.stringify(own[name] ?? null);
  });
  if (wrong === undefined) return true;
  collector.error('AE529', 'a target is divided as its data are', target.places.get(wrong) ?? target.span, {
    hint: `leave ${wrong} out here: the data say it`,
  });
  return false;
}

function isAsLong(
  { definition, span }: Bound<DatasetWord>,
  data: DatasetDescription,
  target: DatasetDescription,
  collector: DiagnosticCollector,
): boolean {
  const wholeOf = ({ train, test, isTestHeld }: DatasetDescription) => (isTestHeld === true ? train + test : train);
  const [input, wanted] = [wholeOf(data), wholeOf(target)];
  const [inputTest, wantedTest] = [data, target].map(({ test, isTestHeld }) => (isTestHeld === true ? null : test));
  const examples = (count: number) => `${count.toLocaleString('en')} ${count === 1 ? 'example' : 'examples'}`;
  if (input !== wanted) {
    const message = `the data have ${examples(input)}, and the target '${definition.name}' has ${examples(wanted)}`;
    collector.error('AE529', message, span, { hint: 'give a target for each example, in the same order' });
    return false;
  }
  if (inputTest === wantedTest) return true;
  const tested = (test: number | null | undefined) =>
    test == null ? 'no test part of its own' : `${examples(test)} for the test`;
  const message = `the data have ${tested(inputTest)}, and the target '${definition.name}' has ${tested(wantedTest)}`;
  collector.error('AE529', message, span, { hint: 'give the target of the test examples where the data give them' });
  return false;
}

function partsOf({ arguments: given }: WordValue): Readonly<Record<string, Value>> {
  const own = plainOf(given);
  return Object.fromEntries(partArguments.map((name) => [name, own[name] ?? null]));
}

function plainOf(given: WordValue['arguments']): Readonly<Record<string, Value>> {
  return Object.fromEntries(Object.entries(given).map(([name, { value }]) => [name, value]));
}

/** Without the arguments that divide it, which the data have. */
function undivided({ definition, value }: Bound<DatasetWord>, library: Library): WordValue {
  const { parameters } = definition;
  const args = Object.entries(value.arguments).map(([name, argument]) => {
    const parameter = partArguments.some((part) => part === name) ? parameters[name] : undefined;
    return [
      name,
      parameter === undefined ? argument : { value: defaultOf(parameter, library), origin: 'default' as const },
    ];
  });
  return { ...value, arguments: Object.fromEntries(args) };
}
