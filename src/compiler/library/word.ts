import type { LayerMetric, MetricDefinitions } from '../../metrics/definitions.js';
import type { DiagnosticCode } from '../diagnostics/codes.js';
import type { InitialValue } from '../ir/experiment.js';
import type { Interval } from '../ir/interval.js';
import type { Shape } from '../ir/shape.js';
import type { Family, Value, WordValue } from '../ir/value.js';
import type { ArgumentsOf, Parameters } from './parameter.js';

/**
 * What every word of the language says of itself. The rules of a word are methods, so that a word with arguments of
 * its own is one of its family: the checker has made sure of the arguments before it calls them. The definition is all that the compiler, the reference (`grammar/language.md`)
 * and the generic tests know of it; what a word computes is in `src/runtime/lowering/`, in a file of the same name.
 */
interface Word<F extends Family, P extends Parameters> {
  readonly family: F;
  readonly name: string;
  /** Names that PyTorch, Keras and scikit-learn give it, or that people try: a hint for whoever writes one. */
  readonly peers?: readonly string[];
  /** The first argument that PyTorch wants and the compiler infers, such as `in_channels`. */
  readonly inferred?: string;
  /** Part of a trial's identity. Raised when a default or the meaning changes. */
  readonly version: number;
  /** Where a word from outside comes from; absent for those of the package. */
  readonly module?: WordModule;
  /** Markdown; its first sentence is the summary in tables. */
  readonly doc: string;
  /** The paper or equation it follows. */
  readonly source?: string;
  readonly parameters: P;
  /** Statements of an experiment that use the word; the tests complete them and train a step. */
  readonly example: string;
  /** Statements with a bad argument, and the code of the diagnostic that says so. */
  readonly mistake: { readonly text: string; readonly code: DiagnosticCode };
  /**
   * The independent check of what it computes: golden cases (`golden:optim-adam`), rows of a table
   * (`table:losses.json#huber`), or a test with known answers (`test:tests/…`). Several are separated by spaces.
   */
  readonly oracle: string;
}

/** A module that brings words along. Its hash stands for the versions of all that it means: it is part of identities. */
export interface WordModule {
  /** As the project or the person names it. */
  readonly name: string;
  /** Absolute. */
  readonly path: string;
  /** Of the file, in hexadecimal. */
  readonly sha256: string;
}

/** A rule of a word that its arguments or its place break. */
export interface Problem {
  readonly code: DiagnosticCode;
  readonly severity: 'error' | 'warning';
  readonly message: string;
  readonly hint: string | null;
  /** The argument to point at; null for the word itself. */
  readonly argument: string | null;
}

type ProblemDetails = Partial<Pick<Problem, 'severity' | 'hint' | 'argument'>>;

export function problem(code: DiagnosticCode, message: string, details: ProblemDetails = {}): Problem {
  return { code, message, severity: 'error', hint: null, argument: null, ...details };
}

/** What a rule gives: a value, or why there is none. */
export type Ruling<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly problem: Problem };

export function granted<T>(value: T): Ruling<T> {
  return { ok: true, value };
}

export function refused(code: DiagnosticCode, message: string, details: ProblemDetails = {}): Ruling<never> {
  return { ok: false, problem: problem(code, message, details) };
}

/** A start that an initializer decides, once it is told how many connections share the weight's variance. */
export interface InitializerCall {
  readonly kind: 'initializer';
  readonly initializer: WordValue;
  /** Inputs that one output sums over. */
  readonly fanIn: number;
  /** Outputs that one input reaches. */
  readonly fanOut: number;
  /** Whether it is for the bias beside the weight. */
  readonly ofBias: boolean;
}

/** A learned tensor or a running statistic that a layer asks for. */
export interface WeightDeclaration {
  readonly shape: Shape;
  readonly trainable: boolean;
  readonly initial: InitialValue | InitializerCall;
}

