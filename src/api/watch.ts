/**
 * Following a sweep or a run in a database while another process trains it.
 *
 * @module
 */
export type { Fact, TrialDetails, TrialLibrary } from '../results/watch/trial-library.js';
export { storedTrials, type Watch, watch } from '../results/watch.js';
