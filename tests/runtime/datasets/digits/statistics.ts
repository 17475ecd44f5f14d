/** [10, features]: the mean of each class's examples, bytes as they are. */
export function classMeans(values: Uint8Array, labels: Uint8Array, features: number): Float64Array[] {
  const means = Array.from({ length: 10 }, () => new Float64Array(features));
  const counts = new Array<number>(10).fill(0);
  labels.forEach((label, i) => {
    counts[label] = (counts[label] ?? 0) + 1;
    const mean = means[label] ?? new Float64Array();
    for (let j = 0; j < features; j++) mean[j] = (mean[j] ?? 0) + (values[i * features + j] ?? 0);
  });
  return means.map((mean, label) => mean.map((sum) => sum / (counts[label] ?? Number.NaN)));
}

/** The class whose mean has the least Euclidean distance from the image. */
export function nearestMean(means: readonly Float64Array[], image: Uint8Array): number {
  const distances = means.map((mean) => mean.reduce((sum, value, j) => sum + (value - (image[j] ?? 0)) ** 2, 0));
  return distances.indexOf(Math.min(...distances));
}

/**
 * The mean squared error per example (values in [0, 1]) of its best reconstruction from `components` linear numbers:
 * total variance less that of the leading eigenvectors of the covariance, found by orthogonal iteration.
 */
export function pcaResidual(values: Uint8Array, features: number, components: number): number {
  const covariance = covarianceOf(values, features);
  let trace = 0;
  for (let j = 0; j < features; j++) trace += covariance[j * features + j] ?? 0;
  let basis: Float64Array[] = Array.from({ length: components }, (_, k) =>
    Float64Array.from({ length: features }, (_, j) => ((j * 7919 + k * 104729 + j * k * 31) % 1000) - 499.5),
  );
  let captured = 0;
  for (let iteration = 0; iteration < 8; iteration++) {
    orthonormalise(basis);
    const images = basis.map((vector) => timesSymmetric(covariance, vector));
    captured = basis.reduce((sum, vector, k) => sum + dot(vector, images[k] ?? vector), 0);
    basis = images;
  }
  return trace - captured;
}

function covarianceOf(values: Uint8Array, features: number): Float64Array {
  const count = values.length / features;
  const mean = new Float64Array(features);
  const products = new Float64Array(features * features);
  for (let i = 0; i < count; i++) {
    const image = values.subarray(i * features, (i + 1) * features);
    const inked: number[] = [];
    image.forEach((value, j) => {
      if (value > 0) inked.push(j);
    });
    for (const j of inked) {
      const x = (image[j] ?? 0) / 255;
      mean[j] = (mean[j] ?? 0) + x / count;
      for (const k of inked) {
        products[j * features + k] = (products[j * features + k] ?? 0) + (x * (image[k] ?? 0)) / 255 / count;
      }
    }
  }
  return products.map((product, at) => {
    const k = at % features;
    return product - (mean[(at - k) / features] ?? 0) * (mean[k] ?? 0);
  });
}

function timesSymmetric(matrix: Float64Array, vector: Float64Array): Float64Array {
  const features = vector.length;
  return vector.map((_, row) => {
    let sum = 0;
    for (let j = 0; j < features; j++) sum += (matrix[row * features + j] ?? 0) * (vector[j] ?? 0);
    return sum;
  });
}

function orthonormalise(basis: readonly Float64Array[]): void {
  basis.forEach((vector, k) => {
    for (const earlier of basis.slice(0, k)) {
      const along = dot(vector, earlier);
      for (let j = 0; j < vector.length; j++) vector[j] = (vector[j] ?? 0) - along * (earlier[j] ?? 0);
    }
    const length = Math.sqrt(dot(vector, vector));
    for (let j = 0; j < vector.length; j++) vector[j] = (vector[j] ?? 0) / length;
  });
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let j = 0; j < a.length; j++) sum += (a[j] ?? 0) * (b[j] ?? 0);
  return sum;
}