/** Where a layer stands when its opposite is asked for. */
export interface Opposition {
  /** Of the encoder layer itself. */
  readonly input: Shape;
  readonly output: Shape;
  readonly tied: boolean;
}

/** The layer that undoes another one. */
export interface Opposite {
  readonly word: string;
  /** Only what differs from the defaults; a whole number, a pair, a boolean, or a shape. */
  readonly arguments: Readonly<Record<string, number | boolean | readonly number[] | WordValue>>;
  /** Argument that must name the layer it undoes (`unpool2d`'s `from`); null where there is none. */
  readonly reference: string | null;
}

/** A layer that an argument names, such as the pool that `unpool2d` undoes. */
export interface NamedLayer {
  readonly word: string;
  readonly arguments: Readonly<Record<string, Value>>;
  readonly input: Shape;
  readonly output: Shape;
}

export interface LayerWord<P extends Parameters = Parameters> extends Word<'layer', P> {
  /** Elementwise and without weights: may stand as `activation=`. */
  readonly activation: boolean;
  /** The labelled blocks it takes in braces, such as `mu` and `logvar`. */
  readonly heads: readonly string[];
  /** Whether it draws random numbers while training; then it has an address even without weights. */
  readonly random: boolean;
  /** The units that an RBM has under this activation; absent where it has none. */
  readonly units?: 'bernoulli' | 'gaussian';
  /** Where the output is drawn from a normal distribution: the head that is its mean. */
  readonly distribution?: { readonly mean: string };
  /** Whether a three-dimensional input is flattened in front of it. */
  readonly flattensInput: boolean;
  /** @param named the layers that arguments name, by argument */
  shape(
    args: ArgumentsOf<P>,
    input: Shape,
    heads: Readonly<Record<string, Shape>>,
    named?: Readonly<Record<string, NamedLayer>>,
  ): Ruling<Shape>;
  weights(args: ArgumentsOf<P>, input: Shape): Readonly<Record<string, WeightDeclaration>>;
  /** The values that come out, given those that go in. */
  range(args: ArgumentsOf<P>, input: Interval): Interval;
  /** Examples that a training batch must have at least; one where it isn't said. */
  leastBatch?(input: Shape): number;
  /** For `tied` and `mirror`; null: left out in the decoder. */
  opposite(args: ArgumentsOf<P>, at: Opposition): Ruling<Opposite | null>;
}

export interface InitializerWord<P extends Parameters = Parameters> extends Word<'initializer', P> {
  /** @param fanIn inputs that one output sums over; @param fanOut outputs that one input reaches */
  initial(args: ArgumentsOf<P>, fanIn: number, fanOut: number): InitialValue;
  /** The start of the bias beside such a weight; zero for most, as initializers were published for weights alone. */
  initialBias?(args: ArgumentsOf<P>, fanIn: number): InitialValue;
}

/** A layer whose output a loss looks at. */
export interface LossLayer {
  readonly word: string;
  readonly shape: Shape;
  readonly range: Interval;
  /** The layer with weights right under an activation; absent for any other layer. */
  readonly below?: string;
}

/** What a loss may ask about the place it stands in. */
export interface LossContext {
  /** Of the decoder's output. */
  readonly prediction: Interval;
  readonly predictionLayer: string;
  /** Of the clean input as the network sees it. */
  readonly target: Interval;
  /** Where the loss is that of a stage of pretraining; null for that of the whole network. */
  readonly pretrained: PretrainedLayer | null;
  /** The same of validation and test examples, which may lie beyond the training examples. */
  readonly targetOfAll: Interval;
  /** Of the raw values that it was made of. */
  readonly raw: Interval;
  /** Of the layers that it names, by argument. */
  readonly on: Readonly<Record<string, LossLayer>>;
  /** The reduction of the first reconstruction term; null where there is none. */
  readonly reconstruction: 'mean' | 'sum' | 'batchmean' | null;
}

