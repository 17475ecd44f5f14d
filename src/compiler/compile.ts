import { groupedText } from '../text/number-text.js';
import { ArgumentChecker } from './check/arguments.js';
import { BlockExpander } from './check/blocks.js';
import { writtenConditions } from './check/condition-columns.js';
import { checkCorruptions } from './check/corruption.js';
import { checkData } from './check/data.js';
import { sourceOfDataPaths } from './check/data-source.js';
import { checkOutput, deriveDecoder, giveBack } from './check/decoder.js';
import { checkDefinedActivations, checkDefinitionUse } from './check/definitions.js';
import { checkDoubledBiases } from './check/doubled-biases.js';
import { Labels } from './check/labels.js';
import { LayerChain, type ShapeStep } from './check/layers.js';
import { checkControllers, checkLoss, checkTrainedParts, checkVariances } from './check/loss.js';
import { checkMemory } from './check/memory.js';
import { checkEvaluations, checkFigures } from './check/outputs.js';
import { checkAssignments, checkConstraints, checkUse } from './check/params.js';
import { checkResampling } from './check/resampling.js';
import { checkSchedules } from './check/schedules.js';
import { checkBatchStatistics, checkFrozen, checkPretraining, checkTrain } from './check/stages.js';
import { type StoredStart, storedStarts } from './check/stored-starts.js';
import { checkTarget } from './check/target.js';
import { checkUnplacedBlocks } from './check/unplaced-blocks.js';
import { type BlockPlace, checkLayers } from './check/written-layers.js';
import { checkedDefinitions, experimentLibrary } from './definitions/experiment-library.js';
import { DiagnosticCollector } from './diagnostics/collector.js';
import { type Diagnostic, hasErrors, type Outcome } from './diagnostics/diagnostic.js';
import { Evaluator } from './evaluate/evaluator.js';
import { type Canonical, canonicalForm, contentHash } from './ir/canonical.js';
import { type ExperimentIr, type LayerNode, parameterCount } from './ir/experiment.js';
import { realLine } from './ir/interval.js';
import type { WordValue } from './ir/value.js';
import { knownWord, type Library } from './library/library.js';
import { validationMeasures } from './library/measured-parts.js';
import { noConditions } from './library/word.js';
import type { Assignment, BoundExperiment } from './resolve/bound.js';
import { resolve } from './resolve/resolve.js';
import type { CallExpression, DecoderStatement, EncoderStatement, LabelledCall } from './syntax/ast.js';
import { parse, parseMended } from './syntax/parse.js';
import type { Source, Span } from './syntax/source.js';
import type { World } from './world.js';

export interface CompileOptions {
  readonly library: Library;
  readonly world: World;
  /** Values for params; none by default. */
  readonly assignments?: readonly Assignment[];
  /** Data set to use instead, such as `digits()`, with as many examples as it has. */
  readonly data?: CallExpression | null;
  /** Overrides the epochs of every stage. */
  readonly epochs?: number | null;
  /** Step limit of every stage, for the warnings about schedules; does not affect the compiled experiment. */
  readonly maxSteps?: number | null;
  /** Most parameters allowed; default 50 million. */
  readonly mostParameters?: number;
}

/** One trial of an experiment, ready to train. */
export interface CompiledExperiment {
  readonly bound: BoundExperiment;
  readonly ir: ExperimentIr;
  readonly canonical: Canonical;
  /** SHA-256 of the canonical form: the experiment's part of a trial's identity. */
  readonly hash: string;
  /** File that data paths are relative to: the one that writes them, possibly a parent. */
  readonly dataFrom: Source;
  /** The layers that start from a stored run. */
  readonly starts: readonly StoredStart[];
  /** Values of the params in this trial, and whether they were assigned. */
  readonly params: readonly { readonly name: string; readonly value: ParamValue; readonly given: boolean }[];
}

/** The known shapes of an experiment, with errors or without, in the order of the text. */
export interface ShapeTrace {
  readonly data: readonly ShapeStep[];
  readonly target: readonly ShapeStep[];
  readonly encoder: readonly ShapeStep[];
  readonly decoder: readonly ShapeStep[];
}

