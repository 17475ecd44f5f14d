"""Regrets of Optuna's samplers, as they come, on the recorded landscapes: peers.py FOLDER SEEDS COUNT… prints JSON."""
import json
import math
import sys
from pathlib import Path

import optuna

optuna.logging.set_verbosity(optuna.logging.ERROR)


class Landscape:
    """The function of landscape.mjs."""

    def __init__(self, path):
        recorded = json.loads(path.read_text())
        self.axes, self.seeds, self.values = recorded["axes"], recorded["seeds"], recorded["values"]
        means = []
        for i in range(0, len(self.values), self.seeds):
            some = self.values[i : i + self.seeds]
            if None not in some:
                means.append(sum(some) / self.seeds)
        self.least = min(means)

    def at(self, point, seed):
        corners = [([], 1.0)]
        for axis, value in zip(self.axes, point):
            stops = stops_of(axis, value)
            corners = [(cell + [place], weight * share) for cell, weight in corners for place, share in stops]
        total = 0.0
        for cell, weight in corners:
            if weight == 0:
                continue
            index = 0
            for place, axis in zip(cell, self.axes):
                index = index * len(axis["places"]) + place
            found = self.values[index * self.seeds + seed]
            if found is None:
                return math.inf
            total += weight * found
        return total

    def mean(self, point):
        return sum(self.at(point, seed) for seed in range(self.seeds)) / self.seeds


def stops_of(axis, value):
    places = axis["places"]
    if axis["kind"] == "choice":
        return [(places.index(value), 1.0)]
    scale = math.log if axis["kind"] == "loguniform" else float
    position = scale(value)
    right = next((i for i, place in enumerate(places) if scale(place) >= position), len(places) - 1)
    if right == 0:
        return [(0, 1.0)]
    a, b = scale(places[right - 1]), scale(places[right])
    share = min(max((position - a) / (b - a), 0.0), 1.0)
    return [(right - 1, 1 - share), (right, share)]


def suggested(trial, axis):
    name, kind, places = axis["name"], axis["kind"], axis["places"]
    if kind == "choice":
        return trial.suggest_categorical(name, places)
    if kind == "int":
        return trial.suggest_int(name, places[0], places[-1])
    return trial.suggest_float(name, places[0], places[-1], log=kind == "loguniform")


def regrets(landscape, sampler, counts):
    seen = []

    def objective(trial):
        point = [suggested(trial, axis) for axis in landscape.axes]
        value = landscape.at(point, trial.number % landscape.seeds)
        # Optuna leaves out a trial without a finite value, so what diverged gets one that is worse than all others.
        seen.append((value, point))
        return value if math.isfinite(value) else 1e6

    study = optuna.create_study(sampler=sampler)
    study.optimize(objective, n_trials=max(counts))
    found = []
    for count in counts:
        _, best = min(seen[:count], key=lambda one: one[0])
        mean = landscape.mean(best)
        found.append(mean - landscape.least if math.isfinite(mean) else None)
    return found


samplers = {
    "tpe": lambda seed: optuna.samplers.TPESampler(seed=seed),
    "cmaes": lambda seed: optuna.samplers.CmaEsSampler(seed=seed),
    "random": lambda seed: optuna.samplers.RandomSampler(seed=seed),
}


def main(folder, names, seeds, counts):
    result = {}
    for name in names:
        landscape = Landscape(Path(folder) / f"{name}.json")
        result[name] = {
            method: [regrets(landscape, make(seed), counts) for seed in range(1, seeds + 1)]
            for method, make in samplers.items()
        }
    result["version"] = optuna.__version__
    print(json.dumps(result))


if __name__ == "__main__":
    _, folder, names, seeds, *counts = sys.argv
    import warnings

    warnings.simplefilter("ignore")
    main(folder, names.split(","), int(seeds), [int(count) for count in counts])
