// Entry points of the kernels: an operation number selects a function.
import { DONE, JOB, TILE, closeJob, enterJob, leaveJob, openJob } from './job';
import { binaryFloat, binaryInt } from './binary';
import { classify, compareFloat, compareInt, logicalBytes, select } from './compare';
import { cast, copy, fill, ramp } from './copy';
import { conv2d, conv2dFilterGradient, conv2dInputGradient } from './convolution';
import { gather, oneHot, scatterRows } from './indexing';
import { gaussianDivergence, gaussianDivergenceGradient, reparameterizeGradient } from './gaussian';
import { lookUp } from './images';
import { keepLargest, topK } from './largest';
import { activationGradient, loss, lossGradient } from './losses';
import { matmul } from './matmul';
import { batchNorm } from './normalization';
import { optimizer } from './optimizers';
import { averagePool, averagePoolGradient, maxPool, maxPoolGradient } from './pooling';
import { randomNumbers } from './random';
import { argReduce, cumulate, reduce } from './reduce';
import { softmaxRows } from './softmax';
import { sparsity, sparsityGradient } from './sparsity';
import { logicalNot, unaryFloat, unaryInt } from './unary';
import { Operation } from '../operations';

function run(work: usize): void {
  switch (load<i32>(JOB)) {
    case Operation.Matmul: matmul(work); break;
    case Operation.UnaryFloat: unaryFloat(); break;
    case Operation.UnaryInt: unaryInt(); break;
    case Operation.Classify: classify(); break;
    case Operation.BinaryFloat: binaryFloat(); break;
    case Operation.BinaryInt: binaryInt(); break;
    case Operation.CompareFloat: compareFloat(); break;
    case Operation.CompareInt: compareInt(); break;
    case Operation.LogicalBytes: logicalBytes(); break;
    case Operation.LogicalNot: logicalNot(); break;
    case Operation.Select: select(); break;
    case Operation.Cast: cast(); break;
    case Operation.Fill: fill(); break;
    case Operation.Copy: copy(); break;
    case Operation.Reduce: reduce(); break;
    case Operation.ArgReduce: argReduce(); break;
    case Operation.Cumulate: cumulate(); break;
    case Operation.SoftmaxRows: softmaxRows(); break;
    case Operation.Gather: gather(); break;
    case Operation.ScatterRows: scatterRows(); break;
    case Operation.OneHot: oneHot(); break;
    case Operation.Ramp: ramp(); break;
    case Operation.Conv2D: conv2d(work); break;
    case Operation.Conv2DInputGradient: conv2dInputGradient(work); break;
    case Operation.Conv2DFilterGradient: conv2dFilterGradient(work); break;
    case Operation.MaxPool: maxPool(); break;
    case Operation.MaxPoolGradient: maxPoolGradient(); break;
    case Operation.AveragePool: averagePool(); break;
    case Operation.AveragePoolGradient: averagePoolGradient(); break;
    case Operation.BatchNorm: batchNorm(); break;
    case Operation.ActivationGradient: activationGradient(); break;
    case Operation.Loss: loss(work); break;
    case Operation.LossGradient: lossGradient(); break;
    case Operation.Sparsity: sparsity(); break;
    case Operation.SparsityGradient: sparsityGradient(); break;
    case Operation.Optimizer: optimizer(); break;
    case Operation.RandomNumbers: randomNumbers(); break;
    case Operation.LookUp: lookUp(); break;
    case Operation.GaussianDivergence: gaussianDivergence(); break;
    case Operation.GaussianDivergenceGradient: gaussianDivergenceGradient(); break;
    case Operation.ReparameterizeGradient: reparameterizeGradient(); break;
    case Operation.TopK: topK(); break;
    case Operation.KeepLargest: keepLargest(); break;
    default: unreachable();
  }
}

/** Runs the job on the calling thread only. */
export function runAlone(work: usize): void {
  store<i32>(TILE, 0);
  store<i32>(DONE, 0);
  run(work);
}

/** Runs the job together with the workers that join in time. Returns 1 if a worker died, else 0. */
export function runShared(work: usize, patience: i32): i32 {
  openJob();
  run(work);
  return closeJob(patience);
}

/**
 * Runs the jobs stored from `program` to `end`, each as its number of words, whether it is shared, and the words.
 * Returns 1 if a worker died, else 0.
 */
export function runProgram(work: usize, program: usize, end: usize, patience: i32): i32 {
  while (program < end) {
    const bytes = load<usize>(program) << 2, shared = load<i32>(program, 4) != 0;
    memory.copy(JOB, program + 8, bytes);
    program += 8 + bytes;
    if (!shared) runAlone(work);
    else if (runShared(work, patience) != 0) return 1;
  }
  return 0;
}

/** Main loop of a worker thread. */
export function serve(work: usize): void {
  let seen = 0;
  while (true) {
    seen = enterJob(seen);
    run(work);
    leaveJob();
  }
}