/** A layer that a stage trains by itself. */
export interface PretrainedLayer {
  /** Its label or word. */
  readonly name: string;
  /** The layer whose output is rebuilt; null for the data. */
  readonly rebuilt: string | null;
}

/** A value that a metric of a layer is to have. */
export interface LayerTarget {
  readonly metric: LayerMetric;
  readonly value: number;
}

export interface LossWord<P extends Parameters = Parameters> extends Word<'loss', P> {
  /** A reconstruction compares the output with the input; a penalty looks at a layer or at weights. */
  readonly role: 'reconstruction' | 'penalty';
  /** The parameter that is a factor in front of the term, such as `beta`; null where there is none. */
  readonly weight: string | null;
  /** What it asks a metric of the layer `on` to be, such as ρ of the mean activation; null where a schedule changes it. */
  target?(args: ArgumentsOf<P>): LayerTarget | null;
  check(args: ArgumentsOf<P>, context: LossContext): readonly Problem[];
  /** Whether the value grows with the number of examples, as with `reduction=sum`; its metric is then per example. */
  sumsOverExamples(args: ArgumentsOf<P>): boolean;
}

export interface CorruptionWord<P extends Parameters = Parameters> extends Word<'corruption', P> {
  /** @param raw the values that it damages, before any transform but those of pixels */
  check(args: ArgumentsOf<P>, raw: Interval): readonly Problem[];
}

export interface OptimizerWord<P extends Parameters = Parameters> extends Word<'optimizer', P> {
  check(args: ArgumentsOf<P>): readonly Problem[];
}

export interface ClipWord<P extends Parameters = Parameters> extends Word<'clip', P> {}

/** A moment of a stage's training. */
export interface ScheduleTime {
  /** Epochs of the stage that are complete, with the part of the running one: 1.5. */
  readonly epoch: number;
  /** Updates of the stage so far, from 0. */
  readonly step: number;
  /** What the whole stage takes. */
  readonly epochs: number;
  readonly steps: number;
}

/** What a schedule asks for the schedules among its own arguments (`warmup`'s `next`). */
export interface ScheduleValues {
  at(value: number | WordValue, time: ScheduleTime): number;
  extent(value: number | WordValue): readonly [number, number];
  settles(value: number | WordValue, stage: StageLength): number;
  beyond(value: number | WordValue, stage: StageLength): string | null;
}

/** How long a stage is. */
export type StageLength = Pick<ScheduleTime, 'epochs' | 'steps'>;

export interface ScheduleWord<P extends Parameters = Parameters> extends Word<'schedule', P> {
  /** Callers go through `scheduleValues(library)`. */
  at(args: ArgumentsOf<P>, time: ScheduleTime, values: ScheduleValues): number;
  /** Epochs after which the value stays as it is; infinite where it changes until the stage ends. */
  settles(args: ArgumentsOf<P>, stage: StageLength, values: ScheduleValues): number;
  /** What of it a stage is too short for, as the rest of a sentence; null where all of it takes place. */
  beyond(args: ArgumentsOf<P>, stage: StageLength, values: ScheduleValues): string | null;
  /** The least and the greatest value it takes, for range checks. */
  extent(args: ArgumentsOf<P>, values: ScheduleValues): readonly [number, number];
  check(args: ArgumentsOf<P>): readonly Problem[];
}

/** What is known of a data set before it is read. */
export interface DatasetDescription {
  readonly shape: Shape;
  readonly train: number;
  readonly test: number;
  /** Of the raw values: pixels in [0, 1] where they are bytes or a range was given, else as the files have them. */
  readonly range: Interval;
  readonly classes: number | null;
  /** Where the classes lie in the file that is divided, and in one of test examples alone. */
  readonly classPlaces?: { readonly train: ClassPlaces; readonly test: ClassPlaces | null };
  /** Features that have one value in all training examples, as they are named; absent where there are none. */
  readonly constants?: readonly string[];
  /** Warnings of what is in the files; absent where there are none. */
  readonly doubts?: readonly Problem[];
}

