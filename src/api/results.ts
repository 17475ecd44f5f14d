/**
 * Stored results: the database, tables and charts of trials, comparisons of settings, reports, exports and imports.
 *
 * @module
 */
export { filesOfJobs, jobsBeside, removeJobs } from '../execute/command/jobs-folder.js';
export { filesOfRemovedSweeps, forgetRemovedSweeps } from '../execute/slurm/removed-sweeps.js';
export {
  type ComparedSetting,
  type Comparison,
  compareSettings,
  countedSeeds,
  describeBest,
  findSetting,
  type IntervalMethod,
  meanText,
  type SettingSummary,
  type SummaryOptions,
  summarizeSettings,
} from '../results/compare.js';
export {
  type Cell,
  type ColumnType,
  type ExportColumn,
  type ExportedRows,
  type ExportTable,
  exportedRows,
  exportTable,
} from '../results/export-rows.js';
export { csvText, jsonText } from '../results/export-text.js';
export { type ImportOutcome, type ImportRequest, importFrom } from '../results/import-results.js';
export { describeChoice, type MetricChoice } from '../results/metric-choice.js';
export { type LayerRow, type MetricMatrix, metricMatrix, type PartsRow } from '../results/metric-matrix.js';
export { type ReportOptions, sweepReport } from '../results/report/report.js';
export { runReport } from '../results/report/run-report.js';
export { parameterHeading, rankedSettings, settingName } from '../results/settings.js';
export { type Consistency, type ConsistencyOptions, consistencyChart, stableFrom } from '../results/stability.js';
export { drawCharts, type NamedChart } from '../results/sweep-charts.js';
export { type Explanation, explainSweep } from '../results/sweep-explanation.js';
export {
  describeImportance,
  type ImportanceRow,
  importanceRows,
  tableImportance,
} from '../results/sweep-importance.js';
export {
  bestTrial,
  readDetails,
  readTrialTable,
  type Setting,
  type TableRequest,
  type TableTrial,
  type TrialDetails,
  type TrialTable,
  tableOf,
} from '../results/sweep-table.js';
export { resolveSubject, resolveSweep, type TableSubject } from '../results/table-subject.js';
export { parseJson } from '../runtime/formats/json.js';
export { labelOf, type ParameterValue } from '../runtime/importance/levels.js';
export { describeEnvironment, describeIdentity, type Fact } from '../runtime/provenance/describe-environment.js';
export { isResultsDatabase } from '../runtime/store/database-header.js';
export type { DriveReport } from '../runtime/store/drive.js';
export type { Collected, Garbage } from '../runtime/store/garbage.js';
export type {
  EvaluationState,
  ParameterRecord,
  RunRecord,
  RunStatus,
  RunSummary,
  StageRecord,
  Writer,
} from '../runtime/store/records.js';
export type { RemovalPlan } from '../runtime/store/removal.js';
export type { SqliteBinding, SqlitePackage } from '../runtime/store/sqlite.js';
export type { RemovedResults, Store } from '../runtime/store/store.js';
export { StoreError } from '../runtime/store/store-error.js';
export type {
  SweepDescription,
  SweepRecord,
  SweepSummary,
  SweepTrialDescription,
} from '../runtime/store/sweep-records.js';
export type { RunOutcome } from '../runtime/store/trials-reader.js';
export { searchFacts } from '../sweep/plan/point-search.js';
export { frontOf, objectivesOf } from '../sweep/sweep-front.js';
export { type NamedRun, namesBundle, runNamed, withNamedRun, withResultsNamed } from '../trial/run-argument.js';
export { conditionsOfRun, contentsOfRun } from '../trial/trained-on.js';
export {
  checkDrive,
  consistencyOf,
  openStore,
  parquetBytes,
  readStore,
  readStoreAsItIs,
  sqliteBinding,
  trackerFiles,
} from './loaded-when-called.js';
