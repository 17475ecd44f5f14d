"""Writes scaled.json: columns of large values, and what scikit-learn's scalers make of them. scikit-learn 1.7 or later."""

import json
import pathlib

import numpy as np
from sklearn.preprocessing import MinMaxScaler, StandardScaler

rows, training = 48, 36
steps = np.arange(rows)
columns = {
    "seconds": 1_700_000_000 + 7.25 * steps,
    "nanoseconds": 1_700_000_000_000_000_000 + 86_400_000_000_000 * ((steps * 5) % rows),
    "year": 1990 + (steps * 7) % 31,
    "kelvin": 293.15 + 0.001 * ((steps * 11) % 17),
    "offset": -1e12 + ((steps * 13) % rows) / 3,
    "constant": np.full(rows, 1_700_000_000.3),
    "idle": np.where(steps < training, 2.5, 2.5 - steps),
    "plain": np.sin(steps.astype(float)),
}
text = "\n".join([",".join(columns), *(",".join(repr(c[i].item()) for c in columns.values()) for i in range(rows))])
values = np.stack([c.astype(np.float64) for c in columns.values()], 1)
standard = StandardScaler().fit(values[:training]).transform(values)
fitted = MinMaxScaler().fit(values[:training])
# Its own transform multiplies before it subtracts, which costs the column "offset" 3e-6.
span = np.where(fitted.data_range_ == 0, 1, fitted.data_range_)
scaled = (values - fitted.data_min_) / span
assert np.allclose(scaled, fitted.transform(values), atol=1e-5)
# A column that never varies becomes 0 here; there it keeps the distance to its mean's rounding.
standard[:, list(columns).index("constant")] = 0
result = {"csv": text + "\n", "training": training, "standardize": standard.tolist(), "min_max": scaled.tolist()}
pathlib.Path(__file__).with_suffix(".json").write_text(json.dumps(result))
