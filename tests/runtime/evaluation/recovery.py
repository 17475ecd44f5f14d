"""Writes recovery.json: assignments by SciPy, and scores of units against features by their formulas.

    python tests/runtime/evaluation/recovery.py

Needs NumPy and SciPy. The matrices come from a formula that recovery.test.ts has too.
"""

import json
from pathlib import Path

import numpy as np
from scipy.optimize import linear_sum_assignment


def matrix(rows, columns, salt):
    """Numbers in [0, 1), all different: float32, as the program has them."""
    i, j = np.arange(rows)[:, None], np.arange(columns)[None, :]
    return (((i * 7919 + j * 104729 + i * j * 15485863 + salt * 31337) % 1000003) / 1000003).astype(np.float32)


def normed(directions):
    directions = directions.astype(np.float64)
    return directions / np.linalg.norm(directions, axis=1, keepdims=True)


def assigned(values):
    rows, columns = linear_sum_assignment(values.astype(np.float64), maximize=True)
    of_rows = np.full(values.shape[0], -1)
    of_rows[rows] = columns
    return {"assigned": of_rows.tolist(), "sum": float(values.astype(np.float64)[rows, columns].sum())}


def assignment(rows, columns, salt):
    return {"rows": rows, "columns": columns, "salt": salt, **assigned(matrix(rows, columns, salt))}


def active(rows, columns, salt, share):
    """Values, of which about `share` are not 0."""
    values = matrix(rows, columns, salt)
    return np.where(values < share, values, 0)


def recovery(units, features, dim):
    examples = 50
    w, d = matrix(units, dim, 1) - 0.5, matrix(features, dim, 2) - 0.5
    cosines = np.abs(normed(w) @ normed(d).T)
    rows, columns = linear_sum_assignment(cosines, maximize=True)
    codes, truth = active(examples, units, 3, 0.3) != 0, active(examples, features, 4, 0.1) != 0
    # A unit that never fires, and a feature that never does.
    codes[:, 0] = False
    truth[:, -1] = False
    scores = []
    for unit, feature in zip(rows, columns):
        there, fires = truth[:, feature].sum(), codes[:, unit].sum()
        if there == 0:
            continue
        both = (codes[:, unit] & truth[:, feature]).sum()
        precision = both / fires if fires else 0
        recall = both / there
        f1 = 2 * precision * recall / (precision + recall) if both else 0
        scores.append((precision, recall, f1))
    precision, recall, f1 = np.mean(scores, axis=0)
    return {
        "units": units,
        "features": features,
        "dim": dim,
        "mcc": float(cosines[rows, columns].mean()),
        "uniqueness": len(set(cosines.argmax(1))) / units,
        "precision": float(precision),
        "recall": float(recall),
        "f1": float(f1),
        "true_l0": float(truth.sum(1).mean()),
    }


def centred(x):
    return x - x.mean(0)


def cka(rows, a_columns, b_columns):
    """Linear CKA (Kornblith et al. 2019) of two codes of the same examples."""
    x, y = (centred(active(rows, n, salt, 0.4).astype(np.float64)) for n, salt in ((a_columns, 5), (b_columns, 6)))
    across = np.linalg.norm(y.T @ x) ** 2
    return {
        "rows": rows,
        "columns": [a_columns, b_columns],
        "cka": float(across / (np.linalg.norm(x.T @ x) * np.linalg.norm(y.T @ y))),
    }


shapes = [(1, 1, 0), (3, 3, 1), (5, 9, 2), (9, 5, 3), (1, 6, 4), (6, 1, 5), (40, 40, 6), (30, 75, 7), (75, 30, 8)]
values = {
    "assignments": [assignment(*shape) for shape in shapes],
    "recovery": [recovery(7, 9, 5), recovery(9, 7, 5), recovery(8, 8, 20)],
    "cka": [cka(30, 4, 4), cka(200, 12, 7)],
}
Path(__file__).with_suffix(".json").write_text(json.dumps(values, indent=1) + "\n")
