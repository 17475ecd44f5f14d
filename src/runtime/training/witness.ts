import { createHash } from 'node:crypto';
import type { Tensor } from '@tensorflow/tfjs-core';
import type { Noise } from '../lowering/lowering.js';
import { type Activations, type Network, networkInput } from '../lowering/network.js';
import type { NoiseSource } from './drawn-noise.js';
import type { OptimizerState } from './optimizer-state.js';
import type { WeightStore } from './weight-store.js';
import { canonicalBytes } from './weights-sha256.js';

/** An update, as a list of its tensors in order of computation. */
export interface Witness {
  readonly stage: string;
  /** Step of the stage, from 1. */
  readonly step: number;
  readonly tensors: readonly WitnessedTensor[];
}

export interface WitnessedTensor {
  /** `input`, `noise encoder.1 eps`, `output encoder[1]`, `gradient encoder.0.weight`, `update encoder.0.weight` */
  readonly name: string;
  readonly elements: number;
  /** First 16 hexadecimal digits of the SHA-256 of its float32 values, little-endian. */
  readonly sha256: string;
}

export interface WitnessedPlace {
  readonly stage: string;
  readonly step: number;
  readonly name: string;
}

export function samePlace(a: WitnessedPlace, b: WitnessedPlace): boolean {
  return a.stage === b.stage && a.step === b.step && a.name === b.name;
}

export type WitnessListener = (place: WitnessedPlace, values: Float32Array) => void;

/** Observes the tensors of an update and records a hash of each. */
export class StepWitness {
  readonly #stage: string;
  readonly #step: number;
  readonly #listener: WitnessListener | null;
  readonly #tensors: WitnessedTensor[] = [];
  /** Numbers drawn by a layer whose output hasn't been observed yet. */
  readonly #drawn = new Map<string, { readonly name: string; readonly values: Float32Array }[]>();

  constructor({ stage, step }: Pick<Witness, 'stage' | 'step'>, listener: WitnessListener | null) {
    this.#stage = stage;
    this.#step = step;
    this.#listener = listener;
  }

  see(name: string, values: Tensor): void {
    this.#note(name, valuesOf(values));
  }

  /** Numbers that float32 holds. */
  seeNumbers(name: string, values: readonly number[]): void {
    this.#note(name, Float32Array.from(values));
  }

  /** Wraps a noise source, observing the numbers as they are drawn. */
  seeingNoise(source: NoiseSource): NoiseSource {
    return (address) => {
      const noise = source(address);
      const draw =
        (kind: 'uniform' | 'normal'): Noise['uniform'] =>
        (purpose, shape) => {
          const drawn = noise[kind](purpose, shape);
          const ofLayer = this.#drawn.get(address) ?? [];
          // A copy: the backend may reuse the memory before the layer has its output.
          ofLayer.push({ name: `noise ${dotted(address)} ${purpose}`, values: valuesOf(drawn).slice() });
          this.#drawn.set(address, ofLayer);
          return drawn;
        };
      return { uniform: draw('uniform'), normal: draw('normal') };
    };
  }

  /** Records numbers drawn since, by any layer. */
  seeDrawn(): void {
    for (const address of [...this.#drawn.keys()]) this.#noteDrawn(address);
  }

  /** Records a forward pass: its input, and each layer's random numbers and output. */
  seePass(network: Network, activations: Activations, target: Tensor): void {
    const input = activations.of(networkInput);
    this.see(networkInput, input);
    if (target !== input) this.see('target', target);
    for (const { key, address } of network.nodes) {
      if (address !== null) this.#noteDrawn(address);
      activations.look(key, (output) => this.see(`output ${placeOf(key)}`, output));
    }
  }

  seeGradients(keys: readonly string[], gradients: readonly Tensor[]): void {
    gradients.forEach((gradient, i) => {
      this.see(`gradient ${dotted(keys[i] ?? '')}`, gradient);
    });
  }

  /** Records the updated weights, each with its optimizer slots. */
  seeUpdated(weights: WeightStore, state: OptimizerState, trained: readonly string[]): void {
    const optimized = new Set(trained);
    for (const [key, weight] of weights.tensors) {
      if (optimized.has(key)) {
        for (const [slot, values] of Object.entries(state.of(key))) this.see(`${slot} of ${dotted(key)}`, values);
      }
      this.see(`update ${dotted(key)}`, weight);
    }
  }

  finished(): Witness {
    this.seeDrawn();
    return { stage: this.#stage, step: this.#step, tensors: this.#tensors };
  }

  #noteDrawn(address: string): void {
    for (const { name, values } of this.#drawn.get(address) ?? []) this.#note(name, values);
    this.#drawn.delete(address);
  }

  #note(name: string, values: Float32Array): void {
    const sha256 = createHash('sha256').update(canonicalBytes(values)).digest('hex').slice(0, 16);
    this.#tensors.push({ name, elements: values.length, sha256 });
    this.#listener?.({ stage: this.#stage, step: this.#step, name }, values);
  }
}

function valuesOf(tensor: Tensor): Float32Array {
  const values = tensor.dataSync();
  return values instanceof Float32Array ? values : Float32Array.from(values);
}

function dotted(key: string): string {
  return key.replaceAll('/', '.');
}

/**
 * `encoder[1]` for the layer with that index in the IR, `encoder[1].mu` for a head; weights go by address: `encoder.0`.
 */
function placeOf(key: string): string {
  const [block = '', index = '', ...head] = key.split('/');
  return index === '' ? `layer[${block}]` : [`${block}[${index}]`, ...head].join('.');
}
