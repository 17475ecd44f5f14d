import { normLowering } from '../runtime/lowering/clip/norm.js';
import { valueLowering } from '../runtime/lowering/clip/value.js';
import { avgPool2dLowering } from '../runtime/lowering/layer/avg_pool2d.js';
import { batchNormLowering } from '../runtime/lowering/layer/batch_norm.js';
import { convTranspose2dLowering } from '../runtime/lowering/layer/conv_transpose2d.js';
import { conv2dLowering } from '../runtime/lowering/layer/conv2d.js';
import { denseLowering } from '../runtime/lowering/layer/dense.js';
import { dropoutLowering } from '../runtime/lowering/layer/dropout.js';
import { eluLowering } from '../runtime/lowering/layer/elu.js';
import { flattenLowering } from '../runtime/lowering/layer/flatten.js';
import { geluLowering } from '../runtime/lowering/layer/gelu.js';
import { layerNormLowering } from '../runtime/lowering/layer/layer_norm.js';
import { leakyReluLowering } from '../runtime/lowering/layer/leaky_relu.js';
import { linearLowering } from '../runtime/lowering/layer/linear.js';
import { maxPool2dLowering } from '../runtime/lowering/layer/max_pool2d.js';
import { reluLowering } from '../runtime/lowering/layer/relu.js';
import { reparameterizeLowering } from '../runtime/lowering/layer/reparameterize.js';
import { reshapeLowering } from '../runtime/lowering/layer/reshape.js';
import { seluLowering } from '../runtime/lowering/layer/selu.js';
import { sigmoidLowering } from '../runtime/lowering/layer/sigmoid.js';
import { siluLowering } from '../runtime/lowering/layer/silu.js';
import { softplusLowering } from '../runtime/lowering/layer/softplus.js';
import { tanhLowering } from '../runtime/lowering/layer/tanh.js';
import { unpool2dLowering } from '../runtime/lowering/layer/unpool2d.js';
import { upsample2dLowering } from '../runtime/lowering/layer/upsample2d.js';
import type { Lowerings } from '../runtime/lowering/lowering.js';
import { adamLowering } from '../runtime/lowering/optimizer/adam.js';
import { adamwLowering } from '../runtime/lowering/optimizer/adamw.js';
import { rmspropLowering } from '../runtime/lowering/optimizer/rmsprop.js';
import { sgdLowering } from '../runtime/lowering/optimizer/sgd.js';
import { builtinWords } from './words.js';

/** What every built-in word computes. */
export const builtinLowerings: Lowerings = {
  layers: [
    avgPool2dLowering,
    batchNormLowering,
    conv2dLowering,
    convTranspose2dLowering,
    denseLowering,
    dropoutLowering,
    eluLowering,
    flattenLowering,
    geluLowering,
    layerNormLowering,
    leakyReluLowering,
    linearLowering,
    maxPool2dLowering,
    reluLowering,
    reparameterizeLowering,
    reshapeLowering,
    seluLowering,
    sigmoidLowering,
    siluLowering,
    softplusLowering,
    tanhLowering,
    unpool2dLowering,
    upsample2dLowering,
  ],
  losses: builtinWords.byFamily.loss,
  optimizers: [adamLowering, adamwLowering, rmspropLowering, sgdLowering],
  clips: [normLowering, valueLowering],
};
