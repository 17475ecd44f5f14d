import type { LayerMetric, MetricDefinitions } from '../../metrics/definitions.js';
import type { DiagnosticCode } from '../diagnostics/codes.js';
import type { Definition } from '../ir/definition.js';
import type { DataCondition, InitialValue, LayerNode, WeightPlace } from '../ir/experiment.js';
import type { Interval } from '../ir/interval.js';
import type { Shape } from '../ir/shape.js';
import type { Family, Value, WordValue } from '../ir/value.js';
import type { DatasetDescription, DescribeFile, FileFormat, FileRequest } from './data-file.js';
import type { NeedBelow } from './needs-below.js';
import type { ArgumentsOf, Parameters } from './parameter.js';

/**
 * Definition common to all words of the language. A word's rules are methods, so that a word with its own arguments is
 * assignable to its family's type: the checker validates the arguments before it calls them. The definition is all that
 * the compiler, the reference (`grammar/language.md`) and the generic tests know of a word; its computation is in
 * `src/runtime/lowering/`, in a file of the same name.
 */
interface Word<F extends Family, P extends Parameters> {
  readonly family: F;
  readonly name: string;
  /** Names used by PyTorch, Keras and scikit-learn, or that people try, for hints. */
  readonly peers?: readonly string[];
  /** Leading argument that PyTorch requires and the compiler infers, such as `in_channels`. */
  readonly inferred?: string;
  /** Part of a trial's identity. Raised when a default or the meaning changes. */
  readonly version: number;
  /** What the word means, if an experiment defines it. */
  readonly defined?: Definition;
  /** Module of a word from outside; absent for built-in words. */
  readonly module?: WordModule;
  /** Markdown; its first sentence is the summary in tables. */
  readonly doc: string;
  /** The paper or equation it implements. */
  readonly source?: string;
  readonly parameters: P;
  /** Statements of an experiment that use the word; tests complete them and train a step. */
  readonly example: string;
  /** Statements with a bad argument, and the code of the resulting diagnostic. */
  readonly mistake: { readonly text: string; readonly code: DiagnosticCode };
  /**
   * The independent check of its results: golden cases (`golden:optim-adam`), rows of a table
   * (`table:losses.json#huber`), or a test with known answers (`test:tests/…`). Separate several by spaces.
   */
  readonly oracle: string;
}

/** A module that contributes words. Its hash stands for the versions of all of them, and is part of identities. */
export interface WordModule {
  /** Name given by the project or the user. */
  readonly name: string;
  /** Absolute path. */
  readonly path: string;
  /** Hash of the file, in hexadecimal. */
  readonly sha256: string;
}

/** A violated rule of a word, due to its arguments or its context. */
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

/** Result of a rule: a value, or why there is none. */
export type Result<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly problem: Problem };

export function ok<T>(value: T): Result<T> {
  return { ok: true, value };
}

export function failed(code: DiagnosticCode, message: string, details: ProblemDetails = {}): Result<never> {
  return { ok: false, problem: problem(code, message, details) };
}

/** An initial value to be determined by an initializer from the connections that share the weight's variance. */
export interface InitializerCall {
  readonly kind: 'initializer';
  readonly initializer: WordValue;
  /** Inputs that one output sums over. */
  readonly fanIn: number;
  /** Outputs that one input reaches. */
  readonly fanOut: number;
  /** Whether it is for the bias that belongs to the weight. */
  readonly ofBias: boolean;
}

/** A learned tensor or a running statistic that a layer declares. */
export interface WeightDeclaration {
  readonly shape: Shape;
  readonly trainable: boolean;
  readonly initial: InitialValue | InitializerCall;
}

/** Context in which a layer's inverse is derived. */
export interface Opposition {
  /** Input shape of the encoder layer itself. */
  readonly input: Shape;
  readonly output: Shape;
  readonly tied: boolean;
}

/**
 * The inverse of a layer. A layer that joins an earlier one's output is undone by itself where that earlier output is
 * rebuilt: it then joins what had been rebuilt of its own output.
 */
