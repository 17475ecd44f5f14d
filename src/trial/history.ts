import * as v from 'valibot';
import { isOfLoss, termLabel } from '../metrics/definitions.js';
import { presentName } from '../metrics/former-names.js';
import { metricName, readMetric } from '../metrics/metric-name.js';
import { isMeasuredOnce } from '../metrics/usual-metric.js';
import type { TrainingEvent } from '../runtime/events.js';
import type { LossCurvesInput } from '../runtime/figures/loss_curves.js';
import type { LossSeries } from '../runtime/figures/panels.js';
import { anyNumber, count, listOf, object, oneOf, type Schema, text } from '../runtime/formats/json.js';

/** Most points of a curve; beyond that every second one is dropped, repeatedly. */
const mostPoints = 20_000;

/** A history as plain data. */
export interface HistoryState {
  readonly stepsPerEpoch: number;
  readonly epochsBefore: number;
  readonly curves: readonly (CurveState & { readonly key: string })[];
}

const numbers = listOf(anyNumber, 2 * mostPoints);
/** A metric, under its old name in older versions. */
const metric = v.pipe(text, v.transform(presentName));

/** Schema of a history in an untrusted checkpoint. */
export const historyState: Schema<HistoryState> = object({
  stepsPerEpoch: count,
  epochsBefore: count,
  curves: listOf(
    object({ key: metric, name: text, metric, style: oneOf('steps', 'epochs'), x: numbers, y: numbers }),
    10_000,
  ),
});

interface CurveState {
  readonly name: string;
  readonly metric: string;
  readonly style: LossSeries['style'];
  readonly x: readonly number[];
  readonly y: readonly number[];
}

/** Records the data of the loss curves while a trial trains. */
export class History {
  readonly #curves = new Map<string, Curve>();
  #stepsPerEpoch = 1;
  /** Epochs of earlier stages. */
  #epochsBefore = 0;

  /** @param state of an earlier part of the trial */
  constructor(state: HistoryState | null = null) {
    if (state === null) return;
    this.#stepsPerEpoch = state.stepsPerEpoch;
    this.#epochsBefore = state.epochsBefore;
    for (const curve of state.curves) this.#curves.set(curve.key, new Curve(curve));
  }

  /** Plain data, so that a checkpoint can hold it. */
  get state(): HistoryState {
    return {
      stepsPerEpoch: this.#stepsPerEpoch,
      epochsBefore: this.#epochsBefore,
      curves: [...this.#curves].map(([key, curve]) => ({ key, ...curve.state })),
    };
  }

  /** Keys of its curves, in drawing order. */
  get keys(): readonly string[] {
    return [...this.#curves.keys()];
  }

  /** The same curves, the named ones first. */
  inOrder(keys: readonly string[]): History {
    const rank = (key: string) => (keys.includes(key) ? keys.indexOf(key) : keys.length);
    const { curves, ...rest } = this.state;
    return new History({ ...rest, curves: [...curves].sort((a, b) => rank(a.key) - rank(b.key)) });
  }

  record(event: TrainingEvent): void {
    switch (event.event) {
      case 'stage_started':
        this.#stepsPerEpoch = event.stepsPerEpoch;
        break;
      case 'stage_done':
        this.#epochsBefore += event.epochs;
        break;
      case 'steps':
        for (const [metric, values] of Object.entries(event.series)) {
          if (!isOfLoss(metric)) continue;
          const curve = this.#curve(`step ${metric}`, 'train', metric, 'steps');
          values.forEach((value, i) => {
            curve.add(this.#epochsBefore + (event.firstStep + i + 1) / this.#stepsPerEpoch, value);
          });
        }
        break;
      case 'epoch':
      case 'evaluation':
        for (const [name, value] of Object.entries(event.metrics)) {
          const place = placeOf(name);
          if (place === null) continue;
          const [curve, panel] = place;
          this.#curve(name, curve, panel, 'epochs').add(this.#epochsBefore + event.epoch, value);
        }
        break;
      case 'trial_started':
      case 'evaluating':
      case 'diagnostics':
      case 'checkpoint':
      case 'trial_done':
        break;
    }
  }

  lossCurves(title: string): LossCurvesInput {
    const metrics = new Set([...this.#curves.values()].map(({ metric }) => metric));
    // A loss of a single term is that term.
    const shown = [...this.#curves.values()].filter(({ metric }) => metrics.size > 2 || metric === 'loss');
    const series = shown.map(({ series }) => series);
    return { title, series, xLabel: 'epoch', yLabel: 'per example' };
  }

  #curve(key: string, name: string, metric: string, style: LossSeries['style']): Curve {
    const known = this.#curves.get(key);
    if (known) return known;
    const curve = new Curve({ name, metric, style, x: [], y: [] });
    this.#curves.set(key, curve);
    return curve;
  }
}

class Curve {
  readonly #name: string;
  readonly metric: string;
  readonly #style: LossSeries['style'];
  #x: number[];
  #y: number[];

  constructor({ name, metric, style, x, y }: CurveState) {
    this.#name = name;
    this.metric = metric;
    this.#style = style;
    this.#x = [...x];
    this.#y = [...y];
  }

  get state(): CurveState {
    return { name: this.#name, metric: this.metric, style: this.#style, x: [...this.#x], y: [...this.#y] };
  }

  add(x: number, y: number): void {
    this.#x.push(x);
    this.#y.push(y);
    if (this.#x.length <= mostPoints) return;
    this.#x = this.#x.filter((_, i) => i % 2 === 1);
    this.#y = this.#y.filter((_, i) => i % 2 === 1);
  }

  get series(): LossSeries {
    return {
      name: this.#name,
      panel: termLabel(this.metric),
      style: this.#style,
      points: { x: this.#x, y: this.#y },
    };
  }
}

/** The curve of an epoch metric, and its panel; null if it is not drawn. */
function placeOf(name: string): readonly [curve: string, panel: string] | null {
  const { scope, quantity } = readMetric(name);
  if (isMeasuredOnce(name) || !isOfLoss(quantity)) return null;
  switch (scope.kind) {
    case 'part':
      return [scope.part, quantity];
    case 'pretraining':
      return [scope.stage, metricName({ kind: 'layer', layer: scope.layer }, quantity)];
    case 'layer':
    case 'step':
      return null;
  }
}
