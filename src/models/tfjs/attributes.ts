import type { OnnxAttributes } from '../../words/onnx.js';

export function floatOf(attributes: OnnxAttributes, name: string): number {
  const value = attributes[name];
  if (value === undefined || !('float' in value)) throw new RangeError(`there is no number '${name}'`);
  return value.float;
}

export function intOf(attributes: OnnxAttributes, name: string): number {
  const value = attributes[name];
  if (value === undefined || !('int' in value)) throw new RangeError(`there is no integer '${name}'`);
  return value.int;
}

export function intsOf(attributes: OnnxAttributes, name: string): readonly number[] {
  const value = attributes[name];
  if (value === undefined || !('ints' in value)) throw new RangeError(`there is no list '${name}'`);
  return value.ints;
}
