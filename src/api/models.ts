/**
 * Using what was trained: loading a model, applying it to data, samples, PyTorch, and arrays as files.
 *
 * @module
 */
export { partNames } from '../models/applied-data.js';
export { namedFeatures, type ScoredRow, worstFirst } from '../models/applied-scores.js';
export { type Applied, type AppliedValues, type ApplyOptions, apply, rowsOf } from '../models/apply.js';
export type { HuggingFaceExport } from '../models/export-huggingface.js';
export type { ModelExport } from '../models/export-onnx.js';
export { exportPytorch, type PytorchExport } from '../models/export-pytorch.js';
export { type ModelPart, modelParts } from '../models/onnx/graph.js';
export { type SampleOptions, type Samples, sample } from '../models/sample.js';
export { encodeNpy } from '../runtime/formats/npy.js';
export { encodeSafetensors, type Float32Tensor, type FloatTensor } from '../runtime/formats/safetensors.js';
export { type LoadModelOptions, load } from '../trial/load.js';
export type { Model, Values } from '../trial/model.js';
export { type ScoreName, scoreNames } from '../words/evaluation/anomaly.js';
export { huggingFaceFiles, onnxModel, saelensFiles, tfjsModel } from './loaded-when-called.js';
