/**
 * The version of the text in ../numerics.md that the kernels follow. Part of a run's identity: it changes with any bit of
 * any result.
 */
export const NUMERICS_VERSION = 1;
