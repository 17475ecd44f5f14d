import { MathBackendCPU } from '@tensorflow/tfjs-backend-cpu';
import {
  enableProdMode,
  getKernel,
  getKernelsForBackend,
  registerBackend,
  registerKernel,
  setBackend,
} from '@tensorflow/tfjs-core';
import { registerGradients } from '../../../../src/runtime/backend/gradients.js';
import { elementwiseKernels } from './elementwise-kernels.js';
import { KernelArguments, type ReferenceKernel } from './kernel-arguments.js';
import { linearKernels } from './linear-kernels.js';
import { poolingKernels } from './pooling-kernels.js';

const NAME = 'reference';

/**
 * Kernels that round nothing: they copy, compare or choose. TF.js's own of the cpu backend are as good as any; everything
 * that computes comes from src/runtime/backend/reference. What is in neither list is not registered, so that a word that
 * reaches another kernel fails here until its numbers are specified.
 */
const exact = [
  'All',
  'Any',
  'Cast',
  'Concat',
  // Of counts, which are exact.
  'Cumsum',
  'Equal',
  'Fill',
  'GatherV2',
  'Greater',
  'GreaterEqual',
  'Identity',
  'IsFinite',
  'IsNan',
  'Less',
  'LessEqual',
  'LogicalAnd',
  'LogicalNot',
  'LogicalOr',
  'NotEqual',
  'OnesLike',
  'PadV2',
  'Reshape',
  'Select',
  'Slice',
  'SplitV',
  'Tile',
  'TopK',
  'Transpose',
  'ZerosLike',
];

const computing: Readonly<Record<string, ReferenceKernel>> = {
  ...elementwiseKernels,
  ...linearKernels,
  ...poolingKernels,
};

class ReferenceBackend extends MathBackendCPU {}

/** Makes TF.js compute with the scalar reference: plain loops, one operation after the other. */
export async function selectReference(): Promise<void> {
  if (getKernelsForBackend(NAME).length === 0) await register();
  await setBackend(NAME);
}

async function register(): Promise<void> {
  enableProdMode();
  await registerGradients();
  registerBackend(NAME, () => new ReferenceBackend());
  for (const kernelName of exact) {
    const own = getKernel(kernelName, 'cpu');
    if (!own) throw new Error(`TF.js's cpu backend has no ${kernelName}`);
    registerKernel({ ...own, backendName: NAME });
  }
  for (const [kernelName, compute] of Object.entries(computing)) {
    registerKernel({
      kernelName,
      backendName: NAME,
      kernelFunc({ inputs, backend, attrs }) {
        if (!(backend instanceof ReferenceBackend)) throw new Error(`${kernelName} was called on another backend`);
        const { values, shape } = compute(new KernelArguments(backend, inputs, attrs ?? {}));
        return backend.makeTensorInfo([...shape], 'float32', values);
      },
    });
  }
}
