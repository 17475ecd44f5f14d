import { elementCount } from '../../compiler/ir/shape.js';
import { UsageError } from '../../project/usage-error.js';
import { protobufEncoder } from '../../runtime/formats/protobuf.js';
import type { OnnxAttribute } from '../../words/onnx.js';
import type { OnnxFloat, OnnxGraph, OnnxTensor, OnnxValue } from './graph.js';

/** The operator set that graphs are written for: the first with LayerNormalization. */
export const onnxOpset = 17;

/** IR version of the file format, released with that operator set. */
const irVersion = 8;

/** Protobuf limits a message to 2 GiB; everything except the weights takes far less than the difference. */
const mostBytesOfTensors = 2 ** 31 - 2 ** 24;

/** The fields of onnx.proto that we write. */
const encode = protobufEncoder({
  ModelProto: {
    ir_version: { id: 1, type: 'int64' },
    producer_name: { id: 2, type: 'string' },
    producer_version: { id: 3, type: 'string' },
    doc_string: { id: 6, type: 'string' },
    graph: { id: 7, type: 'GraphProto' },
    opset_import: { id: 8, type: 'OperatorSetIdProto', rule: 'repeated' },
    metadata_props: { id: 14, type: 'StringStringEntryProto', rule: 'repeated' },
  },
  OperatorSetIdProto: { domain: { id: 1, type: 'string' }, version: { id: 2, type: 'int64' } },
  StringStringEntryProto: { key: { id: 1, type: 'string' }, value: { id: 2, type: 'string' } },
  GraphProto: {
    node: { id: 1, type: 'NodeProto', rule: 'repeated' },
    name: { id: 2, type: 'string' },
    initializer: { id: 5, type: 'TensorProto', rule: 'repeated' },
    input: { id: 11, type: 'ValueInfoProto', rule: 'repeated' },
    output: { id: 12, type: 'ValueInfoProto', rule: 'repeated' },
  },
  NodeProto: {
    input: { id: 1, type: 'string', rule: 'repeated' },
    output: { id: 2, type: 'string', rule: 'repeated' },
    name: { id: 3, type: 'string' },
    op_type: { id: 4, type: 'string' },
    attribute: { id: 5, type: 'AttributeProto', rule: 'repeated' },
  },
  AttributeProto: {
    name: { id: 1, type: 'string' },
    f: { id: 2, type: 'float' },
    i: { id: 3, type: 'int64' },
    s: { id: 4, type: 'bytes' },
    ints: { id: 8, type: 'int64', rule: 'repeated' },
    type: { id: 20, type: 'int32' },
  },
  TensorProto: {
    dims: { id: 1, type: 'int64', rule: 'repeated' },
    data_type: { id: 2, type: 'int32' },
    name: { id: 8, type: 'string' },
    raw_data: { id: 9, type: 'bytes' },
  },
  ValueInfoProto: { name: { id: 1, type: 'string' }, type: { id: 2, type: 'TypeProto' } },
  TypeProto: { tensor_type: { id: 1, type: 'TensorType' } },
  TensorType: { elem_type: { id: 1, type: 'int32' }, shape: { id: 2, type: 'TensorShapeProto' } },
  TensorShapeProto: { dim: { id: 1, type: 'Dimension', rule: 'repeated' } },
  Dimension: { dim_value: { id: 1, type: 'int64' }, dim_param: { id: 2, type: 'string' } },
});

/** `TensorProto.DataType` */
const dataTypes = { float32: 1, int64: 7, float64: 11 } as const;

export interface OnnxMetadata {
  readonly version: string;
  /** One-sentence description of the model. */
  readonly description: string;
  readonly properties: Readonly<Record<string, string>>;
}

/** @throws UsageError for more weights than the format holds */
export function onnxFile(graph: OnnxGraph, { version, description, properties }: OnnxMetadata): Uint8Array {
  const bytes = graph.tensors.reduce((sum, tensor) => sum + bytesPer(tensor.type) * elementCount(tensor.shape), 0);
  if (bytes > mostBytesOfTensors) {
    throw new UsageError(
      `the weights have ${bytes} bytes, and a file of ONNX holds less than 2 GiB`,
      'export --as safetensors, which has no such limit',
    );
  }
  return encode('ModelProto', {
    ir_version: irVersion,
    producer_name: 'aedsl',
    producer_version: version,
    doc_string: description,
    graph: {
      node: graph.nodes.map(({ name, operator, inputs, outputs, attributes }) => ({
        input: inputs,
        output: outputs,
        name,
        op_type: operator,
        attribute: Object.entries(attributes).map(([attribute, value]) => ({
          name: attribute,
          ...attributeFields(value),
        })),
      })),
      name: graph.name,
      initializer: graph.tensors.map((tensor) => ({
        dims: tensor.shape,
        data_type: dataTypes[tensor.type],
        name: tensor.name,
        raw_data: rawData(tensor),
      })),
      input: [graph.input, ...(graph.condition ? [graph.condition] : [])].map(valueInfo),
      output: [valueInfo(graph.output)],
    },
    opset_import: [{ domain: '', version: onnxOpset }],
    metadata_props: Object.entries(properties).map(([key, value]) => ({ key, value })),
  });
}

/** With the field `type`, which is one of `AttributeProto.AttributeType`. */
function attributeFields(value: OnnxAttribute): object {
  if ('float' in value) return { f: value.float, type: 1 };
  if ('int' in value) return { i: value.int, type: 2 };
  if ('string' in value) return { s: new TextEncoder().encode(value.string), type: 3 };
  return { ints: value.ints, type: 7 };
}

function valueInfo({ name, type, shape }: OnnxValue): object {
  const dim = [{ dim_param: 'batch' }, ...shape.map((size) => ({ dim_value: size }))];
  return { name, type: { tensor_type: { elem_type: dataTypes[type], shape: { dim } } } };
}

function rawData(tensor: OnnxTensor): Uint8Array {
  const values = tensor.type === 'int64' ? BigInt64Array.from(tensor.values, BigInt) : tensor.values;
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}

function bytesPer(type: OnnxFloat | 'int64'): number {
  return type === 'float32' ? 4 : 8;
}
