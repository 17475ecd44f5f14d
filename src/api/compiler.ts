/**
 * From text to a checked experiment: parsing, formatting, compiling, diagnostics, words. Pure: nothing here reads a file,
 * a clock or the environment; what the compiler must know of the outside comes through a `World`.
 *
 * @module
 */

export {
  bindExperiment,
  type CompiledExperiment,
  type CompileOptions,
  compile,
  compileTrial,
  mistakesBesideSyntax,
  type ParamValue,
} from '../compiler/compile.js';
export { DiagnosticCollector } from '../compiler/diagnostics/collector.js';
export type { Outcome } from '../compiler/diagnostics/diagnostic.js';
export { type Diagnostic, hasErrors } from '../compiler/diagnostics/diagnostic.js';
export { diagnosticToJson, type JsonDiagnostic, type JsonRange } from '../compiler/diagnostics/json.js';
export { printable, printableLines } from '../compiler/diagnostics/printable.js';
export { type RenderOptions, renderDiagnostics } from '../compiler/diagnostics/render.js';
export { closest, didYouMeanMetric } from '../compiler/diagnostics/suggest.js';
export { type DrawMethod, drawMethods } from '../compiler/expand/sweep-request.js';
export { type Canonical, canonicalJson } from '../compiler/ir/canonical.js';
export {
  bytesInFiles,
  type DataCondition,
  dataBytes,
  type ExperimentIr,
  type InitialValue,
  type LayerNode,
  parameterCount,
  readingBytes,
  type WeightNode,
} from '../compiler/ir/experiment.js';
export * as interval from '../compiler/ir/interval.js';
export { describeShape, type Shape } from '../compiler/ir/shape.js';
export {
  type Arguments,
  isInputReference,
  isLayerReference,
  isWordValue,
  type LayerReference,
  layersNamedBy,
  layersNamedIn,
  ownValue,
  type Value,
} from '../compiler/ir/value.js';
export { extendLibrary, type Library } from '../compiler/library/library.js';
export { type MemoryNeed, memoryNeed } from '../compiler/library/memory.js';
export * as parameter from '../compiler/library/parameter.js';
export { describeWord, type ParameterDescription } from '../compiler/library/reference.js';
export {
  type Entry,
  entriesNamed,
  entriesOf,
  type Kind,
  kindNamed,
  kinds,
  meantByName,
  nameOf,
  summaryOf,
} from '../compiler/reference/look-up.js';
export type { Assignment, BoundExperiment } from '../compiler/resolve/bound.js';
export { type SyntaxTree, syntaxTree } from '../compiler/syntax/concrete-syntax.js';
export { decodeSource, type NoText } from '../compiler/syntax/decode.js';
export { format, withLineEndsOf } from '../compiler/syntax/format.js';
export { parse } from '../compiler/syntax/parse.js';
export type { Source } from '../compiler/syntax/source.js';
export type { World } from '../compiler/world.js';
export type { LayerLowering, LossLowering, OptimizerLowering } from '../runtime/lowering/lowering.js';
export type { Operations } from '../runtime/lowering/operations.js';
export type { Clip, Layer, Loss, Optimizer, Schedule, Words } from '../words/word.js';
export { builtinWords } from '../words/words.js';
