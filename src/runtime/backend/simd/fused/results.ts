import { engine, type Scalar, type Tensor, type Tensor4D, type TensorInfo } from '@tensorflow/tfjs-core';

/** Wraps a kernel's result as a TF.js tensor, which the current scope frees. */
export function tensorOf(made: TensorInfo): Tensor {
  return engine().makeTensorFromTensorInfo(made);
}

/** The same for a scalar. */
export function scalarOf(made: TensorInfo): Scalar {
  const tensor = tensorOf(made);
  if (!isScalar(tensor)) throw new RangeError(`a scalar has no axes, but this has shape [${made.shape}]`);
  return tensor;
}

/** The same for images `[batch, height, width, channels]`. */
export function imagesOf(made: TensorInfo): Tensor4D {
  const tensor = tensorOf(made);
  if (!isImages(tensor)) throw new RangeError(`images have four axes, but this has shape [${made.shape}]`);
  return tensor;
}

function isScalar(tensor: Tensor): tensor is Scalar {
  return tensor.rank === 0;
}

function isImages(tensor: Tensor): tensor is Tensor4D {
  return tensor.rank === 4;
}
