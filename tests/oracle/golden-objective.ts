import type { LayerReference, Value } from '../../src/compiler/ir/value.js';
import { knownWord } from '../../src/compiler/library/library.js';
import type { LoweredLibrary } from '../../src/runtime/lowering/lowering.js';
import type { Objective } from '../../src/runtime/lowering/objective.js';
import { operations } from '../../src/runtime/lowering/operations.js';
import { type Fields, GoldenFormatError } from './fields.js';
import type { GoldenTerm } from './golden-case.js';
import { numbersIn } from './golden-layers.js';
import type { GoldenNetwork } from './golden-network.js';

/** A term of a case in the language's words. */
interface TermUse {
  readonly word: string;
  readonly arguments: Readonly<Record<string, Value>>;
  readonly compares?: { readonly prediction: string; readonly target: string | null };
}

type TermReader = (term: Fields, network: GoldenNetwork) => TermUse;

function reconstruction(
  word: string,
  read: (term: Fields) => Readonly<Record<string, Value>> = () => ({}),
): TermReader {
  return (term, network) => {
    const target = term.text('target');
    return {
      word,
      arguments: { ...read(term), reduction: term.text('reduction', 'mean'), weights: null },
      compares: {
        prediction: network.key(term.text('output')),
        // The batch has the targets that are no layer's output.
        target: target === 'x' || target === 't' ? null : network.key(target),
      },
    };
  };
}

/** Every kind of term of the format, by its name there. */
const kinds: Readonly<Record<string, TermReader>> = {
  mse: reconstruction('mse'),
  mae: reconstruction('mae'),
  bce: reconstruction('bce'),
  bce_with_logits: reconstruction('bce_with_logits'),
  huber: reconstruction('huber', (term) => ({ delta: term.number('delta', 1) })),
  gaussian_nll(term, network) {
    const { arguments: args, compares } = reconstruction('gaussian_nll')(term, network);
    const on = headedBy(network, { logvar: term.text('logvar') });
    return { word: 'gaussian_nll', arguments: { ...args, eps: term.number('eps'), on }, ...(compares && { compares }) };
  },
  kl_sparsity: (term, network) => ({
    word: 'kl_sparsity',
    arguments: {
      rho: term.number('rho'),
      beta: 1,
      on: network.reference(term.text('of')),
      reduction: term.text('reduction', 'mean'),
    },
  }),
  kl_gaussian: (term, network) => ({
    word: 'kl_gaussian',
    arguments: {
      on: headedBy(network, { mu: term.text('mu'), logvar: term.text('logvar') }),
      beta: 1,
      free_bits: 0,
      reduction: term.text('reduction', 'sum'),
    },
  }),
  defined(term, network) {
    const [word, numbers] = [term.text('word'), numbersIn(term.object('arguments'))];
    if (!term.has('output')) return { word, arguments: { ...numbers, on: network.reference(term.text('on')) } };
    // The clean input is `x` by definition; PyTorch's function is told where it is stored.
    if (term.text('input', 'x') !== 'x') throw new GoldenFormatError("the 'input' of a term is x");
    return { ...reconstruction(word)(term, network), arguments: numbers };
  },
  auxk(term, network) {
    // What a term of the language finds by itself.
    term.ignore('before', 'target');
    return {
      word: 'auxk',
      arguments: {
        k: term.number('k'),
        on: network.reference(term.text('on')),
        decoder: network.reference(term.text('output')),
        normalize: term.boolean('normalize'),
      },
    };
  },
  matryoshka(term, network) {
    term.ignore('target');
    return {
      word: 'matryoshka',
      arguments: {
        widths: term.numbers('widths'),
        on: network.reference(term.text('on')),
        decoder: network.reference(term.text('output')),
        reduction: term.text('reduction'),
      },
    };
  },
  gate_l1: (term, network) => ({
    word: 'gate_l1',
    arguments: { on: network.reference(term.text('on')), reduction: term.text('reduction') },
  }),
  gate_mse(term, network) {
    term.ignore('target');
    return {
      word: 'gate_mse',
      arguments: {
        on: network.reference(term.text('on')),
        decoder: network.reference(term.text('output')),
        reduction: term.text('reduction'),
      },
    };
  },
  l0(term, network) {
    requireWeightUnder(network, term.text('on'), term.text('of'));
    // The word takes it from its layer.
    term.ignore('bandwidth');
    const target = term.has('target') ? term.number('target') : null;
    return { word: 'l0', arguments: { on: network.reference(term.text('on')), target, controller: null } };
  },
  contractive(term, network) {
    const of = term.text('of');
    requireWeightUnder(network, of, term.text('weight_of'));
    return { word: 'contractive', arguments: { on: network.reference(of), lambda: 1 } };
  },
};

/** The layer that has these heads. */
function headedBy(network: GoldenNetwork, named: Readonly<Record<string, string>>): LayerReference {
  const wanted = Object.entries(named).map(([head, layer]) => [head, network.key(layer)] as const);
  const node = network.network.nodes.find(({ heads }) => wanted.every(([head, key]) => heads[head] === key));
  const index = node ? network.network.nodes.indexOf(node) : -1;
  if (index < 0) throw new GoldenFormatError(`no layer has the heads ${JSON.stringify(named)}`);
  return { kind: 'layer', block: 'encoder', index, head: null };
}

/** The language finds the weight itself; the case must mean the same one. */
function requireWeightUnder(network: GoldenNetwork, of: string, weightOf: string): void {
  const node = network.network.nodes.find(({ key }) => key === network.key(of));
  if (node?.source !== network.key(weightOf)) {
    throw new GoldenFormatError(`'${of}' is not the activation of '${weightOf}'`);
  }
}

/** @throws GoldenFormatError for a kind that is not in the format, UnknownWord for one without a lowering */
export function goldenObjective(
  terms: readonly GoldenTerm[],
  network: GoldenNetwork,
  words: LoweredLibrary,
): Objective {
  return terms.map(({ name, kind, weight, fields }) => {
    const read = kinds[kind];
    if (!read) throw new GoldenFormatError(`unsupported loss kind '${kind}'`);
    const { word, arguments: args, compares } = read(fields, network);
    fields.done();
    const loss = knownWord(words, 'loss', { word });
    return {
      name,
      loss,
      lowering: loss.lower(operations),
      argumentsAt: () => args,
      weightAt: () => weight,
      ...(compares ? { compares } : {}),
    };
  });
}
