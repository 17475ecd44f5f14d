import type { ExperimentIr } from '../compiler/ir/experiment.js';
import { isLayerReference, type LayerReference, type WordValue } from '../compiler/ir/value.js';
import { normalQuantile } from '../numerics/normal_quantile.js';
import { linspace } from '../numerics/spacing.js';
import { type Matrix, stacked } from '../runtime/evaluation/matrix.js';
import { principalComponents, project } from '../runtime/evaluation/pca.js';
import { completed } from '../runtime/evaluation/work.js';
import { drawLatentScatter } from '../runtime/figures/latent_scatter.js';
import { drawNotice } from '../runtime/figures/notice.js';
import { drawSamples } from '../runtime/figures/samples.js';
import { levelsOfRange } from '../runtime/figures/tile.js';
import { drawWalk } from '../runtime/figures/walk.js';
import { matrixOf } from './model.js';
import { portionsOf } from './portions.js';
import { sampleFromPrior } from './prior.js';
import { layerOfFigure, numberOfFigure, type Subject, shownPart } from './subject.js';

/** Points of a scatter at most. */
const mostPoints = 10_000;

/** Values of a code beyond which its principal components are those of as many examples. */
const mostValues = 500;

/** `samples(64)`: what the decoder makes of draws from the prior. */
export async function drawSamplesOf(figure: WordValue, { model, seed }: Subject): Promise<Uint8Array> {
  const on = layerOfFigure(figure, model.experiment);
  const unmet = needBelow(on, model.experiment);
  if (unmet !== null) return drawNotice(unmet);
  const { values, count, shape } = sampleFromPrior(model, on, numberOfFigure(figure, 'n', 64), seed);
  return drawSamples({ images: values, count, shape, levels: levelsOfRange(model.experiment.data.rawRange) });
}

/** `walk(20)`: what the decoder makes of a grid of codes. */
export async function drawWalkOf(figure: WordValue, subject: Subject): Promise<Uint8Array> {
  const { model } = subject;
  const on = { ...layerOfFigure(figure, model.experiment), head: null };
  const unmet = needBelow(on, model.experiment);
  if (unmet !== null) return drawNotice(unmet);
  const n = numberOfFigure(figure, 'n', 20);
  const [first, second] = coordinates(on, n, subject);
  // The second dimension grows upwards.
  const rows = [...second].reverse();
  const codes = rows.flatMap((y) => first.flatMap((x) => [x, y]));
  const { values, shape } = model.decode(Float32Array.from(codes), on);
  return drawWalk({
    first,
    second: rows,
    images: values,
    shape,
    levels: levelsOfRange(model.experiment.data.rawRange),
  });
}

/** `latent_scatter(code)`: codes as points, coloured by class. */
export async function drawLatentScatterOf(figure: WordValue, subject: Subject): Promise<Uint8Array> {
  const codes = shownCodes(layerOfFigure(figure, subject.model.experiment), subject);
  const { part: stored, indices } = subject.data[shownPart(subject)];
  const { labels } = stored;
  const { classNames } = subject.data.dataset;
  const [x, y] = codes.columns === 2 ? ['first dimension', 'second dimension'] : componentNames;
  return drawLatentScatter({
    points: inThePlane(codes),
    ...(classNames ? { classNames } : {}),
    ...(labels === null
      ? {}
      : { labels: Int32Array.from(indices.subarray(0, codes.rows), (index) => labels[index] ?? 0) }),
    xLabel: `${x} of the code`,
    yLabel: `${y} of the code`,
  });
}

/** What a layer makes of the examples that are shown. */
function shownCodes(on: LayerReference, subject: Subject): Matrix {
  const part = shownPart(subject);
  const codes: Matrix[] = [];
  for (const { target } of portionsOf(part, subject, { most: mostPoints })) {
    codes.push(matrixOf(subject.model.layerOfSeen(on, target)));
  }
  return stacked(codes, Math.min(mostPoints, subject.data[part].indices.length));
}

const componentNames = ['first principal component', 'second principal component'] as const;

/** Two dimensions as they are, of more the first two principal components. */
function inThePlane(codes: Matrix): ArrayLike<number> {
  const { values, rows, columns } = codes;
  if (columns === 2) return values;
  const fitted = columns > mostValues ? Math.min(rows, mostValues) : rows;
  const fitting = { values: values.subarray(0, fitted * columns), rows: fitted, columns };
  return project(codes, completed(principalComponents(fitting, 2)));
}

/**
 * Where a walk goes in each dimension: the quantiles of the prior at the middles of n equal parts (Kingma and Welling
 * 2014, figure 4), or from the least to the greatest code of the examples.
 */
function coordinates(on: LayerReference, n: number, subject: Subject): readonly [readonly number[], readonly number[]] {
  const { model } = subject;
  if (model.experiment[on.block][on.index]?.word === 'reparameterize') {
    const quantiles = Array.from({ length: n }, (_, i) => normalQuantile((i + 0.5) / n));
    return [quantiles, quantiles];
  }
  const { values } = shownCodes(on, subject);
  const range = (dimension: number): readonly number[] => {
    const along = values.filter((_, i) => i % 2 === dimension);
    return linspace(
      along.reduce((low, value) => Math.min(low, value), Number.POSITIVE_INFINITY),
      along.reduce((high, value) => Math.max(high, value), Number.NEGATIVE_INFINITY),
      n,
    );
  };
  return [range(0), range(1)];
}

/** Why the layers above cannot work from a layer's output alone, as where they unpool what was pooled below; else null. */
export function needBelow(on: LayerReference, { encoder, decoder }: ExperimentIr): string | null {
  const layers = [...encoder, ...decoder];
  const place = ({ block, index }: LayerReference) => (block === 'encoder' ? index : encoder.length + index);
  const above = layers.slice(place(on) + 1);
  const needing = above.find(({ arguments: given }) =>
    Object.values(given).some(({ value }) => isLayerReference(value) && place(value) <= place(on)),
  );
  return needing ? `'${needing.word}' needs what went into the code, not the code alone` : null;
}
