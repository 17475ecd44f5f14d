import { createHash } from 'node:crypto';
import { identitySpelling } from '../../metrics/former-names.js';
import { defaultOf } from '../library/defaults.js';
import { knownWord, type Library } from '../library/library.js';
import type { Parameters } from '../library/parameter.js';
import { identityFreeSettings, trainSettings } from '../library/settings/train.js';
import type { AnyWord } from '../library/word.js';
import { decidesByChangingLoss } from './changing-loss.js';
import type { Definition } from './definition.js';
import type { ExperimentIr, LayerNode, StageNode } from './experiment.js';
import { canonicalFormula, type NetworkEnd } from './formula.js';
import type { Arguments, Family, LayerReference, Value, WordUse, WordValue } from './value.js';
import { isInputReference, isLayerReference, isWordValue, ownValue } from './value.js';

const freeOfEffect: ReadonlySet<string> = new Set(identityFreeSettings);

/** JSON with sorted keys. */
export type Canonical = string | number | boolean | null | readonly Canonical[] | { readonly [key: string]: Canonical };

/**
 * Canonical form that an experiment's identity is computed from: without labels, names, figures, or arguments equal to
 * their default (a default never changes without a new version of its word, which is included). Omits paths of data
 * files and the names of stored runs, because the identity contains the hashes of the data and of the weights. A word
 * from outside bears the hash of its module.
 */
export function canonicalForm(ir: ExperimentIr, library: Library): Canonical {
  const word = (value: WordValue): Canonical => call(value.family, value, value.version, value.arguments);
  const call = (family: Family, use: WordUse, version: number, args: Arguments): Canonical => {
    if (use.definition !== undefined) return defined(use.definition, args);
    const name = use.word;
    const definition: AnyWord = knownWord(library, family, use);
    const module = definition.module ? `+${definition.module.sha256}` : '';
    return { word: `${name}@${version}${module}`, ...nonDefault(args, definition.parameters) };
  };
  // Neither the name nor the defaults of an experiment's own word are part of what it means where it is used.
  const defined = ({ formula, parameters }: Definition, args: Arguments): Canonical => ({
    formula: canonicalFormula(formula),
    arguments: Object.fromEntries(Object.entries(args).map(([name, { value }]) => [name, plain(value)])),
    where: Object.fromEntries(
      parameters.flatMap((parameter) =>
        parameter.kind === 'number' && parameter.where !== null
          ? [[parameter.name, canonicalFormula(parameter.where)]]
          : [],
      ),
    ),
  });
  const nonDefault = (args: Arguments, parameters: Parameters): Record<string, Canonical> => {
    const given: Record<string, Canonical> = {};
    for (const [name, { value }] of Object.entries(args)) {
      const parameter = ownValue(parameters, name);
      if (parameter?.type === 'text' && (parameter.path || parameter.elsewhere === true)) continue;
      const namesMetric = parameter?.type === 'text' && parameter.metricOf !== undefined && typeof value === 'string';
      const canonical = namesMetric ? identitySpelling(value) : plain(value);
      const standard = parameter ? plain(defaultOf(parameter, library)) : null;
      if (parameter?.type === 'layer' && parameter.default) {
        if (canonicalJson(canonical) === endPlace(ir, parameter.default)) continue;
      } else if (parameter?.default !== undefined && sameCanonical(canonical, standard)) continue;
      given[name] = canonical;
    }
    return given;
  };
  const plain = (value: Value): Canonical => {
    if (isWordValue(value)) return word(value);
    if (isLayerReference(value)) return place(value);
    if (typeof value !== 'object' || value === null) return value;
    return value.map((item) => (typeof item === 'object' ? place(item) : item));
  };
  const layer = (node: LayerNode): Canonical => {
    const heads = Object.fromEntries(Object.entries(node.heads).map(([head, nodes]) => [head, nodes.map(layer)]));
    const used = (transposed: boolean) =>
      node.weights.flatMap(({ name, tiedTo }) =>
        tiedTo?.transposed === transposed ? [[name, `${tiedTo.address}.${tiedTo.name}`]] : [],
      );
    const [tied, shared] = [used(true), used(false)];
    return {
      layer: call('layer', node, node.version, node.arguments),
      ...(Object.keys(heads).length === 0 ? {} : { heads }),
      ...(tied.length === 0 ? {} : { tied: Object.fromEntries(tied) }),
      ...(shared.length === 0 ? {} : { shared: Object.fromEntries(shared) }),
    };
  };
  const stage = (node: StageNode): Canonical => {
    if (node.kind === 'pretrain') {
      const { settings } = knownWord(library, 'stage', node.method.word);
      return {
        pretrain: word(node.method),
        layers: node.layers,
        settings: nonDefault(lasting(node.settings), settings),
      };
    }
    const counted = Object.entries(lasting(node.settings)).filter(([name]) => !freeOfEffect.has(name));
    return {
      train: word(node.optimizer),
      settings: nonDefault(Object.fromEntries(counted), trainSettings),
      // Such trainings used to compare losses with different weights.
      ...(decidesByChangingLoss(ir, node, library) ? { decides: 'final_loss' } : {}),
    };
  };
  return {
    data: word(ir.data.dataset),
    transforms: ir.data.transforms.map(word),
    ...(ir.target === null
      ? {}
      : { target: { data: word(ir.target.dataset), transforms: ir.target.transforms.map(word) } }),
    corruption: ir.corruptions.length > 1 ? ir.corruptions.map(word) : (ir.corruptions.map(word)[0] ?? null),
    encoder: ir.encoder.map(layer),
    decoder: ir.decoder.map(layer),
    loss: ir.loss.map((term) => ({ weight: plain(term.weight), loss: word(term.loss) })),
    stages: ir.stages.map(stage),
    evaluations: ir.evaluations.map(word),
  };
}

