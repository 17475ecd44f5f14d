/** Training engines, by their name for `--backend`. */
export const backendNames = ['simd', 'tensorflow', 'cpu'] as const;

/** Part of a run's identity: backends may differ in the last bits of a result. */
export type BackendName = (typeof backendNames)[number];

/** Backend used by default. Others give different bits, so there is no automatic fallback. */
export const defaultBackend: BackendName = 'simd';

export const mostThreads = 64;

export type Loaded =
  | { readonly loaded: true /** Version of the engine itself, such as TensorFlow's. */; readonly version: string }
  | { readonly loaded: false; readonly reason: string /** How to fix it. */; readonly hint: string | null };

export interface BackendOptions {
  /** Number of compute threads, if the backend has them; results don't depend on it. */
  readonly threads: number;
  /** Whether to fuse operations, if the backend can; results don't depend on it. */
  readonly fuse: boolean;
}

/** Loads a backend and registers it with TF.js under its name. */
export type LoadBackend = (options: BackendOptions) => Promise<Loaded>;