/** A compiled trial, and its shapes whether it compiles or not. */
export interface TrialOutcome extends Outcome<CompiledExperiment> {
  readonly shapes: ShapeTrace;
}

/** Recorded value of a param; anything but a plain value is kept as text. */
export type ParamValue = number | boolean | string;

/**
 * Compiles text to the IR of one trial. Reports all errors, from every stage that could still run.
 * @param name the experiment of the file; null for its first
 */
export function compile(source: Source, name: string | null, options: CompileOptions): Outcome<CompiledExperiment> {
  const bound = bindExperiment(source, name, options.world);
  if (bound.value === null) {
    return { value: null, diagnostics: [...bound.diagnostics, ...mistakesBesideSyntax(source, name, options)] };
  }
  const compiled = compileTrial(bound.value, options);
  return { value: compiled.value, diagnostics: [...bound.diagnostics, ...compiled.diagnostics] };
}

/** The trial-independent part of compiling: syntax, inheritance, statements. */
export function bindExperiment(source: Source, name: string | null, world: World): Outcome<BoundExperiment> {
  const parsed = parse(source);
  if (parsed.value === null || hasErrors(parsed.diagnostics)) return { value: null, diagnostics: parsed.diagnostics };
  const bound = resolve(parsed.value, name, world);
  return { value: bound.value, diagnostics: [...parsed.diagnostics, ...bound.diagnostics] };
}

/** Errors that the mended text has for the same reasons as the written one: words and arguments that do not exist. */
const namedMistakes: ReadonlySet<string> = new Set(['AE201', 'AE209', 'AE210', 'AE301']);

/**
 * Unknown words and arguments of an experiment with syntax errors, so that `nn.Linear(784, 16)` is answered at once
 * with the word to write; empty if it has no syntax errors, or they hide what the rest means.
 */
export function mistakesBesideSyntax(
  source: Source,
  name: string | null,
  options: CompileOptions,
): readonly Diagnostic[] {
  const tree = parseMended(source);
  const bound = tree === null ? null : resolve(tree, name, options.world).value;
  if (bound === null) return [];
  return compileTrial(bound, options).diagnostics.filter(({ code }) => namedMistakes.has(code));
}

