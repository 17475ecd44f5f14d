/**
 * Pictures as PNG and SVG from arrays, and the scales of their axes.
 *
 * @module
 */
export { type AxisScale, type Extent, exactScale, logScale, paddedScale } from '../runtime/figures/axis-scale.js';
export { type Chart, chartPng, chartSvg } from '../runtime/figures/chart.js';
export { mix, type Rgb } from '../runtime/figures/colour.js';
export { drawSamples, type SamplesInput } from '../runtime/figures/samples.js';
export { sideBySide } from '../runtime/figures/side-by-side.js';
export { type Levels, levelsOfRange } from '../runtime/figures/tile.js';
export {
  titledChart,
  titledPng,
  titledSvg,
  titleOfPicture,
  UntitledPicture,
} from '../runtime/figures/titled-picture.js';
export { storedChart } from '../trial/stored-chart.js';