/** Without the epochs that follow from the steps, if a stage's length is given in these. */
function lasting(settings: Arguments): Arguments {
  const { epochs: _follows, ...others } = settings;
  return typeof settings.steps?.value === 'number' ? others : settings;
}

/** Parts of a canonical form that determine the units of the loss, regardless of the order of its terms. */
export interface LossStatement {
  readonly loss: string;
  readonly transforms: string;
}

/** @param form a canonical form */
export function lossStatement(form: Canonical): LossStatement {
  const part = (form: Canonical, name: string): readonly string[] => {
    const list = member(form, name);
    return list !== undefined && isArray(list) ? list.map(canonicalJson) : [];
  };
  const target = member(form, 'target');
  return { loss: part(form, 'loss').toSorted().join(' + '), transforms: part(target ?? form, 'transforms').join() };
}

function member(form: Canonical, name: string): Canonical | undefined {
  return typeof form === 'object' && form !== null && !isArray(form) ? form[name] : undefined;
}

function place(layer: Pick<LayerReference, 'block' | 'index' | 'head'>): string {
  const { block, index, head } = layer;
  if (isInputReference(layer)) return 'input';
  return `${block}[${index}]${head === null ? '' : `.${head}`}`;
}

/** The place of the encoder's output, or of the decoder's. */
function endPlace(ir: ExperimentIr, end: NetworkEnd): string {
  const block = end === 'code' ? 'encoder' : 'decoder';
  return canonicalJson(place({ block, index: ir[block].length - 1, head: null }));
}

/** Serialises with sorted keys, no spaces, and numbers in the shortest form that round-trips; -0 is 0. */
export function canonicalJson(value: Canonical): string {
  if (typeof value === 'number') return JSON.stringify(value + 0);
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  if (isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  return `{${entries.map(([key, item]) => `${JSON.stringify(key)}:${canonicalJson(item)}`).join(',')}}`;
}

/**
 * Returns whether two values have the same canonical text, without writing it for plain values, which most arguments
 * are.
 */
function sameCanonical(a: Canonical, b: Canonical): boolean {
  if (typeof a === 'string' && typeof b === 'string') return a === b;
  if (typeof a === 'number' && typeof b === 'number' && Number.isFinite(a) && Number.isFinite(b)) return a === b;
  return canonicalJson(a) === canonicalJson(b);
}

function isArray(value: Canonical): value is readonly Canonical[] {
  return Array.isArray(value);
}

/** SHA-256 of the canonical form, in hexadecimal. */
export function contentHash(canonical: Canonical): string {
  return createHash('sha256').update(canonicalJson(canonical)).digest('hex');
}
