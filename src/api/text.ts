/**
 * How numbers, durations, dates and rows of CSV are written.
 *
 * @module
 */
export { csvLine } from '../results/export-text.js';
export { clockText, durationText } from '../text/duration-text.js';
export {
  countText,
  groupedText,
  intervalText,
  memoryText,
  numberText,
  percentText,
  signedText,
  spreadText,
  steadyText,
  timeText,
} from '../text/number-text.js';
