/** What batch normalisation takes of each channel. */
export interface ChannelStatistics {
  readonly mean: Float32Array;
  readonly variance: Float32Array;
  /** 1 without it. */
  readonly scale: Float32Array | null;
  /** 0 without it. */
  readonly offset: Float32Array | null;
}

/** (x - mean) · scale / √(variance + epsilon) + offset of [rows, channels], each operation rounded, in this order. */
export function batchNormalized(x: Float32Array, statistics: ChannelStatistics, epsilon: number): Float32Array {
  const { mean, variance, scale, offset } = statistics;
  const floor = Math.fround(epsilon);
  return x.map((value, i) => {
    const c = i % mean.length;
    const centred = Math.fround(value - (mean[c] ?? 0));
    const scaled = scale ? Math.fround(centred * (scale[c] ?? 1)) : centred;
    const deviation = Math.fround(Math.sqrt(Math.fround((variance[c] ?? 0) + floor)));
    const normalized = Math.fround(scaled / deviation);
    return offset ? Math.fround(normalized + (offset[c] ?? 0)) : normalized;
  });
}
