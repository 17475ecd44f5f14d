import type { DiagnosticCollector } from '../diagnostics/collector.js';
import { printable } from '../diagnostics/printable.js';
import type { DataCondition, DataNode } from '../ir/experiment.js';
import { describeInterval, type Interval } from '../ir/interval.js';
import { describeShape, elementCount, type Shape } from '../ir/shape.js';
import { ownValue, type Value, type WordValue } from '../ir/value.js';
import type { DatasetDescription, DescribeFile } from '../library/data-file.js';
import { arePixels, saidRange } from '../library/pixels.js';
import type { DatasetWord, TransformWord } from '../library/word.js';
import type { CallExpression, DataStatement, TargetStatement } from '../syntax/ast.js';
import type { Span } from '../syntax/source.js';
import type { ArgumentChecker, Bound } from './arguments.js';
import {
  type ConditionColumns,
  placeOfColumn,
  scaledConditions,
  type WrittenConditions,
  withConditions,
} from './condition-columns.js';
import type { ShapeStep } from './layers.js';
import { classesNeverTrained, unseenClasses } from './unseen-classes.js';

/** Magnitude beyond which a network fails to train on unscaled values. */
const mostUnscaled = 1e4;

/** The same for a condition, which joins features that are mostly below 1: an age or a year drowns them. */
const mostUnscaledCondition = 20;

/** Magnitude that no transform of pixels reaches; images beyond it were scaled as if they were pixels. */
const mostOfPixels = 20;

/**
 * Checks the data block: the examples, and the shape and range of the network's input.
 * @param replacement data set to use instead (`--data digits`), with as many examples as it has
 * @param conditions what layers take besides the features
 * @param steps receives the shapes of the set and after each transform, even if an error follows
 */
export function checkData(
  statement: DataStatement,
  replacement: CallExpression | null,
  describeFile: DescribeFile,
  checker: ArgumentChecker,
  collector: DiagnosticCollector,
  steps: ShapeStep[] = [],
  { columns, label }: WrittenConditions = { columns: new Map(), label: null },
): DataNode | null {
  const written = checker.bind('dataset', statement.call);
  const dataset = replacement ? checker.bind('dataset', replacement) : written;
  const transforms = boundTransforms(statement, checker, collector);
  if (!dataset) return null;
  const conditioned = withConditions(dataset, columns, collector);
  if (conditioned === null) return null;
  const classes = selectedClasses(dataset.plain, replacement === null ? {} : (written?.plain ?? {}));
  const selected = { ...classes, ...conditioned };
  const described = dataset.definition.describe({ ...dataset.plain, ...selected }, describeFile);
  if (!described.ok) {
    const { argument, message } = described.problem;
    const place = argument === dataset.definition.conditionArgument ? placeOfColumn(columns, message) : undefined;
    checker.report([described.problem], place === undefined ? dataset : { span: place, places: new Map() });
    return null;
  }
  const parts = replacement
    ? fittedParts(dataset.plain, written?.plain ?? {}, described.value)
    : exactParts(dataset, described.value, collector);
  if (!parts) return null;

  const isShuffled = whole(dataset.plain.shuffle_seed) !== null;
  const trainOn = classesIn({ ...dataset.plain, ...selected }.train_on);
  const division = { ...parts, isShuffled, isTrainedOnSome: trainOn !== null };
  if (label === null) checker.report(unseenClasses(described.value, division), dataset);
  else checker.report(classesNeverTrained(described.value, division), { span: label, places: new Map() });
  const node = transformedData(
    { ...dataset, value: withParts(dataset.value, parts, selected) },
    { described: described.value, parts, transforms, word: statement.call.word.span, columns },
    checker,
    collector,
    steps,
  );
  return node && { ...node, trainOn };
}

/** The transforms in the braces of a data set; null for any that is invalid. */
export function boundTransforms(
  { call }: DataStatement | TargetStatement,
  checker: ArgumentChecker,
  collector: DiagnosticCollector,
): readonly (Bound<TransformWord> | null)[] {
  return (call.block ?? []).map(({ label, call: transform }) => {
    if (label) collector.error('AE102', 'a transform cannot have a label', label.span);
    return checker.bind('transform', transform);
  });
}

/** A data set that has been described, with the examples that are used of it. */
interface DescribedData {
  readonly described: DatasetDescription;
  readonly parts: Parts;
  readonly transforms: readonly (Bound<TransformWord> | null)[];
  /** The data set's word. */
  readonly word: Span;
  /** Its columns that layers take as conditions. */
  readonly columns: ConditionColumns;
}

