import type { OnnxGraph, OnnxValue } from '../onnx/graph.js';
import { graphModel } from './graph-model.js';

/** Shard size: cached well by browsers, and the default of TensorFlow's converter. */
const bytesPerShard = 4 * 1024 * 1024;

export interface TfjsMetadata {
  readonly version: string;
  readonly properties: Readonly<Record<string, string>>;
}

/** `model.json` and the weights beside it. @throws NotInOnnx for an operator that TF.js lacks */
export function tfjsFiles(
  graph: OnnxGraph,
  { version, properties }: TfjsMetadata,
): readonly { readonly name: string; readonly content: Uint8Array | string }[] {
  const { nodes, weights } = graphModel(graph);
  const bytes = Buffer.concat(
    weights.map(({ values }) => new Uint8Array(values.buffer, values.byteOffset, values.byteLength)),
  );
  const count = Math.max(1, Math.ceil(bytes.length / bytesPerShard));
  const shards = Array.from({ length: count }, (_, i) => ({
    name: `group1-shard${i + 1}of${count}.bin`,
    content: bytes.subarray(i * bytesPerShard, (i + 1) * bytesPerShard),
  }));
  const model = {
    format: 'graph-model',
    generatedBy: `aedsl ${version}`,
    convertedBy: `aedsl ${version}`,
    signature: {
      inputs: { ...signature(graph.input), ...(graph.condition ? signature(graph.condition) : {}) },
      outputs: signature(graph.output),
    },
    userDefinedMetadata: properties,
    modelTopology: { node: nodes, library: {}, versions: { producer: 1882 } },
    weightsManifest: [
      {
        paths: shards.map(({ name }) => name),
        weights: weights.map(({ name, shape, dtype }) => ({ name, shape, dtype })),
      },
    ],
  };
  return [{ name: 'model.json', content: `${JSON.stringify(model)}\n` }, ...shards];
}

function signature({ name, shape }: OnnxValue) {
  const dim = [{ size: '-1' }, ...shape.map((size) => ({ size: String(size) }))];
  return { [name]: { name: `${name}:0`, dtype: 'DT_FLOAT', tensorShape: { dim } } };
}
