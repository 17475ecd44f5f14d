// An ONNX model of one Gemm node, written byte by byte: a dozen fields of protocol buffers.

const varint = (value) => {
  const bytes = [];
  for (let rest = value; ; rest = Math.floor(rest / 128)) {
    if (rest < 128) return [...bytes, rest];
    bytes.push((rest % 128) + 128);
  }
};
const integer = (field, value) => [...varint(field << 3), ...varint(value)];
const bytes = (field, content) => [...varint((field << 3) | 2), ...varint(content.length), ...content];
const text = (field, value) => bytes(field, [...new TextEncoder().encode(value)]);

const dimension = (value) => bytes(1, integer(1, value));
const FLOAT = 1;
const value = (name, shape) => {
  const type = bytes(1, [...integer(1, FLOAT), ...bytes(2, shape.flatMap(dimension))]);
  return [...text(1, name), ...bytes(2, type)];
};
const INT = 2;
const attribute = (name, number) => bytes(5, [...text(1, name), ...integer(3, number), ...integer(20, INT)]);

/** `Y = op(A) op(B)` of float32 matrices of these shapes, each transposed or not. */
export function gemmModel(left, right, output, [transposeA, transposeB]) {
  const node = [
    ...text(1, 'A'),
    ...text(1, 'B'),
    ...text(2, 'Y'),
    ...text(4, 'Gemm'),
    ...attribute('transA', transposeA ? 1 : 0),
    ...attribute('transB', transposeB ? 1 : 0),
  ];
  const graph = [
    ...bytes(1, node),
    ...text(2, 'gemm'),
    ...bytes(11, value('A', left)),
    ...bytes(11, value('B', right)),
    ...bytes(12, value('Y', output)),
  ];
  const irVersion = 8;
  const operators = 13;
  return Uint8Array.from([...integer(1, irVersion), ...bytes(7, graph), ...bytes(8, integer(2, operators))]);
}