/** The part that depends on the values of params: names, types, ranges, shapes, semantics. */
export function compileTrial(bound: BoundExperiment, options: CompileOptions): TrialOutcome {
  const { assignments = [] } = options;
  const collector = new DiagnosticCollector();
  collector.addAll(checkedDefinitions(bound.definitions, options.library).diagnostics);
  const library = experimentLibrary(bound.definitions, options.library);
  const evaluator = new Evaluator(bound, assignments, library, collector);
  const labels = new Labels();
  const checker = new ArgumentChecker(evaluator, library, labels, collector, options.world);

  checkAssignments(assignments, bound, library, collector);
  const { dataFrom, isTargetElsewhere } = sourceOfDataPaths(
    bound,
    options.data ?? null,
    assignments,
    library,
    collector,
  );
  const describeFile = options.world.describeFile(dataFrom);
  const dataSteps: ShapeStep[] = [];
  const given = writtenConditions(bound, evaluator, library);
  const data = checkData(bound.data, options.data ?? null, describeFile, checker, collector, dataSteps, given);
  evaluator.knowInput(data?.shape ?? null);
  const targetSteps: ShapeStep[] = [];
  const target = checkTarget(
    { bound, data, replacement: options.data ?? null, describeFile: isTargetElsewhere ? null : describeFile, library },
    checker,
    collector,
    targetSteps,
  );
  const wanted = bound.target === null ? data : target;
  evaluator.knowTarget(wanted?.shape ?? null);
  evaluator.evaluateAll();
  checkConstraints(bound, assignments, evaluator, collector);
  const corruptions = checkCorruptions(bound.corrupt, data, library, checker, collector);

  const conditions = data ?? noConditions;
  const encoderChain = new LayerChain(
    library,
    'encoder',
    data?.shape ?? null,
    data?.range ?? realLine,
    null,
    conditions,
  );
  const blocks = new BlockExpander(bound, evaluator, collector);
  const common = {
    blocks,
    opened: null,
    library,
    checker,
    labels,
    collector,
    isNested: false,
    placed: { count: 0, isTooMany: false, firstOf: new Map() },
  };
  const encoded = encode(bound.encoder, { block: 'encoder', chain: encoderChain, ...common });
  const { shape: code, range } = encoderChain;
  const decoderChain = new LayerChain(library, 'decoder', code, range, encoderChain, conditions);
  const decoded = decode(bound.decoder, encoded ? encoderChain.nodes : null, {
    block: 'decoder',
    chain: decoderChain,
    ...common,
  });
  const fits =
    wanted !== null &&
    decoded &&
    giveBack(encoderChain.nodes, decoderChain, bound.decoder.span, library, collector) &&
    checkOutput(
      {
        shape: wanted.shape,
        name: target === null ? 'input' : 'target',
        isDerived: bound.decoder.body.kind === 'derived',
      },
      decoderChain,
      bound.decoder.span,
      collector,
    );
  if (fits) declareOutput(decoderChain, bound.decoder.span, labels, library);
  else labels.declareBroken('output');

  checkDefinedActivations(encoderChain, data?.range ?? realLine, collector);
  checkDefinedActivations(decoderChain, encoderChain.range, collector);
  checkDoubledBiases(encoderChain, library, collector);
  checkDoubledBiases(decoderChain, library, collector);
  const encoder = encoderChain.nodes;
  const decoder = decoderChain.nodes;
  const shapes = { data: dataSteps, target: targetSteps, encoder: encoderChain.steps, decoder: decoderChain.steps };
  const network = data && encoded && fits ? { data, target, encoder, decoder } : null;
  if (network && bound.train) checkFrozen([...encoder, ...decoder], bound.train.span, collector);
  if (network) checkSize([...encoder, ...decoder], options.mostParameters ?? 50_000_000, bound, collector);

  const loss = bound.loss ? checkLoss(evaluator.evaluate(bound.loss.value), network, library, checker, collector) : [];
  if (network && bound.loss && loss) {
    checkVariances(loss, network, bound.loss.value.span, library, collector);
    checkControllers(loss, network, bound.loss.value.span, library, collector);
    checkTrainedParts(loss, network, bound.loss.value.span, library, collector);
  }
  const evaluations =
    network && checkEvaluations(bound.evaluate, network, bound.corrupt !== null, library, checker, collector);
  const measured = validationMeasures(evaluations ?? [], library);
  const train = bound.train ? checkTrain(bound.train, { loss, measured }, data, library, checker, collector) : null;
  if (!network || !evaluations) return { value: null, diagnostics: collector.all, shapes };
  const pretrain = checkPretraining(bound.pretrain, encoder, network.data, library, checker, collector);
  const figures = checkFigures(bound.show, network, library, checker, collector);
  if (!hasErrors(collector.all)) {
    checkUse(bound, collector);
    checkUnplacedBlocks(bound, assignments, library, collector);
    checkDefinitionUse(bound, assignments, collector);
  }
  if (bound.train && train) {
    checkBatchStatistics(bound.train, train, network, library, collector);
    checkResampling(bound.train, train, network, library, checker);
  }
  if (!loss || !pretrain || hasErrors(collector.all)) return { value: null, diagnostics: collector.all, shapes };

  const written: ExperimentIr = {
    name: bound.name.name,
    ...network,
    corruptions,
    loss,
    stages: [...pretrain, ...(train ? [train] : [])],
    evaluations,
    figures,
  };
  const ir = options.epochs ? withEpochs(written, options.epochs) : written;
  checkSchedules(ir, bound, options.maxSteps ?? null, library, collector);
  checkMemory(ir, options.world, library, bound, collector);
  if (hasErrors(collector.all)) return { value: null, diagnostics: collector.all, shapes };
  const canonical = canonicalForm(ir, library);
  const params = paramsOf(bound, assignments, evaluator);
  const starts = storedStarts([...shapes.encoder, ...shapes.decoder]);
  const value = { bound, ir, canonical, hash: contentHash(canonical), dataFrom, starts, params };
  return { value, diagnostics: collector.all, shapes };
}

/**
 * Compiles a data set given elsewhere, such as on the command line. It may use an experiment's params; nothing else of
 * the experiment is checked.
 */