export interface Opposite {
  readonly word: string;
  /** Arguments that differ from the defaults: an integer, a pair, a boolean, or a shape. */
  readonly arguments: Readonly<Record<string, number | boolean | readonly number[] | WordValue>>;
  /** Argument that names the inverted layer (`unpool2d`'s `from`), or the joined one; null if there is none. */
  readonly reference: string | null;
  readonly joins?: true;
}

/** A layer referenced by an argument, such as the pool that `unpool2d` inverts. */
export interface NamedLayer {
  readonly word: string;
  readonly arguments: Readonly<Record<string, Value>>;
  readonly input: Shape;
  readonly output: Shape;
  /** Range of the output. */
  readonly range: Interval;
}

/** Layers by the argument that names them; most name one. */
export type NamedLayers = Readonly<Record<string, readonly NamedLayer[]>>;

/** What layers may be given of an example, besides its values. */
export interface DataConditions {
  /** Number of classes; null without labels. */
  readonly classes: number | null;
  /** Whether the training examples have labels, and those of a test file don't. */
  readonly isTestUnlabelled?: boolean;
  readonly conditions: readonly DataCondition[];
}

export const noConditions: DataConditions = { classes: null, conditions: [] };

/** What a layer is given of an example: its class, one-hot, or columns of its row, in this order. */
export type ConditionUse = 'class' | readonly string[];

/** By a matrix of weights, by a kernel in each window, or alike in each window. */
export type Mixing = 'weights' | 'kernel' | 'pool';

export interface LayerWord<P extends Parameters = Parameters> extends Word<'layer', P> {
  /** Without weights and of its input's shape: allowed in `activation=`. */
  readonly activation: boolean;
  /** An activation with weights of its own, which is a layer of its own therefore. */
  readonly activates?: true;
  /** True for a layer that adds biases of its own to what is below, so that one there is counted twice. */
  readonly addsBias?: true;
  /** For a layer of which a part gets a gradient from certain losses alone: these, and what they train. */
  readonly trainedBy?: { readonly losses: readonly string[]; readonly what: string };
  /** False for an activation of several elements together; activations are elementwise if absent. */
  readonly isElementwise?: false;
  /** Labelled blocks that it takes in braces, such as `mu` and `logvar`. */
  readonly heads: readonly string[];
  /** For heads that may be left out and see another layer than it does: the argument that names that layer. */
  readonly headsSee?: string;
  /** Whether it adds up or joins the outputs of several layers. */
  readonly joins?: boolean;
  /** Whether it needs what the layers that its arguments name were given, rather than what they gave. */
  readonly needsInputs?: boolean;
  /** Whether it draws random numbers during training, and so needs an address even without weights. */
  readonly random: boolean;
  /** Type of an RBM's units with this activation; absent if unsupported. */
  readonly units?: 'bernoulli' | 'gaussian';
  /** For an output drawn from a normal distribution: the head that is its mean. */
  readonly distribution?: { readonly mean: string };
  /** For an output that is the mean of a distribution: the head that is the logarithm of its variance. */
  readonly logVariance?: string;
  /** True for a layer that steers the weight of a penalty that names it. */
  readonly isController?: true;
  /** Metrics of its own state. @param weight the only number of a weight */
  measures?(weight: (name: string) => number): Readonly<Partial<Record<LayerMetric, number>>>;
  /** Returns a sentence that the training ends with; null for none. @param weight the only number of a weight */
  complaint?(args: ArgumentsOf<P>, weight: (name: string) => number): string | null;
  /**
   * For the first layer of an encoder that takes something from the input: the word of the layer that gives it back, which
   * ends the decoder and has its weights.
   */
  readonly givenBack?: string;
  /** How its units add up what is below them: absent for a layer that is no sum, or only scales and moves its input. */
  readonly mixing?: Mixing;
  /** Whether a three-dimensional input is flattened first. */
  readonly flattensInput: boolean;
  /** What it is given besides its input, of the example; absent for nothing. */
  condition?(args: ArgumentsOf<P>): ConditionUse;
  /** The argument that names columns of the data as a condition, without which that is the class. */
  readonly takesColumns?: string;
  /** Arguments of which a call gives one at most. */
  readonly alternatives?: readonly string[];
  /** Whether its output is its input: it is placed only where a block would have no layer. */
  readonly isIdentity?: boolean;
  /**
   * Set if it changes only the shape: to one dimension, or to its argument `shape`. The compiler inserts layers of
   * either kind where only the shape differs.
   */
  readonly reshapes?: 'to one dimension' | 'to a shape';
  /** Whether its kernel computes an activation directly after it as well, if that one is `isFused`. */
  readonly fusesActivation?: boolean;
  readonly isFused?: boolean;
  /**
   * Memory it allocates in each direction, in multiples of its output's size; one if absent. The backward pass adds the
   * incoming and the outgoing gradient.
   */
  readonly memory?: { readonly forward?: number; readonly backward?: number };
  /**
   * @param named layers referenced by arguments, by argument
   * @param conditions what the data has
   */
  shape(
    args: ArgumentsOf<P>,
    input: Shape,
    heads: Readonly<Record<string, Shape>>,
    named?: NamedLayers,
    conditions?: DataConditions,
  ): Result<Shape>;
  weights(args: ArgumentsOf<P>, input: Shape, conditions?: DataConditions): Readonly<Record<string, WeightDeclaration>>;
  /** Range of the output for a range of the input, of the layers that arguments name, and of the heads. */
  range(
    args: ArgumentsOf<P>,
    input: Interval,
    named?: NamedLayers,
    heads?: Readonly<Record<string, Interval>>,
    conditions?: DataConditions,
  ): Interval;
  /** Minimum number of examples in a training batch, and what to do about fewer; default one. */
  readonly leastBatch?: { examples(input: Shape): number; readonly hint: string };
  /** For `tied` and `mirror`; null omits the layer in the decoder. */
  opposite(args: ArgumentsOf<P>, at: Opposition): Result<Opposite | null>;
}

