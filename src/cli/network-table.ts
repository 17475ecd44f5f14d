import {
  type Arguments,
  describeShape,
  type ExperimentIr,
  type InitialValue,
  isInputReference,
  isLayerReference,
  isWordValue,
  type LayerNode,
  type LayerReference,
  layersNamedBy,
  layersNamedIn,
  parameterCount,
  type Value,
  type WeightNode,
} from '../api/compiler.js';
import { groupedText, numberText } from '../api/text.js';

/** A layer, a head, or the data, as a row of the table. */
export interface NetworkRow {
  /** `encoder.0`, as metrics and exported weights name it; empty for a layer without weights. */
  readonly address: string;
  readonly layer: string;
  readonly output: string;
  readonly parameters: string;
  readonly values: string;
}

/** The layers of a network from its data to its output, those within others indented. */
export function networkRows({ data, target, encoder, decoder }: ExperimentIr): readonly NetworkRow[] {
  const setRow = ({ dataset, shape }: ExperimentIr['data'], name: string) => ({
    ...{ address: '', layer: `${name}${dataset.word}`, output: describeShape(shape) },
    ...{ parameters: '', values: '' },
  });
  const named: Named = (reference) => {
    if (isInputReference(reference)) return 'input';
    const { block, index, head } = reference;
    const layers = block === 'encoder' ? encoder : decoder;
    return `${nameOf(layers, index) ?? `${block}[${index}]`}${head === null ? '' : `.${head}`}`;
  };
  return [
    setRow(data, ''),
    ...[...encoder, ...decoder].flatMap((node) => rowsOf(node, named, '', '')),
    ...(target === null ? [] : [setRow(target, 'target: ')]),
  ];
}

/** How a layer is shown where another one takes its output. */
type Named = (layer: LayerReference) => string;

/** `h`, `encoder.2`; `encoder.2/add` for a layer without either, above the one that has. Null where none has. */
function nameOf(layers: readonly LayerNode[], index: number): string | null {
  const at = layers.slice(0, index + 1).findLastIndex(({ label, address }) => label !== null || address !== null);
  const named = layers[at];
  const name = named?.label ?? named?.address?.replaceAll('/', '.');
  if (name === undefined) return null;
  const joint = layers.slice(at + 1, index + 1).findLast(({ arguments: args }) => layersNamedIn(args).length > 0);
  return joint === undefined ? name : `${name}/${joint.word}`;
}

function rowsOf(node: LayerNode, named: Named, indent: string, head: string): readonly NetworkRow[] {
  const label = node.label ?? head;
  const word = wordText(node.word, node.arguments, named);
  const parameters = parameterCount([{ ...node, heads: {} }]);
  const inserted = node.origin === 'inserted' && node.weights.length === 0 ? 'inserted' : '';
  return [
    {
      address: node.address?.replaceAll('/', '.') ?? '',
      layer: `${indent}${label === '' ? '' : `${label}: `}${word}`,
      output: describeShape(node.output),
      parameters: node.weights.length === 0 ? '' : groupedText(parameters),
      values: weightsText(node.weights) || inserted,
    },
    ...Object.entries(node.heads).flatMap(([name, nodes]) =>
      nodes.flatMap((each, i) => rowsOf(each, named, `${indent}  `, i === 0 ? name : '')),
    ),
  ];
}

/** A word with the arguments that were written; for a derived layer, its first argument and the layers it refers to. */
function wordText(word: string, args: Arguments, named: Named = ({ block, index }) => `${block}[${index}]`): string {
  const shown = Object.entries(args).flatMap(([name, { value, origin }], i) => {
    const isFirst = i === 0 && layersNamedBy(value).length === 0;
    if (origin === 'default' || (origin === 'inserted' && !isFirst && layersNamedBy(value).length === 0)) return [];
    const text = valueText(value, named);
    return isFirst ? [text] : [`${name}=${text}`];
  });
  return shown.length === 0 ? word : `${word}(${shown.join(', ')})`;
}

function valueText(value: Value, named: Named): string {
  if (isWordValue(value)) return wordText(value.word, value.arguments, named);
  if (isLayerReference(value)) return named(value);
  if (typeof value === 'string') return value;
  if (isPairOfEquals(value)) return String(value[0]);
  if (typeof value === 'object' && value !== null) return `[${value.map((each) => valueText(each, named)).join(', ')}]`;
  return String(value);
}

/** A kernel or a stride that is the same both ways. */
function isPairOfEquals(value: Value): value is readonly number[] {
  return Array.isArray(value) && value.length === 2 && typeof value[0] === 'number' && value[0] === value[1];
}

/** `weight, bias U(±0.036)`: weights that start alike are together. */
function weightsText(weights: readonly WeightNode[]): string {
  const groups = new Map<string, string[]>();
  for (const weight of weights) {
    const start = startText(weight);
    groups.set(start, [...(groups.get(start) ?? []), weight.name]);
  }
  return [...groups].map(([start, names]) => `${names.join(', ')} ${start}`).join('; ');
}

function startText({ initial, shape, tiedTo }: WeightNode): string {
  if (tiedTo !== null)
    return `= ${tiedTo.address.replaceAll('/', '.')}.${tiedTo.name}${tiedTo.transposed && shape.length > 1 ? 'ᵀ' : ''}`;
  return initialText(initial);
}

function initialText(initial: InitialValue): string {
  switch (initial.kind) {
    case 'uniform':
      return `U(±${numberText(initial.bound, 3)})`;
    case 'constant':
      return numberText(initial.value, 3);
    case 'normal':
      return `N(${numberText(initial.mean, 3)}, ${numberText(initial.std, 3)}²)`;
    case 'truncated_normal':
      return `truncated N(${numberText(initial.mean, 3)}, ${numberText(initial.std, 3)}²)`;
    case 'orthogonal':
      return `orthogonal × ${numberText(initial.gain, 3)}`;
    case 'directions':
      return `directions of norm ${numberText(initial.norm, 3)}`;
    case 'transposed':
      return `starts as ${initial.of.address.replaceAll('/', '.')}.${initial.of.name}ᵀ`;
    case 'center':
      return `${initial.center.replaceAll('_', ' ')} of the data`;
    case 'of_run':
      return `starts as in ${initial.layer} of ${initial.run}`;
  }
}
