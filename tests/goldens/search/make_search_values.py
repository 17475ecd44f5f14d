"""Values of Optuna, cmaes and NumPy that the tests of src/runtime/search are held to.

    python -m venv venv && venv/bin/pip install optuna==5.0.0 cmaes==0.13.1 numpy==2.4.6 scipy==1.17.1
    venv/bin/python tests/goldens/search/make_search_values.py > tests/goldens/search/search_values.json
"""

import json
import sys

import numpy as np
import optuna
from cmaes import CMA
from optuna._hypervolume import compute_hypervolume
from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution
from optuna.samplers._tpe.parzen_estimator import _ParzenEstimator, _ParzenEstimatorParameters
from optuna.samplers._tpe.sampler import default_weights
from optuna.study._multi_objective import _fast_non_domination_rank

rng = np.random.default_rng(11)


def parzen(count, names=("real", "whole", "category")):
    """
    Coordinates of [0, 1): a real axis, a whole one of 7 cells, a category of 3. NumPy does not keep the
    order of equal places, on which their widths depend, so there are none: more than seven points have the real axis alone.
    """
    real = rng.random(count)
    whole = rng.permutation(7)[:count] if count <= 7 else np.zeros(count)
    category = rng.integers(0, 3, count)
    space = {
        "real": FloatDistribution(0, 1),
        "whole": IntDistribution(0, 6),
        "category": CategoricalDistribution(("a", "b", "c")),
    }
    parameters = _ParzenEstimatorParameters(1.0, True, False, default_weights, True)
    observed = {"real": real, "whole": whole.astype(float), "category": category.astype(float)}
    observed = {name: observed[name] for name in names}
    estimator = _ParzenEstimator(observed, {name: space[name] for name in names}, parameters)
    asked = {
        "real": np.array([0.0, 0.013, 0.31, 0.5, 0.87, 0.999]),
        "whole": np.array([0.0, 1, 3, 4, 6, 2]),
        "category": np.array([0.0, 1, 2, 0, 1, 2]),
    }
    units = {"real": lambda r: float(r), "whole": lambda w: (float(w) + 0.5) / 7, "category": lambda c: (float(c) + 0.5) / 3}

    def unit(some):
        return [[units[name](value) for name, value in zip(names, row)] for row in zip(*(some[name] for name in names))]

    return {
        "points": unit(observed),
        "asked": unit(asked),
        "logDensity": [float(value) for value in estimator.log_pdf({name: asked[name] for name in names})],
    }


def cma(dimensions, generations):
    optimizer = CMA(mean=np.full(dimensions, 0.5), sigma=0.25, seed=3)
    steps = []
    for _ in range(generations):
        points = [np.clip(optimizer.ask(), 0, 0.999) for _ in range(optimizer.population_size)]
        told = [(point, float(np.sum((point - 0.3) ** 2 * np.arange(1, dimensions + 1)))) for point in points]
        steps_before = [([float(x) for x in point], cost) for point, cost in told]
        optimizer.tell(told)
        steps.append(
            {
                "population": [{"point": point, "cost": cost} for point, cost in steps_before],
                "mean": [float(x) for x in optimizer._mean],
                "step": float(optimizer._sigma),
                "covariance": [float(x) for x in optimizer._C.ravel()],
            }
        )
    return {"dimensions": dimensions, "size": optimizer.population_size, "generations": steps}


def fronts(count, costs):
    values = np.round(rng.random((count, costs)) * 8, 0 if costs == 2 else 2)
    reference = np.full(costs, 8.5)
    return {
        "costs": values.tolist(),
        "ranks": [int(rank) for rank in _fast_non_domination_rank(values)],
        "reference": reference.tolist(),
        "volume": float(compute_hypervolume(values, reference)),
    }


json.dump(
    {
        "versions": {"optuna": optuna.__version__, "numpy": np.__version__},
        "parzen": [parzen(count) for count in (1, 2, 7)] + [parzen(40, ("real",))],
        "cma": [cma(1, 3), cma(2, 6), cma(5, 4)],
        "fronts": [fronts(1, 2), fronts(12, 2), fronts(10, 3), fronts(7, 4)],
    },
    sys.stdout,
    separators=(",", ":"),
)
sys.stdout.write("\n")
