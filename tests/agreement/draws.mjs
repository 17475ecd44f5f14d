// How near the draws of an RBM's units are to going the other way.

/**
 * Watches comparisons of random numbers with probabilities (the kernel Less) on TF.js's engine, step by step: the smallest
 * distance of each step, by stage. A backend that draws within its own kernels shows nothing.
 */
export function flippable(engine) {
  const runKernel = engine.runKernel;
  const smallest = new Map();
  let [stage, least] = ['', Number.POSITIVE_INFINITY];
  engine.runKernel = function (name, inputs, attributes) {
    if (name === 'Less' && inputs.a.shape.join() === inputs.b.shape.join()) {
      const [a, b] = [inputs.a.dataSync(), inputs.b.dataSync()];
      for (let i = 0; i < a.length; i++) least = Math.min(least, Math.abs(a[i] - b[i]));
    }
    return runKernel.call(this, name, inputs, attributes);
  };
  return {
    smallest,
    nextStage(name) {
      stage = name;
    },
    nextStep() {
      if (least < Number.POSITIVE_INFINITY) smallest.set(stage, [...(smallest.get(stage) ?? []), least]);
      least = Number.POSITIVE_INFINITY;
    },
    stop() {
      engine.runKernel = runKernel;
    },
  };
}
