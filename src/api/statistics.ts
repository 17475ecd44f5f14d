/**
 * Intervals and tests for few seeds. Their elementary functions have one result on every machine.
 *
 * @module
 */
export { largest, smallest } from '../numerics/extremes.js';
export { numericsVersion } from '../numerics/version.js';
export { type Summary, seedsForWidth, summarize } from '../runtime/statistics/statistics.js';
export { studentQuantile } from '../runtime/statistics/student-t.js';
