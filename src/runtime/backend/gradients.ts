/** A bundle of TF.js's own modules, made by tools/build-gradients.mjs; importing it is what registers them. */
const bundle = new URL('./simd/gradients.generated.mjs', import.meta.url);

/**
 * Registers the gradients of TF.js's operations: the file that Node loads for `@tensorflow/tfjs-core` has none. Only
 * tfjs-node brings a copy of them along.
 */
export async function registerGradients(): Promise<void> {
  await import(bundle.href);
}
