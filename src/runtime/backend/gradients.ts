/** Bundle of TF.js's own modules, made by tools/build-gradients.mjs; importing it registers them. */
const bundle = new URL('./simd/gradients.generated.mjs', import.meta.url);

/**
 * Registers the gradients of TF.js's operations, which the Node build of `@tensorflow/tfjs-core` lacks. Only tfjs-node
 * brings its own copy.
 */
export async function registerGradients(): Promise<void> {
  await import(bundle.href);
}
