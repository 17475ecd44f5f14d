import type { Family } from '../ir/value.js';
import type { Library } from './library.js';
import type { Parameters } from './parameter.js';
import { signature } from './reference.js';
import type { AnyWord } from './word.js';

/** Spellings of one name: `BatchNorm2d`, `batch_norm_2d`. */
function normalized(name: string): string {
  return name.replace(/^.*\./, '').replaceAll('_', '').toLowerCase();
}

function isPeer(name: string, peers: readonly string[] = []): boolean {
  const wanted = normalized(name);
  return peers.some((peer) => normalized(peer) === wanted);
}

/** The word of a family that has this name in PyTorch, Keras or scikit-learn; null where none has. */
export function wordOfPeer(library: Library, family: Family, name: string): AnyWord | null {
  const words = library.words.filter((word) => word.family === family);
  return words.find((word) => isPeer(name, word.peers)) ?? words.find((word) => isPeer(name, [word.name])) ?? null;
}

/** The parameters that have this name elsewhere: `betas` gives `beta1` and `beta2`. */
export function parametersOfPeer(parameters: Parameters, name: string): readonly string[] {
  const all = Object.entries(parameters);
  const peers = all.filter(([, parameter]) => isPeer(name, parameter.peers));
  return (peers.length > 0 ? peers : all.filter(([own]) => isPeer(name, [own]))).map(([own]) => own);
}

/** How a word is written, with what PyTorch wants before its arguments and the compiler infers. */
export function usage(word: AnyWord): string {
  const inferred = word.inferred === undefined ? '' : `; ${word.inferred} is inferred`;
  return `${signature(word)}${inferred}`;
}