/** A word that places the layers in its braces, and is no layer itself. */
export interface StructureWord<P extends Parameters = Parameters> extends Word<'structure', P> {
  /** How many times its layers are placed, one after the other. */
  copies(args: ArgumentsOf<P>): number;
  /** Whether labels in its braces are known there alone, since several layers may have each. */
  readonly hidesLabels: boolean;
  /** The layer that follows, and joins what they give with what they were given. */
  readonly join?: StructureJoin<P>;
  /** Whether all copies have the weights of the first. */
  sharesCopies?(args: ArgumentsOf<P>): boolean;
  /** For a structure without braces: the argument that names what it places once more, with the same weights. */
  readonly shares?: string;
}

export interface StructureJoin<P extends Parameters = Parameters> {
  readonly word: string;
  /** Argument that names the layer before the structure. */
  readonly reference: string;
  /** One of its heads, and the argument that has its layer, or a block of layers. */
  readonly head: string;
  readonly argument: string;
  layer(args: ArgumentsOf<P>): WordValue | null;
  /** Says what is wrong with two shapes that can't be joined without a head. */
  mismatch(input: Shape, output: Shape): { readonly message: string; readonly hint: string };
}

export interface InitializerWord<P extends Parameters = Parameters> extends Word<'initializer', P> {
  /** For a start that is the transpose of another layer's weight: the argument that names the layer. */
  readonly transposes?: string;
  /** For a start that is what a stored run came to: the arguments that name the run and its layer. */
  readonly stored?: { readonly run: string; readonly layer: string };
  /**
   * @param fanIn inputs that one output sums over
   * @param fanOut outputs that one input reaches
   * @param other the weight of the layer that `transposes` names
   */
  initial(args: ArgumentsOf<P>, fanIn: number, fanOut: number, other?: WeightPlace): InitialValue;
  /**
   * Initial value of the bias that belongs to such a weight; zero for most, since initializers were published for
   * weights only.
   */
  initialBias?(args: ArgumentsOf<P>, fanIn: number): InitialValue;
}

/** A layer whose output a loss depends on. */
export interface LossLayer {
  readonly word: string;
  readonly shape: Shape;
  readonly range: Interval;
  /** The layer with weights directly below an activation; absent for all other layers. */
  readonly below?: string;
  /** Shapes of its heads. */
  readonly heads: Readonly<Record<string, Shape>>;
  /** Whether its output is the decoder's. */
  readonly isOutput: boolean;
  /** Whether its output is the encoder's. */
  readonly isCode: boolean;
  /** The layers below it in its block, the nearest first. */
  readonly down: readonly LayerBelow[];
}

