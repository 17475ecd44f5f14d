/**
 * The schema of metrics: their names taken apart, what each one is, and which one is meant if nobody says.
 *
 * @module
 */
export {
  faultOf,
  isOfLatent,
  isOfLoss,
  isShare,
  isTerm,
  type LayerMetric,
  layerHeading,
  layerMetric,
  layerMetricNames,
  termLabel,
} from '../metrics/definitions.js';
export {
  type DataPart,
  isQualified,
  layerMetricName,
  type MetricName,
  type MetricScope,
  metricName,
  partMetric,
  partOf,
  readMetric,
  seriesMetric,
} from '../metrics/metric-name.js';
export { compareLayerMetrics, compareLayers, inOrder, metricsOfLayers } from '../metrics/order.js';
export { metricElsewhere } from '../metrics/spellings.js';
export {
  type Comparable,
  isLoss,
  type MeasuredObjective,
  type Objective,
  usualMetric,
  usualMetrics,
} from '../metrics/usual-metric.js';
