/**
 * Makes TF.js compute in float64, by letting every `Float32Array` of this process be a `Float64Array`. Must be imported
 * before anything else in a test file, which then has a process of its own.
 */
Object.defineProperty(globalThis, 'Float32Array', { value: Float64Array });