/** A layer below one that a loss looks at. */
export interface LayerBelow {
  readonly word: string;
  /** Whether its units add up what is below them. */
  readonly isSum: boolean;
  /** Whether it is an activation, elementwise or one that compares units. */
  readonly isActivation: boolean;
}

/** Context in which a loss is checked. */
export interface LossContext {
  /** Range of the decoder's output. */
  readonly prediction: Interval;
  /** Null for no layer. */
  readonly predictionLayer: string | null;
  /** Range of what the decoder must give for the training examples. */
  readonly target: Interval;
  /** Whether that is the input, clean, rather than a target of its own. */
  readonly isInput: boolean;
  /** The layer, for the loss of a pretraining stage; null for that of the whole network. */
  readonly pretrained: PretrainedLayer | null;
  /** The same for validation and test examples, which may exceed the range of the training examples. */
  readonly targetOfAll: Interval;
  /** Range of the raw values that the target derives from. */
  readonly raw: Interval;
  /** Referenced layers, by argument. */
  readonly on: Readonly<Record<string, LossLayer>>;
  /** Reduction of the first reconstruction term; null if there is none. */
  readonly reconstruction: 'mean' | 'sum' | 'batchmean' | null;
}

/** A layer that a stage trains on its own. */
export interface PretrainedLayer {
  /** Its label or word. */
  readonly name: string;
  /** Layer whose output is reconstructed; null for the data. */
  readonly rebuilt: string | null;
}

/** Target value for a metric of a layer. */
export interface LayerTarget {
  readonly metric: LayerMetric;
  readonly value: number;
}

export interface LossWord<P extends Parameters = Parameters> extends Word<'loss', P> {
  /** A reconstruction compares output and input; a penalty depends on a layer or on weights. */
  readonly role: 'reconstruction' | 'penalty';
  /** Whether a single kernel computes it; others allocate tensors of the size they compare. */
  readonly isFused?: boolean;
  /** Tensors of the size of a batch that it makes; three, for one that compares two of them, if absent. */
  readonly tensors?: number;
  /** Parameter that multiplies the term, such as `beta`; null if there is none. */
  readonly weight: string | null;
  /** Target for a metric of the layer `on`, such as ρ for the mean activation; null if a schedule changes it. */
  target?(args: ArgumentsOf<P>): LayerTarget | null;
  check(args: ArgumentsOf<P>, context: LossContext): readonly Problem[];
  /** Whether the value grows with the number of examples, as with `reduction=sum`; its metric is then per example. */
  sumsOverExamples(args: ArgumentsOf<P>): boolean;
}

export interface CorruptionWord<P extends Parameters = Parameters> extends Word<'corruption', P> {
  /** Whether it acts on raw values, before any value transform, or on those the network sees, after all of them. */
  readonly damages: 'raw values' | 'what the network sees';
  /** @param raw range of the values it corrupts, before any transform except those of pixels */
  check(args: ArgumentsOf<P>, raw: Interval): readonly Problem[];
}

export interface OptimizerWord<P extends Parameters = Parameters> extends Word<'optimizer', P> {
  /** Names of the tensors that it keeps for each weight; all start at zero. */
  readonly slots: readonly string[];
  check(args: ArgumentsOf<P>): readonly Problem[];
}

export interface ClipWord<P extends Parameters = Parameters> extends Word<'clip', P> {}

/** A set of weights that each update of `train` is followed by a projection onto. */
export interface ConstraintWord<P extends Parameters = Parameters> extends Word<'constraint', P> {}

/** A point in a stage's training. */
export interface ScheduleTime {
  /** Completed epochs of the stage, including the fraction of the current one: 1.5. */
  readonly epoch: number;
  /** Completed updates of the stage, from 0. */
  readonly step: number;
  /** Length of the whole stage. */
  readonly epochs: number;
  readonly steps: number;
}

