/** Activity of a latent variable's dimensions over a batch. */
export interface LatentActivity {
  /** Mean divergence of each dimension from the prior, in nats. */
  readonly divergences: readonly number[];
  /**
   * Number of dimensions whose mean varies with the example: the variance of the mean over the batch is above 0.01
   * (Burda, Grosse and Salakhutdinov 2016). It is 0 when the posterior has collapsed onto the prior.
   */
  readonly active: number;
}

const activeAbove = 0.01;

/** `[examples, dimensions]`, row by row. */
export interface LatentMoments {
  readonly mu: Float32Array;
  readonly logvar: Float32Array;
  /** `exp(logvar)` */
  readonly variance: Float32Array;
}

export function latentActivity({ mu, logvar, variance }: LatentMoments, dimensions: number): LatentActivity {
  const examples = mu.length / dimensions;
  const means = new Float64Array(dimensions);
  const squares = new Float64Array(dimensions);
  const divergences = new Float64Array(dimensions);
  mu.forEach((m, i) => {
    const d = i % dimensions;
    const divergence = (m * m + (variance[i] ?? 0) - 1 - (logvar[i] ?? 0)) / 2;
    means[d] = (means[d] ?? 0) + m / examples;
    squares[d] = (squares[d] ?? 0) + (m * m) / examples;
    divergences[d] = (divergences[d] ?? 0) + divergence / examples;
  });
  const active = squares.filter((square, d) => square - (means[d] ?? 0) ** 2 > activeAbove).length;
  return { divergences: [...divergences], active };
}