/** Follows the shape and the ranges of a data set's examples through its transforms. */
export function transformedData(
  dataset: Bound<DatasetWord>,
  { described, parts, transforms, word, columns }: DescribedData,
  checker: ArgumentChecker,
  collector: DiagnosticCollector,
  steps: ShapeStep[],
): DataNode | null {
  checker.report(described.doubts ?? [], dataset);
  let shape: Shape = described.shape;
  steps.push({ span: word, output: shape, nodes: [] });
  const storedRange = described.range;
  let range: Interval = storedRange;
  let rangeOfAll: Interval = storedRange;
  let rawRange: Interval = storedRange;
  const values: WordValue[] = [];
  let isChanged = false;
  for (const transform of transforms) {
    if (!transform) return null;
    const after = transform.definition.shape(transform.plain, shape);
    if (!after.ok) {
      checker.report([after.problem], transform);
      return null;
    }
    checker.report(transform.definition.check(transform.plain, { shape, range }), transform);
    shape = after.value;
    steps.push({ span: transform.span, output: shape, nodes: [] });
    const { definition, plain } = transform;
    if (definition.needsSeveral === true && parts.train === 1) {
      const message = `${definition.name} turns every value of a single training example into a constant`;
      collector.error('AE513', message, transform.span, { hint: 'train on more examples, or use normalize' });
    }
    if (definition.needsSeveral === true && !isChanged) {
      reportConstants(described.constants ?? [], transform, collector);
    }
    isChanged ||= definition.acts === 'after corruption';
    range = definition.range(plain, range);
    rangeOfAll = definition.rangeOfAll?.(plain, rangeOfAll) ?? definition.range(plain, rangeOfAll);
    if (definition.makesRaw === true) rawRange = range;
    values.push(transform.value);
  }
  const largest = Math.max(Math.abs(storedRange.low), Math.abs(storedRange.high));
  if (shape.length !== 3 && !isChanged && Number.isFinite(largest) && largest > mostUnscaled) {
    const message = `values of up to ${Number(largest.toPrecision(3))} enter the network unscaled`;
    collector.warning('AE513', message, dataset.span, {
      hint: 'standardize() or min_max() in braces after the data brings all columns to a common scale',
    });
  }
  // `normalize(mean=0.5, std=0.5)` of bytes that were saved as floats scales pixels that there are none of.
  const scaled = Math.max(Math.abs(range.low), Math.abs(range.high));
  const isScaled = isChanged && !(Number.isFinite(scaled) && scaled > mostOfPixels);
  if (shape.length === 3 && !isScaled && !arePixels(storedRange)) {
    const message = `the images have values in ${describeInterval(storedRange)}, but pixels are expected in [0, 1]`;
    collector.warning('AE511', message, dataset.span, {
      hint: `${saidRange(storedRange)}, or write a transform`,
    });
  }
  const { mostByte } = described;
  if (!isChanged && mostByte !== undefined && mostByte > 0) {
    const seen = Number((mostByte / 255).toPrecision(2));
    const message = `bytes are pixels, divided by 255, and none is above ${mostByte}: the network sees 0 to ${seen}`;
    collector.warning('AE511', message, dataset.span, {
      hint: `write range=[0, ${mostByte}] if that is the largest value, or range=[0, 255] if the pixels are dark`,
    });
  }
  const conditions = scaledConditions(
    described.conditions ?? [],
    transforms.flatMap((transform) => transform ?? []),
  );
  reportUnscaled(conditions, columns, collector);
  return {
    dataset: dataset.value,
    transforms: values,
    storedShape: described.shape,
    shape,
    range,
    rangeOfAll,
    storedRange,
    rawRange,
    ...parts,
    classes: described.classes,
    isTestUnlabelled: described.isTestUnlabelled ?? false,
    conditions,
    indicators: described.indicators ?? [],
    trainOn: null,
    classNames: described.classNames ?? null,
    trueFeatures: described.trueFeatures ?? null,
    ...bytesOf(described, parts, dataset.definition.isMade === true),
  };
}

/** Reports conditions that are far larger than what layers compute with. */
function reportUnscaled(
  conditions: readonly DataCondition[],
  columns: ConditionColumns,
  collector: DiagnosticCollector,
): void {
  for (const { name, range } of conditions) {
    const largest = Math.max(Math.abs(range.low), Math.abs(range.high));
    const span = columns.get(name);
    if (span === undefined || !Number.isFinite(largest) || largest <= mostUnscaledCondition) continue;
    const message = `the condition '${printable(name)}' has values of up to ${Number(largest.toPrecision(3))}, unscaled`;
    collector.warning('AE513', message, span, {
      hint: 'standardize() or min_max() in braces after the data scales conditions too',
    });
  }
}

/** Sets up to this size are read whole, whatever part of them is used. */
const mostReadWhole = 256 * 1024 ** 2;

/**
 * Memory for the examples and their labels: only those in use if the set is large or generated by the package. Examples
 * that stay in their files need none.
 */
