import { normLowering } from './clip/norm.js';
import { valueLowering } from './clip/value.js';
import { avgPool2dLowering } from './layer/avg_pool2d.js';
import { batchNormLowering } from './layer/batch_norm.js';
import { convTranspose2dLowering } from './layer/conv_transpose2d.js';
import { conv2dLowering } from './layer/conv2d.js';
import { denseLowering } from './layer/dense.js';
import { dropoutLowering } from './layer/dropout.js';
import { eluLowering } from './layer/elu.js';
import { flattenLowering } from './layer/flatten.js';
import { geluLowering } from './layer/gelu.js';
import { layerNormLowering } from './layer/layer_norm.js';
import { leakyReluLowering } from './layer/leaky_relu.js';
import { linearLowering } from './layer/linear.js';
import { maxPool2dLowering } from './layer/max_pool2d.js';
import { reluLowering } from './layer/relu.js';
import { reparameterizeLowering } from './layer/reparameterize.js';
import { reshapeLowering } from './layer/reshape.js';
import { seluLowering } from './layer/selu.js';
import { sigmoidLowering } from './layer/sigmoid.js';
import { siluLowering } from './layer/silu.js';
import { softplusLowering } from './layer/softplus.js';
import { tanhLowering } from './layer/tanh.js';
import { unpool2dLowering } from './layer/unpool2d.js';
import { upsample2dLowering } from './layer/upsample2d.js';
import { bceLowering } from './loss/bce.js';
import { bceWithLogitsLowering } from './loss/bce_with_logits.js';
import { contractiveLowering } from './loss/contractive.js';
import { huberLowering } from './loss/huber.js';
import { klGaussianLowering } from './loss/kl_gaussian.js';
import { klSparsityLowering } from './loss/kl_sparsity.js';
import { l1Lowering } from './loss/l1.js';
import { l2Lowering } from './loss/l2.js';
import { maeLowering } from './loss/mae.js';
import { mseLowering } from './loss/mse.js';
import type { Lowerings } from './lowering.js';
import { adamLowering } from './optimizer/adam.js';
import { adamwLowering } from './optimizer/adamw.js';
import { rmspropLowering } from './optimizer/rmsprop.js';
import { sgdLowering } from './optimizer/sgd.js';

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
  losses: [
    bceLowering,
    bceWithLogitsLowering,
    contractiveLowering,
    huberLowering,
    klGaussianLowering,
    klSparsityLowering,
    l1Lowering,
    l2Lowering,
    maeLowering,
    mseLowering,
  ],
  optimizers: [adamLowering, adamwLowering, rmspropLowering, sgdLowering],
  clips: [normLowering, valueLowering],
};
