import { createDefiningLibrary } from '../compiler/library/library.js';
import { norm } from './clip/norm.js';
import { value } from './clip/value.js';
import { maxNorm } from './constraint/max_norm.js';
import { nonNegative } from './constraint/non_negative.js';
import { softFrozen } from './constraint/soft_frozen.js';
import { unitNorm } from './constraint/unit_norm.js';
import { gaussian } from './corruption/gaussian.js';
import { masking } from './corruption/masking.js';
import { pepper } from './corruption/pepper.js';
import { salt } from './corruption/salt.js';
import { saltAndPepper } from './corruption/salt_and_pepper.js';
import { csv } from './dataset/csv.js';
import { digits } from './dataset/digits.js';
import { fashionMnist } from './dataset/fashion_mnist.js';
import { idx } from './dataset/idx.js';
import { images } from './dataset/images.js';
import { mnist } from './dataset/mnist.js';
import { npy } from './dataset/npy.js';
import { safetensors } from './dataset/safetensors.js';
import { synth } from './dataset/synth.js';
import { mirror } from './decoder/mirror.js';
import { tied } from './decoder/tied.js';
import { activationOfDefinition, lossOfDefinition } from './definition/defined.js';
import { anomaly } from './evaluation/anomaly.js';
import { denoising } from './evaluation/denoising.js';
import { fve } from './evaluation/fve.js';
import { knn } from './evaluation/knn.js';
import { linearProbe } from './evaluation/linear_probe.js';
import { pca } from './evaluation/pca.js';
import { psnr } from './evaluation/psnr.js';
import { recovery } from './evaluation/recovery.js';
import { shrinkage } from './evaluation/shrinkage.js';
import { sparsity } from './evaluation/sparsity.js';
import { ssim } from './evaluation/ssim.js';
import { filters } from './figure/filters.js';
import { latentScatter } from './figure/latent_scatter.js';
import { lossCurves } from './figure/loss_curves.js';
import { receptiveFields } from './figure/receptive_fields.js';
import { reconstructions } from './figure/reconstructions.js';
import { samples } from './figure/samples.js';
import { scoreHistogram } from './figure/score_histogram.js';
import { walk } from './figure/walk.js';
import { directions } from './initializer/directions.js';
import { he } from './initializer/he.js';
import { normal } from './initializer/normal.js';
import { orthogonal } from './initializer/orthogonal.js';
import { stored } from './initializer/stored.js';
import { torch } from './initializer/torch.js';
import { transposed } from './initializer/transposed.js';
import { xavier } from './initializer/xavier.js';
import { zeros } from './initializer/zeros.js';
import { linear, mish, relu, selu, sigmoid, silu, softmax, tanh } from './layer/activations.js';
import { add } from './layer/add.js';
import { avgPool2d } from './layer/avg_pool2d.js';
import { batchNorm } from './layer/batch_norm.js';
import { batchTopk } from './layer/batch_topk.js';
import { concat } from './layer/concat.js';
import { condition } from './layer/condition.js';
import { convTranspose1d } from './layer/conv_transpose1d.js';
import { convTranspose2d } from './layer/conv_transpose2d.js';
import { conv1d } from './layer/conv1d.js';
import { conv2d } from './layer/conv2d.js';
import { countDead } from './layer/count_dead.js';
import { dense } from './layer/dense.js';
import { dropout } from './layer/dropout.js';
import { elu } from './layer/elu.js';
import { flatten } from './layer/flatten.js';
import { gated } from './layer/gated.js';
import { gaussianHead } from './layer/gaussian_head.js';
import { gelu } from './layer/gelu.js';
import { groupNorm } from './layer/group_norm.js';
import { jumpRelu } from './layer/jump_relu.js';
import { l0Controller } from './layer/l0_controller.js';
import { layerNorm } from './layer/layer_norm.js';
import { leakyRelu } from './layer/leaky_relu.js';
import { learned } from './layer/learned.js';
import { maxPool2d } from './layer/max_pool2d.js';
import { postBias, preBias } from './layer/pre_bias.js';
import { reparameterize } from './layer/reparameterize.js';
import { reshape } from './layer/reshape.js';
import { softplus } from './layer/softplus.js';
import { absTopk, topk } from './layer/topk.js';
import { unpool2d } from './layer/unpool2d.js';
import { upsample2d } from './layer/upsample2d.js';
import { auxk } from './loss/auxk.js';
import { bce } from './loss/bce.js';
import { bceWithLogits } from './loss/bce_with_logits.js';
import { contractive } from './loss/contractive.js';
import { gateL1 } from './loss/gate_l1.js';
import { gateMse } from './loss/gate_mse.js';
import { gaussianNll } from './loss/gaussian_nll.js';
import { huber } from './loss/huber.js';
import { klGaussian } from './loss/kl_gaussian.js';
import { klSparsity } from './loss/kl_sparsity.js';
import { l0 } from './loss/l0.js';
import { l1 } from './loss/l1.js';
import { l2 } from './loss/l2.js';
import { logCosh } from './loss/log_cosh.js';
import { mae } from './loss/mae.js';
import { matryoshka } from './loss/matryoshka.js';
import { mse } from './loss/mse.js';
import { tanhPenalty } from './loss/tanh_penalty.js';
import { adam } from './optimizer/adam.js';
import { adamw } from './optimizer/adamw.js';
import { rmsprop } from './optimizer/rmsprop.js';
import { sgd } from './optimizer/sgd.js';
import { deadUnits } from './resampling/dead_units.js';
import { cosine } from './schedule/cosine.js';
import { exponential } from './schedule/exponential.js';
import { step } from './schedule/step.js';
import { switchTo } from './schedule/switch.js';
import { warmup } from './schedule/warmup.js';
import { autoencoder } from './stage/autoencoder.js';
import { rbm } from './stage/rbm.js';
import { early } from './stop/early.js';
import { repeat } from './structure/repeat.js';
import { residual } from './structure/residual.js';
import { share } from './structure/share.js';
import { binarize } from './transform/binarize.js';
import { centerCrop } from './transform/center_crop.js';
import { flip } from './transform/flip.js';
import { minMax } from './transform/min_max.js';
import { normalize } from './transform/normalize.js';
import { pad } from './transform/pad.js';
import { randomCrop } from './transform/random_crop.js';
import { resize } from './transform/resize.js';
import { scale } from './transform/scale.js';
import { standardize } from './transform/standardize.js';
import type { WordOf, Words } from './word.js';

