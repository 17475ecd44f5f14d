/**
 * Changes and the proof that results hold: diff, log, explain, lock files, verification to the bit, bisection, bundles.
 *
 * @module
 */
export { type Bisection, type BisectOptions, bisect, type TriedCommit } from '../compare/bisect/bisect.js';
export { type Condition, readCondition } from '../compare/bisect/condition.js';
export { type Change, changeText } from '../compare/diff/change.js';
export { type ComparedExperiment, type Comparison, compare } from '../compare/diff/compare.js';
export type { CurvePair, RunDifference } from '../compare/diff/curves.js';
export type { IdentityChange } from '../compare/diff/experiment-difference.js';
export { type Gate, type GateFailure, gateFailures, readGate } from '../compare/diff/gate.js';
export type { MetricDifference, ResultsDifference, Side } from '../compare/diff/results-difference.js';
export { readSelection, type Selection, type Wanted } from '../compare/diff/selection.js';
export type { ResultSet, Version } from '../compare/diff/version.js';
export { type Explanation, explainRuns, type Part } from '../compare/explain.js';
export { type CheckedSection, type CheckOptions, checkLocks, type Moved } from '../compare/lock/check.js';
export { type LockedFile, type LockOptions, lockExperiments } from '../compare/lock/lock.js';
export { type LogEntry, type MetricLog, metricLog } from '../compare/log.js';
export { type Rerun, type RerunOptions, rerun } from '../compare/rerun.js';
export { type Against, type EngineChoice, engineFor, otherEngine, parseAgainst } from '../compare/verify/engines.js';
export type { Engine } from '../compare/verify/replay.js';
export { layerOfStored } from '../compare/verify/tensor-layer.js';
export type { TensorDifference } from '../compare/verify/ulps.js';
export { type Verdict, type VerifyOptions, verifyAgainst, verifyRun, windowText } from '../compare/verify/verify.js';
export { bundleRun, mostBundleBytes, type OpenedBundle, openBundle } from '../trial/bundle/bundle.js';
export { BundleError } from '../trial/bundle/bundle-error.js';
export { type RecordedCheckpoint, type RecordedRun, recordedRun } from '../trial/bundle/recorded-run.js';
export { VerifyInterrupted } from '../trial/verify-error.js';
export { takeIn } from './loaded-when-called.js';
