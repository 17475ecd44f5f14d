/**
 * The version of the arithmetic: random numbers, initial weights, transforms, elementary functions, and on the `simd`
 * backend every kernel. It is part of a trial's identity, and is raised with any change of a bit.
 */
export const numericsVersion = '1';
