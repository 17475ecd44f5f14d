"""Values of SciPy that the tests of src/runtime/statistics are held to.

    python -m venv venv && venv/bin/pip install scipy==1.17.1 numpy==2.4.6 statsmodels==0.15.0
    venv/bin/python tests/goldens/statistics/make_scipy_values.py > tests/goldens/statistics/scipy_values.json
"""

import json
import sys

import numpy as np
import scipy
from scipy import stats
from scipy.stats import qmc
from statsmodels.stats.multitest import multipletests

rng = np.random.default_rng(7)


def sample(n, shift=0.0, digits=4):
    return [round(float(v), digits) for v in rng.normal(0.8 + shift, 0.1, n)]


def exact_permutation(before, after):
    result = stats.permutation_test(
        (np.array(after) - np.array(before),),
        lambda d, axis: np.mean(d, axis=axis),
        permutation_type="samples",
        n_resamples=np.inf,
        alternative="two-sided",
        vectorized=True,
    )
    return float(result.pvalue)


samples = [sample(n) for n in (2, 3, 5, 10, 31)] + [[1.0, 1.0, 4.0], [1e9 + 1, 1e9 + 2, 1e9 + 4]]
summaries = []
for values in samples:
    a = np.array(values)
    interval = {}
    for confidence in (0.9, 0.95, 0.99):
        low, high = stats.t.interval(confidence, len(a) - 1, loc=a.mean(), scale=stats.sem(a))
        interval[str(confidence)] = [float(low), float(high)]
    boot = stats.bootstrap((a,), np.mean, n_resamples=100_000, method="percentile", rng=np.random.default_rng(1))
    summaries.append(
        {
            "values": values,
            "mean": float(a.mean()),
            "sd": float(a.std(ddof=1)),
            "median": float(np.median(a)),
            "student": interval,
            "bootstrap": [float(boot.confidence_interval.low), float(boot.confidence_interval.high)],
        }
    )

pairs = []
for n, shift in ((2, 0.1), (3, 0.1), (5, 0.05), (6, 0.2), (8, 0.0), (12, 0.05), (14, 0.1)):
    before, after = sample(n), sample(n, shift)
    pairs.append((before, after))
pairs.append(([1, 2, 3, 4, 5, 6], [2, 3, 4, 5, 6, 7]))
pairs.append(([1, 2, 3, 4, 5, 6, 7], [1, 4, 3, 5, 7, 9, 8]))
tests = []
for before, after in pairs:
    d = np.array(after, dtype=float) - np.array(before, dtype=float)
    kept = d[d != 0]
    exact = stats.PermutationMethod(n_resamples=np.inf)
    with np.errstate(divide="ignore"):
        effect = float(d.mean() / d.std(ddof=1)) if d.std(ddof=1) > 0 else None
    tests.append(
        {
            "before": before,
            "after": after,
            "permutation": exact_permutation(before, after),
            "wilcoxon": float(stats.wilcoxon(np.round(kept, 10), method=exact).pvalue),
            "cohen": effect,
        }
    )

large = []
for n, digits in ((51, 6), (80, 1)):
    before, after = sample(n, 0, digits), sample(n, 0.03, digits)
    d = np.round(np.array(after) - np.array(before), 10)
    large.append(
        {
            "before": before,
            "after": after,
            "wilcoxon": float(stats.wilcoxon(d[d != 0], method="approx", correction=False).pvalue),
        }
    )


def level_of(result, level):
    interval = result.confidence_interval(1 - level)
    return [float(interval.low), float(interval.high)]


t_tests = []
for before, after in [*pairs[:7], ([1.0, 2.0, 3.0], [1.5, 2.5, 3.7]), ([5.0, 6.0, 7.0, 8.0, 9.0], [5.0, 6.0, 7.0, 8.0, 8.5])]:
    result = stats.ttest_rel(after, before)
    t_tests.append(
        {
            "before": before,
            "after": after,
            "p": float(result.pvalue),
            "intervals": {str(level): level_of(result, level) for level in (0.05, 0.0125)},
        }
    )

# The degrees of freedom rounded down, as the tests of src/ have them.
welch = []
for n, m, shift in ((2, 2, 0.3), (3, 5, 0.1), (4, 9, 0.2), (6, 3, 0.0)):
    before, after = sample(n), sample(m, shift)
    result = stats.ttest_ind(after, before, equal_var=False)
    degrees = max(min(n, m) - 1, int(np.floor(result.df)))
    welch.append(
        {
            "before": before,
            "after": after,
            "degrees": degrees,
            "p": float(2 * stats.t.sf(abs(result.statistic), degrees)),
        }
    )

ps = [[0.01, 0.04, 0.03, 0.005], [0.5, 0.9, 0.02], [0.2], [0.01, 0.01, 0.01, 0.5]]
out = {
    "versions": {"scipy": scipy.__version__, "numpy": np.__version__},
    "summaries": summaries,
    "tests": tests,
    "large": large,
    "tTests": t_tests,
    "welch": welch,
    "holm": [{"p": p, "adjusted": [float(v) for v in multipletests(p, method="holm")[1]]} for p in ps],
    "studentTail": [
        {"t": t, "degrees": v, "p": float(2 * stats.t.sf(t, v))}
        for v in (1, 2, 3, 4, 9, 30, 99, 999)
        for t in (0.001, 0.5, 1.0, 2.5, 12.0)
    ],
    "studentQuantile": [
        {"p": p, "degrees": v, "t": float(stats.t.isf(p / 2, v))}
        for v in (1, 2, 4, 9, 29, 1000)
        for p in (0.5, 0.1, 0.05, 0.01, 1e-6)
    ],
    "normalTail": [{"z": z, "p": float(2 * stats.norm.sf(z))} for z in (0.0, 0.3, 1.96, 2.99, 3.01, 6.0, 20.0)],
    "sobol": qmc.Sobol(20, scramble=False, bits=32).random(64).tolist(),
}
json.dump(out, sys.stdout, indent=1)
print()