/** A data file that a data set asks about, and how it is read: plain values, as a stored recipe finds a file by its request. */
export interface FileRequest {
  readonly format: string;
  readonly path: string;
}

/** What the files of a data set are. @typeParam R what is asked about one of them */
export interface FileFormat<R extends FileRequest = FileRequest> {
  /** Whether they are folders. */
  readonly areFolders: boolean;
  /** The names of such files, in small letters and without `.gz`. */
  readonly names: RegExp;
  /** Reads what the compiler has to know. A problem is AE701 (cannot be read) or AE702 (not what it should be). */
  describe(request: R, used?: UsedExamples): Ruling<FileDescription>;
}

/** Which examples are used: of a large file only those are looked at. It doesn't belong to the request. */
export interface UsedExamples {
  readonly take: number | null;
  readonly validation: number;
  readonly test: number | null;
  readonly shuffleSeed: number | null;
  /** The features of the training table, where this is the test table; absent otherwise. */
  readonly columns?: readonly string[];
}

/** What is kept of a data file so that data that come later can be held against it. */
export interface FileContents {
  /** Bytes stand for byte / 255, the others for themselves. */
  readonly numbers: 'bytes' | 'integers' | 'reals';
  /** The names of the features, in their order; null for a format without names. */
  readonly columns: readonly string[] | null;
  /** The names of classes 0, 1, …; null where the classes are numbers, or there are none. */
  readonly classNames: readonly string[] | null;
  /** The least and greatest value of each feature; null for images, and for very many features. */
  readonly featureRanges: { readonly low: readonly number[]; readonly high: readonly number[] } | null;
}

/** Where the classes of a file lie, by their order: examples are divided by it. */
export interface ClassPlaces {
  readonly names: readonly string[];
  /** The first and the last example of each. */
  readonly first: readonly number[];
  readonly last: readonly number[];
}

export interface FileDescription {
  /** Of one example, as the file has it: `[height, width]` for a file of grey images. */
  readonly shape: Shape;
  readonly count: number;
  /** Of the values after bytes were divided by 255, or those of a given range were brought to [0, 1]. */
  readonly range: Interval;
  /** Of labels: one more than the greatest of those that are classes as they are. Null for a file without labels. */
  readonly classes: number | null;
  /** Absent without labels, for very many classes, and where a stored run remembers the file. */
  readonly classPlaces?: ClassPlaces;
  /** Absent for labels, and where an older version described the file. */
  readonly contents?: FileContents;
  /**
   * Features that have one value in all examples that would be trained on, as they are named; absent where there are none, for
   * images, and where a stored run remembers the file.
   */
  readonly constants?: readonly string[];
  /** Warnings of what is in the file; absent where there are none, and where a stored run remembers the file. */
  readonly doubts?: readonly Problem[];
}

/**
 * Lets the format read what has to be known of a data file, for the compiler does no I/O itself; or knows it otherwise.
 * @param used absent where the whole file is looked at
 */
export type DescribeFile = <R extends FileRequest>(
  request: R,
  used: UsedExamples | undefined,
  format: FileFormat<R>,
) => Ruling<FileDescription>;

export interface DatasetWord<P extends Parameters = Parameters> extends Word<'dataset', P> {
  /** Null for a set that names no files. */
  readonly format: FileFormat | null;
  describe(args: ArgumentsOf<P>, file: DescribeFile): Ruling<DatasetDescription>;
}