/** Evaluates the schedules among a schedule's own arguments (`warmup`'s `next`). */
export interface ScheduleValues {
  at(value: number | WordValue, time: ScheduleTime): number;
  extent(value: number | WordValue): readonly [number, number];
  settles(value: number | WordValue, stage: StageLength): number;
  beyond(value: number | WordValue, stage: StageLength): string | null;
}

/** Length of a stage. */
export type StageLength = Pick<ScheduleTime, 'epochs' | 'steps'>;

export interface ScheduleWord<P extends Parameters = Parameters> extends Word<'schedule', P> {
  /** Callers go through `scheduleValues(library)`. */
  at(args: ArgumentsOf<P>, time: ScheduleTime, values: ScheduleValues): number;
  /** Epochs after which the value is constant; infinite if it changes until the stage ends. */
  settles(args: ArgumentsOf<P>, stage: StageLength, values: ScheduleValues): number;
  /** The part of it that exceeds the stage, to complete a sentence; null if it fits. */
  beyond(args: ArgumentsOf<P>, stage: StageLength, values: ScheduleValues): string | null;
  /** Smallest and largest value, for range checks. */
  extent(args: ArgumentsOf<P>, values: ScheduleValues): readonly [number, number];
  check(args: ArgumentsOf<P>): readonly Problem[];
}

export interface DatasetWord<P extends Parameters = Parameters> extends Word<'dataset', P> {
  /** Null for a set without files. */
  readonly format: FileFormat | null;
  /** Its files as numbers that stand in an experiment, such as the weights of a loss; absent if it has no such files. */
  readonly constants?: FileFormat<FileRequest>;
  /** The argument that names columns which are conditions, for a table. */
  readonly conditionArgument?: string;
  /** Whether the package makes its examples, no more than are used. */
  readonly isMade?: boolean;
  /** Name of the argument by which examples of its files are left out, so that others can't be paired with them. */
  dropsBy?(args: ArgumentsOf<P>): string | null;
  describe(args: ArgumentsOf<P>, file: DescribeFile): Result<DatasetDescription>;
}

export interface TransformWord<P extends Parameters = Parameters> extends Word<'transform', P> {
  /** Whether it changes values (after the corruption) or crops and moves pixels (before it). */
  readonly acts: 'before corruption' | 'after corruption';
  shape(args: ArgumentsOf<P>, input: Shape): Result<Shape>;
  /** Whether its output counts as raw, so that errors in raw units and figures don't invert it. */
  readonly makesRaw?: boolean;
  /** Whether it clips values, so that errors in raw units can't invert it. */
  cutsOff?(args: ArgumentsOf<P>): boolean;
  /** Whether it computes statistics of the training examples, which need more than one. */
  readonly needsSeveral?: boolean;
  /** Range for training examples. */
  range(args: ArgumentsOf<P>, input: Interval): Interval;
  /** Range for any examples, if it differs from that of the training examples. */
  rangeOfAll?(args: ArgumentsOf<P>, input: Interval): Interval;
  /** Checks its arguments, and the values that it receives. */
  check(args: ArgumentsOf<P>, input: { readonly shape: Shape; readonly range: Interval }): readonly Problem[];
}

/** A layer of the encoder, as a pretraining stage sees it. */
export interface StageLayer {
  readonly word: string;
  readonly label: string | null;
  /** Activations directly after it. */
  readonly activations: readonly string[];
  /** Whether it has a bias; true by default. */
  readonly bias?: boolean;
  readonly input: Shape;
  readonly output: Shape;
}

/** Memory that a pretraining stage allocates for a layer. */
export interface StageMemory {
  /** Copies of the layer's inputs and outputs for a batch. */
  readonly copies: number;
  /** Number of examples whose outputs it holds at the end of an epoch, to measure them. */
  readonly measured: number;
}

export interface StageWord<P extends Parameters = Parameters> extends Word<'stage', P> {
  readonly settings: Parameters;
  /** Returns whether it can train this layer, or why not. */
  trains(layer: StageLayer): Result<true>;
  /** Whether it compares a layer's input with its reconstruction by the argument `loss`. */
  readonly rebuilds: boolean;
  /** Memory allocated for a layer. @param train number of training examples */
  memory(args: ArgumentsOf<P>, train: number): StageMemory;
}