function bytesOf(
  {
    shape,
    train,
    test,
    classes,
    isTestHeld,
    valueBytes = 1,
    readingBytes = valueBytes,
    staysAbove = {},
  }: DatasetDescription,
  used: Parts,
  isMade: boolean,
): Pick<DataNode, 'bytes' | 'bytesReading' | 'bytesInFiles'> {
  const each = elementCount(shape) * valueBytes;
  const labels = classes === null ? 0 : 4;
  const isWhole = (each + labels) * (train + test) <= mostReadWhole && !isMade;
  const [trained, tested] = isWhole ? [train, test] : [used.train + used.validation, used.test];
  const files =
    isTestHeld === true
      ? [{ count: trained + tested, most: staysAbove.train }]
      : [
          { count: trained, most: staysAbove.train },
          { count: tested, most: staysAbove.test },
        ];
  // The loader decides before it reads, and so before it knows what float64 is needed for.
  const single = elementCount(shape) * Math.min(valueBytes, 4);
  const staying = files.filter(({ count, most }) => most !== undefined && count * single > most);
  const countOf = (some: typeof files) => some.reduce((sum, { count }) => sum + count, 0);
  const bytesInFiles = each * countOf(staying);
  const bytes = (each + labels) * countOf(files) - bytesInFiles;
  // Drawn values take none.
  const bytesReading = valueBytes === 0 ? bytes : (bytes / valueBytes) * readingBytes;
  return { bytes, bytesReading, bytesInFiles };
}

/** Most features that a message names. */
const mostNamed = 8;

/** Reports constant features, which no transform can scale. */
function reportConstants(
  constants: readonly string[],
  { definition, span }: Bound<TransformWord>,
  collector: DiagnosticCollector,
): void {
  if (constants.length === 0) return;
  const named = constants.slice(0, mostNamed).map((name) => `'${printable(name)}'`);
  const more = constants.length > mostNamed ? `, … (${constants.length})` : '';
  const [subject, keeps] = constants.length === 1 ? ['column', 'keeps its unit'] : ['columns', 'keep their units'];
  const message = `the ${subject} ${named.join(', ')}${more} never ${constants.length === 1 ? 'varies' : 'vary'} in the training part and ${keeps} in ${definition.name}`;
  collector.warning('AE513', message, span, {
    hint: 'their errors count unscaled: train on rows in which they vary, or leave them out',
  });
}

export interface Parts {
  readonly train: number;
  readonly validation: number;
  readonly test: number;
}

function exactParts(
  dataset: Bound<DatasetWord>,
  { train, test, shape }: DatasetDescription,
  collector: DiagnosticCollector,
): Parts | null {
  const validation = whole(dataset.plain.validation) ?? 0;
  const take = whole(dataset.plain.take) ?? train - validation;
  const tested = whole(dataset.plain.test) ?? test;
  const isSelected = (dataset.plain.classes ?? dataset.plain.train_on ?? null) !== null;
  const ofClasses = isSelected ? ', of the classes to train on' : '';
  const has = `'${dataset.definition.name}' has ${train} training examples of ${describeShape(shape)}${ofClasses}`;
  if (take < 1 || take + validation > train) {
    const asked = [whole(dataset.plain.take), validation > 0 ? `${validation} for validation` : null];
    const span = dataset.places.get(take > train ? 'take' : 'validation') ?? dataset.places.get('take') ?? dataset.span;
    collector.error('AE404', `${has}, but this asks for ${asked.filter((a) => a !== null).join(' and ')}`, span);
    return null;
  }
  if (tested > test) {
    const span = dataset.places.get('test') ?? dataset.span;
    collector.error(
      'AE404',
      `'${dataset.definition.name}' has ${test} test examples, but this asks for ${tested}`,
      span,
    );
    return null;
  }
  return { train: take, validation, test: tested };
}

/** The requested split, as far as the replacement allows; at least half of it is for training. */
function fittedParts(
  given: Readonly<Record<string, Value>>,
  asked: Readonly<Record<string, Value>>,
  available: DatasetDescription,
): Parts {
  const wanted = (name: string) => whole(ownValue(given, name)) ?? whole(ownValue(asked, name));
  const validation = Math.min(wanted('validation') ?? 0, Math.floor(available.train / 2));
  const train = Math.min(wanted('take') ?? available.train, available.train - validation);
  return { train, validation, test: Math.min(wanted('test') ?? available.test, available.test) };
}

function classesIn(value: Value | undefined): readonly string[] | null {
  return Array.isArray(value) && value.length > 0 ? value.map(String) : null;
}

/** The classes that a replacement doesn't select itself, as the data set that it replaces does. */
function selectedClasses(
  given: Readonly<Record<string, Value>>,
  asked: Readonly<Record<string, Value>>,
): Readonly<Record<string, Value>> {
  const names = ['classes', 'train_on'].filter(
    (name) => ownValue(given, name) === null && (ownValue(asked, name) ?? null) !== null,
  );
  return Object.fromEntries(names.map((name) => [name, asked[name] ?? null]));
}

/** Writes the split out, so that the data set's arguments state it even if they were adjusted. */
function withParts(dataset: WordValue, parts: Parts, selected: Readonly<Record<string, Value>>): WordValue {
  const written: Record<string, number> = { take: parts.train, validation: parts.validation, test: parts.test };
  const args = Object.entries(dataset.arguments).map(([name, argument]) => {
    const classes = ownValue(selected, name);
    if (classes !== undefined) return [name, { ...argument, value: classes }] as const;
    const value = ownValue(written, name);
    return [name, value === undefined || argument.value === null ? argument : { ...argument, value }] as const;
  });
  return { ...dataset, arguments: Object.fromEntries(args) };
}

function whole(value: Value | undefined): number | null {
  return typeof value === 'number' ? value : null;
}
