import type { StageNode } from '../../compiler/ir/experiment.js';

const batches = `
class Batches:
    """The batches of a stage: step, moment and the indices of the examples, an order of its own in each epoch."""

    def __init__(self, order, epochs, batch, drop_last, steps=None):
        self.order, self.epochs, self.batch = order, epochs, batch
        self.per_epoch = len(EXAMPLES) // batch if drop_last else -(-len(EXAMPLES) // batch)
        self.steps = epochs * self.per_epoch if steps is None else steps
        if steps is not None:
            self.epochs = steps / self.per_epoch

    def __iter__(self):
        steps = self.steps
        for step in range(steps if MAX_STEPS is None else min(steps, MAX_STEPS)):
            epoch, place = divmod(step, self.per_epoch)
            if place == 0:
                count = len(EXAMPLES)
                indices = np.arange(count) if self.order is None else permutation(self.order, count, epoch)
            yield (
                step,
                Time(step / self.per_epoch, step, self.epochs, steps),
                indices[place * self.batch : (place + 1) * self.batch],
            )`;

const replayedDraw = `
class ReplayedDraw:
    """aedsl's random numbers for the layers of the network; its images and signals have their channels last."""

    step = 0

    def uniform(self, layer, purpose, like):
        return self.drawn(uniform, layer, purpose, like)

    def normal(self, layer, purpose, like):
        return self.drawn(normal, layer, purpose, like)

    def drawn(self, kind, layer, purpose, like):
        stream = STREAMS[f"{layer} {purpose}"]
        n, c, *extent = like.shape
        return torch.from_numpy(kind(stream, self.step, (n, *extent, c))).movedim(-1, 1)`;

const replay = `
class Ended(Exception):
    """All steps that there is something to compare with are done."""


class Replay:
    """Compares every step with what aedsl had, and remembers the largest deviation."""

    def __init__(self, most_steps):
        self.losses = {name: values.double() for name, values in load_file(HERE / "losses.safetensors").items()}
        self.recorded = sum({name.split(".")[0]: len(t) for name, t in self.losses.items()}.values())
        self.most_steps = most_steps
        self.steps = 0
        self.done = {}
        self.largest, self.where = 0.0, "none"
        print(f"{'stage':<12}{'step':>8}  {'loss':<16}{'PyTorch':>16}{'aedsl':>16}{'deviation':>12}")

    def compare(self, stage, values):
        """Deviations are relative to the value, or to a tenth of the largest of its curve where that is more."""
        step = self.done.get(stage, 0)
        self.done[stage] = step + 1
        self.steps += 1
        ended = self.steps in (self.most_steps, self.recorded)
        shown = (step + 1) & step == 0 or ended
        for name, value in values.items():
            ours = self.losses[f"{stage}.{name}"]
            value, expected = float(value.detach()), float(ours[step])
            deviation = abs(value - expected) / max(abs(expected), 0.1 * float(ours.abs().max()), 1e-30)
            if not deviation <= self.largest:
                self.largest, self.where = deviation, f"{name} of {stage}, step {step}"
            if shown:
                print(f"{stage:<12}{step:>8}  {name:<16}{value:>16.8g}{expected:>16.8g}{deviation:>12.1e}", flush=True)
        if ended:
            raise Ended

    def report(self, model):
        print(f"largest deviation of {self.steps} steps: {self.largest:.2e} ({self.where})")
        if model is None or self.steps < self.recorded:
            return
        trained = load_file(HERE / "trained.safetensors")
        weights = model.state_dict()
        # Norms: Adam makes a whole step of a gradient that is nothing but rounding, so single weights may be far apart.
        apart = {name: float((weights[name] - t).norm() / t.norm().clamp(min=1e-30)) for name, t in trained.items()}
        name = max(apart, key=apart.get)
        print(f"largest deviation of the trained weights: {apart[name]:.2e} of the norm of {name}")`;

/** The batch loop and the comparison, part of every replay. @param draws whether layers draw random numbers */
export function replayDefinitions(draws: boolean): readonly (readonly string[])[] {
  return [batches, ...(draws ? [replayedDraw] : []), replay].map((text) => text.split('\n'));
}

/** The last argument of `Batches`, for a stage whose length is given in steps. */
export function stepsOf({ settings }: Pick<StageNode, 'settings'>): string {
  const steps = settings.steps?.value;
  return typeof steps === 'number' ? `, steps=${steps}` : '';
}