export interface StopWord<P extends Parameters = Parameters> extends Word<'stop', P> {
  /** @param metrics recorded for the validation part, without the prefix: `loss`, its terms, `mse`, `sse` */
  check(args: ArgumentsOf<P>, metrics: readonly string[]): readonly Problem[];
}

/** Context in which a resampling is checked: the whole network, and the length of the training. */
export interface ResamplingContext {
  readonly encoder: readonly LayerNode[];
  readonly decoder: readonly LayerNode[];
  /** True if the decoder must give something else than the input. */
  readonly hasTarget: boolean;
  readonly steps: number;
  /** Whether a layer is an activation, elementwise or one that compares units. */
  isActivation(layer: LayerNode): boolean;
}

/** A rule by which `train` lets units start anew. */
export interface ResamplingWord<P extends Parameters = Parameters> extends Word<'resampling', P> {
  check(args: ArgumentsOf<P>, context: ResamplingContext): readonly Problem[];
}

/** Context in which a measure is checked. */
export interface EvaluationContext {
  /** Shape of the network's input. */
  readonly input: Shape;
  /** Shape of the target, if there is one; null if the decoder must give the input. */
  readonly target: Shape | null;
  /**
   * Range of what the decoder must give, in which errors are measured: that of the values before the transforms, or
   * after `binarize`.
   */
  readonly raw: Interval;
  readonly train: number;
  readonly test: number;
  /** Number of values in the code. */
  readonly code: number;
  /** Words of the decoder's layers, in order. */
  readonly decoder: readonly string[];
  /** Features that the data are made of; null if they aren't known. */
  readonly trueFeatures: number | null;
  /** Whether the experiment corrupts its input. */
  readonly isCorrupted: boolean;
  /** The classes that are trained on; null for all. */
  readonly trainOn: readonly string[] | null;
  /** The classes of the data, by name, or by number without names; null if they aren't known, or there are none. */
  readonly classNames: readonly string[] | null;
}

export interface EvaluationWord<P extends Parameters = Parameters> extends Word<'evaluation', P> {
  readonly needsLabels: boolean;
  /**
   * Metrics of the test part, by their suffix: `mse` of `denoising` is `test.denoising.mse`, and '' is a metric of the
   * word's own name, `test.knn`.
   */
  readonly metrics: MetricDefinitions;
  check(args: ArgumentsOf<P>, context: EvaluationContext): readonly Problem[];
}

export interface FigureWord<P extends Parameters = Parameters> extends Word<'figure', P> {
  readonly needsLabels: boolean;
  check(args: ArgumentsOf<P>, on: Readonly<Record<string, FigureLayer>>): readonly Problem[];
}

/** A layer as a figure sees it: the one with weights, if the label is on the activation after it. */
export interface FigureLayer {
  readonly word: string;
  /** Index among the layers of its block that have weights, from 0. */
  readonly index: number;
  readonly input: Shape;
  readonly output: Shape;
  /** How its units add up what is below them; null for no sum. */
  readonly mixing: Mixing | null;
  /** Whether its output has the prior N(0, 1). */
  readonly hasPrior: boolean;
  /** Why the layers above it need more than its output; null if they don't. */
  readonly above: NeedBelow | null;
  /** How many conditions figures show of the layers above it; 0 if these are given none. */
  readonly conditions: number;
}

/** A decoder derived from the encoder. */
export interface DecoderWord<P extends Parameters = Parameters> extends Word<'decoder', P> {
  readonly tied: boolean;
}

export interface WordsOf {
  readonly layer: LayerWord;
  readonly structure: StructureWord;
  readonly initializer: InitializerWord;
  readonly decoder: DecoderWord;
  readonly loss: LossWord;
  readonly corruption: CorruptionWord;
  readonly optimizer: OptimizerWord;
  readonly clip: ClipWord;
  readonly constraint: ConstraintWord;
  readonly schedule: ScheduleWord;
  readonly dataset: DatasetWord;
  readonly transform: TransformWord;
  readonly stage: StageWord;
  readonly stop: StopWord;
  readonly resampling: ResamplingWord;
  readonly evaluation: EvaluationWord;
  readonly figure: FigureWord;
}

export type AnyWord = WordsOf[Family];