export function compileDataset(
  call: CallExpression,
  { bound, ir }: Pick<CompiledExperiment, 'bound' | 'ir'>,
  { library, assignments = [] }: Pick<CompileOptions, 'library' | 'assignments'>,
): Outcome<WordValue> {
  const collector = new DiagnosticCollector();
  const evaluator = new Evaluator(bound, assignments, library, collector);
  evaluator.knowInput(ir.data.shape);
  const dataset = new ArgumentChecker(evaluator, library, new Labels(), collector, null).bind('dataset', call);
  return { value: hasErrors(collector.all) ? null : (dataset?.value ?? null), diagnostics: collector.all };
}

function withEpochs(ir: ExperimentIr, epochs: number): ExperimentIr {
  const given = { value: epochs, origin: 'given' } as const;
  return {
    ...ir,
    stages: ir.stages.map((stage) => ({
      ...stage,
      settings: { ...stage.settings, epochs: given, steps: { value: null, origin: 'given' } },
    })),
  };
}

function encode(statement: EncoderStatement, place: BlockPlace): boolean {
  const { chain, library, labels, collector } = place;
  const complete = checkLayers(statement.layers, place);
  if (statement.layers.length === 0 || (complete && chain.nodes.length === 0)) {
    collector.error('AE205', 'the encoder has no layers', statement.span, { hint: 'such as: code: dense(100)' });
    return false;
  }
  const lastOther = lastNonActivation(statement, library);
  for (const [i, { label }] of statement.layers.entries()) {
    if (label?.name !== 'code' || i >= lastOther) continue;
    collector.error('AE212', "'code' is the name of the encoder's output, but this is not its last layer", label.span, {
      hint: 'choose another label, or move it to the last layer',
    });
  }
  const last = statement.layers.at(-1);
  if (!complete) labels.declareBroken('code');
  else if (last) {
    const heads = library.find('layer', last.call.word.name)?.heads ?? [];
    labels.declareCode(chain.end, heads, last.span);
  }
  return complete;
}

/** Index of the last layer that is not an activation; -1 if all are. */
function lastNonActivation(statement: EncoderStatement, library: Library): number {
  const isActivation = ({ call }: LabelledCall) => library.find('layer', call.word.name)?.activation === true;
  return statement.layers.findLastIndex((layer) => !isActivation(layer));
}

function decode({ body, span }: DecoderStatement, encoder: readonly LayerNode[] | null, place: BlockPlace): boolean {
  const { chain, library, checker, collector } = place;
  if (body.kind === 'derived') {
    return encoder !== null && deriveDecoder(body.call, encoder, chain, library, checker, collector);
  }
  const complete = checkLayers(body.layers, place);
  if (body.layers.length === 0 || (complete && chain.nodes.length === 0)) {
    collector.error('AE205', 'the decoder has no layers', span, {
      hint: 'such as: dense(input.size, activation=sigmoid)',
    });
    return false;
  }
  return complete;
}

/** Makes `output` known, with its heads, if it has some. */
function declareOutput(chain: LayerChain, span: Span, labels: Labels, library: Library): void {
  const last = chain.nodes.at(-1);
  if (last) labels.declareOutput(chain.end, knownWord(library, 'layer', last).heads, span);
}

function checkSize(
  nodes: readonly LayerNode[],
  most: number,
  bound: BoundExperiment,
  collector: DiagnosticCollector,
): void {
  const parameters = parameterCount(nodes);
  if (parameters <= most) return;
  collector.error(
    'AE405',
    `the model has ${groupedText(parameters)} parameters, more than the limit of ${groupedText(most)}`,
    bound.name.span,
    { hint: 'make a layer smaller, or raise the limit with --max-parameters' },
  );
}

function paramsOf(bound: BoundExperiment, assignments: readonly Assignment[], evaluator: Evaluator) {
  const given = new Map(assignments.map((assignment) => [assignment.name.name, assignment]));
  return [...bound.params].map(([name, statement]) => {
    const assigned = given.get(name);
    const evaluated = evaluator.param(name);
    const { span } = (assigned ?? statement).value;
    const value: ParamValue =
      evaluated && 'value' in evaluated ? evaluated.value : span.source.text.slice(span.start, span.end);
    return { name, value, given: assigned !== undefined };
  });
}