export interface TransformWord<P extends Parameters = Parameters> extends Word<'transform', P> {
  /** Whether it changes values (after the corruption) or cuts and moves pixels (before it). */
  readonly acts: 'before corruption' | 'after corruption';
  shape(args: ArgumentsOf<P>, input: Shape): Ruling<Shape>;
  /** Whether what it makes counts as raw: errors in raw units and pictures don't go behind it. */
  readonly makesRaw?: boolean;
  /** Whether it cuts values off, which errors in raw units go behind. */
  cutsOff?(args: ArgumentsOf<P>): boolean;
  /** Whether it takes numbers from the training examples, which one alone does not have. */
  readonly needsSeveral?: boolean;
  /** Of the training examples. */
  range(args: ArgumentsOf<P>, input: Interval): Interval;
  /** Of any examples, where it is another one than that of the training examples. */
  rangeOfAll?(args: ArgumentsOf<P>, input: Interval): Interval;
  /** What its arguments, or the values that come in, break. */
  check(args: ArgumentsOf<P>, input: { readonly shape: Shape; readonly range: Interval }): readonly Problem[];
}

/** A layer of the encoder as a pretraining stage sees it. */
export interface StageLayer {
  readonly word: string;
  readonly label: string | null;
  /** The activations right after it. */
  readonly activations: readonly string[];
  /** Whether it has a bias; it has one if nothing is said. */
  readonly bias?: boolean;
  readonly input: Shape;
  readonly output: Shape;
}

export interface StageWord<P extends Parameters = Parameters> extends Word<'stage', P> {
  readonly settings: Parameters;
  /** Whether it can train this layer, and if not why. */
  trains(layer: StageLayer): Ruling<true>;
  /** Whether it compares a layer's input with its reconstruction by the argument `loss`. */
  readonly rebuilds: boolean;
}

export interface StopWord<P extends Parameters = Parameters> extends Word<'stop', P> {
  /** @param metrics what is recorded of the validation part, without the prefix: `loss`, its terms, `mse`, `sse` */
  check(args: ArgumentsOf<P>, metrics: readonly string[]): readonly Problem[];
}

/** What a measure may ask about the place it stands in. */
export interface EvaluationContext {
  /** What the network sees. */
  readonly input: Shape;
  /** What errors are measured in: the values before the transforms, or those that `binarize` made. */
  readonly raw: Interval;
  readonly train: number;
  readonly test: number;
  /** Values of the code. */
  readonly code: number;
}

export interface EvaluationWord<P extends Parameters = Parameters> extends Word<'evaluation', P> {
  readonly needsLabels: boolean;
  /**
   * What it measures of the test part, by what stands behind the word's name: `mse` of `denoising` is `test.denoising.mse`,
   * and '' is a metric of the word's own name, `test.knn`.
   */
  readonly metrics: MetricDefinitions;
  check(args: ArgumentsOf<P>, context: EvaluationContext): readonly Problem[];
}

export interface FigureWord<P extends Parameters = Parameters> extends Word<'figure', P> {
  readonly needsLabels: boolean;
  check(args: ArgumentsOf<P>, on: Readonly<Record<string, FigureLayer>>): readonly Problem[];
}

/** A layer as a figure sees it: the one with weights, where the label is on the activation after it. */
export interface FigureLayer {
  readonly word: string;
  /** Among the layers of its block that have weights, from 0. */
  readonly index: number;
  readonly input: Shape;
  readonly output: Shape;
}

/** A decoder made from the encoder. */
export interface DecoderWord<P extends Parameters = Parameters> extends Word<'decoder', P> {
  readonly tied: boolean;
}

export interface WordsOf {
  readonly layer: LayerWord;
  readonly initializer: InitializerWord;
  readonly decoder: DecoderWord;
  readonly loss: LossWord;
  readonly corruption: CorruptionWord;
  readonly optimizer: OptimizerWord;
  readonly clip: ClipWord;
  readonly schedule: ScheduleWord;
  readonly dataset: DatasetWord;
  readonly transform: TransformWord;
  readonly stage: StageWord;
  readonly stop: StopWord;
  readonly evaluation: EvaluationWord;
  readonly figure: FigureWord;
}

export type AnyWord = WordsOf[Family];
