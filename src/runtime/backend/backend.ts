/** The engines that can train, by the names that `--backend` takes. */
export const backendNames = ['simd', 'tensorflow', 'cpu'] as const;

/** Part of a run's identity: two backends may differ in the last bits of a result. */
export type BackendName = (typeof backendNames)[number];

/** What trains where nobody asks for a backend. Another one gives other bits, so none takes its place by itself. */
export const defaultBackend: BackendName = 'simd';

/** What one process can have of threads that compute. */
export const mostThreads = 64;

/** What came of the attempt to load a backend. */
export type Loaded =
  | { readonly loaded: true /** Of the engine itself, such as TensorFlow's. */; readonly version: string }
  | { readonly loaded: false; readonly reason: string /** What to do about it. */; readonly hint: string | null };

export interface BackendOptions {
  /** Threads that compute, where the backend has them; no result depends on their number. */
  readonly threads: number;
  /** Whether several operations are done in one kernel, where the backend has such kernels; no result depends on it. */
  readonly fuse: boolean;
}

/** Loads a backend and registers it with TF.js, under its name. */
export type LoadBackend = (options: BackendOptions) => Promise<Loaded>;
