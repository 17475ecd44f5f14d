/**
 * Everything that a function of the API throws on purpose. Each error has a `message` that says what is wrong and where;
 * most have a `hint` that says what to do, and those with a `reason` or `code` keep its values from version to version.
 *
 * @module
 */
export { UnknownWord } from '../compiler/library/library.js';
export { TrialFailedError } from '../execute/executor.js';
export { SlurmError } from '../execute/slurm/slurm-error.js';
export { SshError, type SshReason } from '../execute/ssh/ssh-error.js';
export { UnsafePathError } from '../files/paths.js';
export { FileError, type FileReason } from '../files/read-file.js';
export { NotAFileError, PartlyWrittenError, ReadOnlyFileError } from '../files/write-file.js';
export { UnreadableExperimentError } from '../project/experiments.js';
export { Stale } from '../project/stale.js';
export { UsageError } from '../project/usage-error.js';
export { InstallationError } from '../results/packages/execute.js';
export { BackendUnavailable } from '../runtime/backend/choose.js';
export { UnsupportedPlatformError } from '../runtime/backend/simd/kernel-module.js';
export { WorkerDiedError } from '../runtime/backend/simd/kernel-runner.js';
export { MemoryExhaustedError } from '../runtime/backend/simd/linear-memory.js';
export { DatasetError } from '../runtime/datasets/dataset-error.js';
export { JsonError } from '../runtime/formats/json.js';
export { SafetensorsError } from '../runtime/formats/safetensors.js';
export { CheckoutError } from '../runtime/provenance/checkout.js';
export { LockError } from '../runtime/provenance/lock-file.js';
export { LargeCommitError, MissingObjectError } from '../runtime/provenance/repository.js';
export { UnsafeTreeError } from '../runtime/provenance/tree.js';
export { StoreError } from '../runtime/store/store-error.js';
export { ChainFileError } from '../runtime/training/chain-file.js';
export { WeightValuesError } from '../runtime/training/weight-store.js';
export { BundleError } from '../trial/bundle/bundle-error.js';
export { CheckpointError } from '../trial/checkpoint-file.js';
export { LoadError } from '../trial/load.js';
export { LongerTrainingError } from '../trial/longer-training.js';
export { ExperimentError } from '../trial/prepare.js';
export { VerifyError, VerifyInterrupted } from '../trial/verify-error.js';
export { InitialWeightsError } from '../trial/weights-file.js';
export { OutsideWordsError } from '../words/outside.js';
