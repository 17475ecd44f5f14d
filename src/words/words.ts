import { norm } from '../compiler/library/clip/norm.js';
import { value } from '../compiler/library/clip/value.js';
import { gaussian } from '../compiler/library/corruption/gaussian.js';
import { masking } from '../compiler/library/corruption/masking.js';
import { pepper } from '../compiler/library/corruption/pepper.js';
import { salt } from '../compiler/library/corruption/salt.js';
import { saltAndPepper } from '../compiler/library/corruption/salt_and_pepper.js';
import { csv } from '../compiler/library/dataset/csv.js';
import { digits } from '../compiler/library/dataset/digits.js';
import { fashionMnist } from '../compiler/library/dataset/fashion_mnist.js';
import { idx } from '../compiler/library/dataset/idx.js';
import { images } from '../compiler/library/dataset/images.js';
import { mnist } from '../compiler/library/dataset/mnist.js';
import { npy } from '../compiler/library/dataset/npy.js';
import { safetensors } from '../compiler/library/dataset/safetensors.js';
import { mirror } from '../compiler/library/decoder/mirror.js';
import { tied } from '../compiler/library/decoder/tied.js';
import { denoising } from '../compiler/library/evaluation/denoising.js';
import { knn } from '../compiler/library/evaluation/knn.js';
import { linearProbe } from '../compiler/library/evaluation/linear_probe.js';
import { pca } from '../compiler/library/evaluation/pca.js';
import { psnr } from '../compiler/library/evaluation/psnr.js';
import { ssim } from '../compiler/library/evaluation/ssim.js';
import { filters } from '../compiler/library/figure/filters.js';
import { latentScatter } from '../compiler/library/figure/latent_scatter.js';
import { lossCurves } from '../compiler/library/figure/loss_curves.js';
import { receptiveFields } from '../compiler/library/figure/receptive_fields.js';
import { reconstructions } from '../compiler/library/figure/reconstructions.js';
import { samples } from '../compiler/library/figure/samples.js';
import { walk } from '../compiler/library/figure/walk.js';
import { he } from '../compiler/library/initializer/he.js';
import { normal } from '../compiler/library/initializer/normal.js';
import { orthogonal } from '../compiler/library/initializer/orthogonal.js';
import { torch } from '../compiler/library/initializer/torch.js';
import { xavier } from '../compiler/library/initializer/xavier.js';
import { zeros } from '../compiler/library/initializer/zeros.js';
import { avgPool2d } from '../compiler/library/layer/avg_pool2d.js';
import { batchNorm } from '../compiler/library/layer/batch_norm.js';
import { convTranspose2d } from '../compiler/library/layer/conv_transpose2d.js';
import { conv2d } from '../compiler/library/layer/conv2d.js';
import { dense } from '../compiler/library/layer/dense.js';
import { dropout } from '../compiler/library/layer/dropout.js';
import { elu } from '../compiler/library/layer/elu.js';
import { flatten } from '../compiler/library/layer/flatten.js';
import { gelu } from '../compiler/library/layer/gelu.js';
import { layerNorm } from '../compiler/library/layer/layer_norm.js';
import { leakyRelu } from '../compiler/library/layer/leaky_relu.js';
import { linear } from '../compiler/library/layer/linear.js';
import { maxPool2d } from '../compiler/library/layer/max_pool2d.js';
import { relu } from '../compiler/library/layer/relu.js';
import { reparameterize } from '../compiler/library/layer/reparameterize.js';
import { reshape } from '../compiler/library/layer/reshape.js';
import { selu } from '../compiler/library/layer/selu.js';
import { sigmoid } from '../compiler/library/layer/sigmoid.js';
import { silu } from '../compiler/library/layer/silu.js';
import { softplus } from '../compiler/library/layer/softplus.js';
import { tanh } from '../compiler/library/layer/tanh.js';
import { unpool2d } from '../compiler/library/layer/unpool2d.js';
import { upsample2d } from '../compiler/library/layer/upsample2d.js';
import { createLibrary } from '../compiler/library/library.js';
import { adam } from '../compiler/library/optimizer/adam.js';
import { adamw } from '../compiler/library/optimizer/adamw.js';
import { rmsprop } from '../compiler/library/optimizer/rmsprop.js';
import { sgd } from '../compiler/library/optimizer/sgd.js';
import { cosine } from '../compiler/library/schedule/cosine.js';
import { exponential } from '../compiler/library/schedule/exponential.js';
import { step } from '../compiler/library/schedule/step.js';
import { switchTo } from '../compiler/library/schedule/switch.js';
import { warmup } from '../compiler/library/schedule/warmup.js';
import { autoencoder } from '../compiler/library/stage/autoencoder.js';
import { rbm } from '../compiler/library/stage/rbm.js';
import { early } from '../compiler/library/stop/early.js';
import { binarize } from '../compiler/library/transform/binarize.js';
import { centerCrop } from '../compiler/library/transform/center_crop.js';
import { flip } from '../compiler/library/transform/flip.js';
import { minMax } from '../compiler/library/transform/min_max.js';
import { normalize } from '../compiler/library/transform/normalize.js';
import { randomCrop } from '../compiler/library/transform/random_crop.js';
import { resize } from '../compiler/library/transform/resize.js';
import { scale } from '../compiler/library/transform/scale.js';
import { standardize } from '../compiler/library/transform/standardize.js';
import { bce } from './loss/bce.js';
import { bceWithLogits } from './loss/bce_with_logits.js';
import { contractive } from './loss/contractive.js';
import { huber } from './loss/huber.js';
import { klGaussian } from './loss/kl_gaussian.js';
import { klSparsity } from './loss/kl_sparsity.js';
import { l1 } from './loss/l1.js';
import { l2 } from './loss/l2.js';
import { mae } from './loss/mae.js';
import { mse } from './loss/mse.js';
import type { WordOf, Words } from './word.js';

/**
 * The words that come with the package, in the order of the reference. Only what starts a command, and tests, name this value:
 * everything else is handed the words, so that those of a project are known wherever these are.
 */
export const builtinWords: Words = createLibrary<WordOf>({
  layer: [
    dense,
    conv2d,
    convTranspose2d,
    maxPool2d,
    avgPool2d,
    unpool2d,
    upsample2d,
    flatten,
    reshape,
    dropout,
    batchNorm,
    layerNorm,
    reparameterize,
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
  ],
  initializer: [torch, xavier, he, normal, zeros, orthogonal],
  decoder: [tied, mirror],
  loss: [mse, mae, huber, bce, bceWithLogits, klSparsity, klGaussian, contractive, l1, l2],
  corruption: [salt, pepper, saltAndPepper, masking, gaussian],
  optimizer: [sgd, adam, adamw, rmsprop],
  clip: [norm, value],
  schedule: [switchTo, step, cosine, exponential, warmup],
  dataset: [mnist, fashionMnist, digits, idx, npy, safetensors, csv, images],
  transform: [randomCrop, centerCrop, resize, flip, normalize, scale, standardize, minMax, binarize],
  stage: [rbm, autoencoder],
  stop: [early],
  evaluation: [linearProbe, knn, pca, psnr, ssim, denoising],
  figure: [filters, receptiveFields, reconstructions, samples, walk, latentScatter, lossCurves],
});
