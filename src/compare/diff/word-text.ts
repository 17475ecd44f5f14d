import { createHash } from 'node:crypto';
import type { ExperimentIr, LayerNode } from '../../compiler/ir/experiment.js';
import {
  type Arguments,
  isInputReference,
  isLayerReference,
  isNumbers,
  isWordValue,
  ownValue,
  type Value,
  type WordValue,
} from '../../compiler/ir/value.js';
import { defaultOf } from '../../compiler/library/defaults.js';
import { type Library, wordOfUse } from '../../compiler/library/library.js';
import type { Parameters } from '../../compiler/library/parameter.js';

/** Formats the values of one experiment as a user would write them. */
export class WordTexts {
  readonly #experiment: ExperimentIr;
  readonly #library: Library;

  constructor(experiment: ExperimentIr, library: Library) {
    this.#experiment = experiment;
    this.#library = library;
  }

  value(value: Value): string {
    if (value === null) return 'none';
    if (isWordValue(value)) return this.word(value);
    if (isLayerReference(value)) {
      if (isInputReference(value)) return 'input';
      const head = value.head === null ? '' : `.${value.head}`;
      return `${layerName(this.#experiment[value.block], value.index, value.block)}${head}`;
    }
    if (isNumbers(value) && value.length > mostShown) {
      const sha256 = createHash('sha256').update(value.join()).digest('hex');
      return `[${value.slice(0, 3).join(', ')}, …: ${value.length.toLocaleString('en')} numbers, ${sha256.slice(0, 12)}]`;
    }
    if (typeof value === 'object') return `[${value.map((item) => this.value(item)).join(', ')}]`;
    return String(value);
  }

  /** An argument's value; equal height and width are one number. */
  argument(value: Value, parameter: Parameters[string] | undefined): string {
    const items: readonly unknown[] = Array.isArray(value) ? value : [];
    const square = parameter?.type === 'pair' && items.length === 2 && items[0] === items[1];
    return square ? String(items[0]) : this.value(value);
  }

  /** `salt(0.3)`; arguments equal to their default are omitted. */
  word(value: WordValue): string {
    return this.call(value.word, value.arguments, wordOfUse(this.#library, value.family, value)?.parameters ?? {});
  }

  /**
   * A layer without its label, its heads in braces.
   * @param last written as its last argument, such as `activation=relu`
   */
  layer(node: LayerNode, last: string | null = null): string {
    const own = this.call(node.word, node.arguments, wordOfUse(this.#library, 'layer', node)?.parameters ?? {});
    const written = last === null ? own : `${own.slice(0, -1)}${own.endsWith('()') ? '' : ', '}${last})`;
    const shared = this.sharedText(node);
    const call = shared === null ? written : `${written} ${shared}`;
    const heads = Object.entries(node.heads).map(
      ([head, nodes]) => `${head}: ${nodes.map((each) => this.layer(each)).join(' ')}`,
    );
    return heads.length === 0 ? call : `${call} { ${heads.join('  ')} }`;
  }

  /** `with the weights of h`; null for a layer with weights of its own. */
  sharedText({ weights }: LayerNode): string | null {
    const owner = weights.find(({ tiedTo }) => tiedTo?.transposed === false)?.tiedTo?.address;
    if (owner === undefined) return null;
    for (const block of ['encoder', 'decoder'] as const) {
      const index = this.#experiment[block].findIndex(({ address }) => address === owner);
      if (index >= 0) return `with the weights of ${layerName(this.#experiment[block], index, block)}`;
    }
    return `with the weights of ${owner.replaceAll('/', '.')}`;
  }

  call(word: string, args: Arguments, parameters: Parameters): string {
    const written = Object.entries(args).flatMap(([name, { value }]) => {
      const parameter = ownValue(parameters, name);
      const text = this.argument(value, parameter);
      if (parameter && text === this.#defaultText(parameter)) return [];
      return [isPositional(name, parameters) ? text : `${name}=${text}`];
    });
    return `${word}(${written.join(', ')})`;
  }

  #defaultText(parameter: Parameters[string]): string | null {
    if (parameter.type === 'layer' && parameter.default) {
      const block = parameter.default === 'code' ? 'encoder' : 'decoder';
      return layerName(this.#experiment[block], this.#experiment[block].length - 1, block);
    }
    return parameter.default === undefined ? null : this.argument(defaultOf(parameter, this.#library), parameter);
  }
}

/** Most numbers of a list that are written out. */
const mostShown = 12;

/** Whether an argument is usually written without its name: the first, if required. */
export function isPositional(name: string, parameters: Parameters): boolean {
  const [first] = Object.entries(parameters);
  return first !== undefined && first[0] === name && first[1].default === undefined;
}

/** A layer's name for users: its label or its place. An activation has that of its layer. */
export function layerName(block: readonly LayerNode[], index: number, name: 'encoder' | 'decoder'): string {
  const node = block[index];
  if (node?.label) return node.label;
  if (name === 'encoder' && index === block.length - 1) return 'code';
  if (node?.address) return node.address.replaceAll('/', '.');
  return `${name}[${index}]`;
}
