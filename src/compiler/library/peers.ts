import type { Family } from '../ir/value.js';
import type { Library } from './library.js';
import type { Parameters } from './parameter.js';
import { signature } from './reference.js';
import type { AnyWord } from './word.js';

/** Normalises spellings: `BatchNorm2d`, `batch_norm_2d`. */
function normalized(name: string): string {
  return name.replace(/^.*\./, '').replaceAll('_', '').toLowerCase();
}

function isPeer(name: string, peers: readonly string[] = []): boolean {
  const wanted = normalized(name);
  return peers.some((peer) => normalized(peer) === wanted);
}

/** Word of a family by its name in PyTorch, Keras or scikit-learn; null if there is none. */
export function wordOfPeer(library: Library, family: Family, name: string): AnyWord | null {
  const words = library.words.filter((word) => word.family === family);
  return words.find((word) => isPeer(name, word.peers)) ?? words.find((word) => isPeer(name, [word.name])) ?? null;
}

/** Parameters by their name in other libraries: `betas` gives `beta1` and `beta2`. */
export function parametersOfPeer(parameters: Parameters, name: string): readonly string[] {
  const all = Object.entries(parameters);
  const peers = all.filter(([, parameter]) => isPeer(name, parameter.peers));
  return (peers.length > 0 ? peers : all.filter(([own]) => isPeer(name, [own]))).map(([own]) => own);
}

/** Usage of a word, noting the leading arguments that PyTorch requires and the compiler infers. */
export function usage(word: AnyWord): string {
  const inferred = word.inferred === undefined ? '' : `; ${word.inferred} is inferred`;
  return `${signature(word)}${inferred}`;
}