const definedWords = { loss: lossOfDefinition, layer: activationOfDefinition } as const;

/**
 * The built-in words, in the order of the reference. Only command entry points and tests use this value directly:
 * everything else receives the words as an argument, so that a project's own words are known everywhere.
 */
export const builtinWords: Words = createDefiningLibrary<WordOf>(definedWords, {
  layer: [
    dense,
    conv2d,
    convTranspose2d,
    conv1d,
    convTranspose1d,
    maxPool2d,
    avgPool2d,
    unpool2d,
    upsample2d,
    flatten,
    reshape,
    add,
    concat,
    condition,
    dropout,
    batchNorm,
    layerNorm,
    groupNorm,
    reparameterize,
    gaussianHead,
    learned,
    preBias,
    postBias,
    batchTopk,
    jumpRelu,
    gated,
    countDead,
    l0Controller,
    linear,
    relu,
    leakyRelu,
    elu,
    selu,
    gelu,
    softplus,
    sigmoid,
    tanh,
    silu,
    mish,
    softmax,
    topk,
    absTopk,
  ],
  structure: [residual, repeat, share],
  initializer: [torch, xavier, he, normal, zeros, orthogonal, directions, transposed, stored],
  decoder: [tied, mirror],
  loss: [
    mse,
    mae,
    huber,
    logCosh,
    bce,
    bceWithLogits,
    gaussianNll,
    klSparsity,
    klGaussian,
    contractive,
    gateL1,
    gateMse,
    l0,
    l1,
    tanhPenalty,
    l2,
    auxk,
    matryoshka,
  ],
  corruption: [salt, pepper, saltAndPepper, masking, gaussian],
  optimizer: [sgd, adam, adamw, rmsprop],
  clip: [norm, value],
  constraint: [unitNorm, maxNorm, nonNegative, softFrozen],
  schedule: [switchTo, step, cosine, exponential, warmup],
  dataset: [mnist, fashionMnist, digits, synth, idx, npy, safetensors, csv, images],
  transform: [randomCrop, centerCrop, resize, pad, flip, normalize, scale, standardize, minMax, binarize],
  stage: [rbm, autoencoder],
  stop: [early],
  resampling: [deadUnits],
  evaluation: [linearProbe, knn, anomaly, pca, psnr, ssim, denoising, fve, sparsity, shrinkage, recovery],
  figure: [filters, receptiveFields, reconstructions, samples, walk, latentScatter, scoreHistogram, lossCurves],
});
