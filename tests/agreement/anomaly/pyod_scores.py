"""Writes two tables of scikit-learn's and pyod.json: how well PyOD's AutoEncoder finds their anomalies, with five seeds.

pyod 3.6.7, torch 2.15.0, scikit-learn 1.9.1, numpy 2.4.6; one thread. Trained on normal rows alone.
"""

import gzip
import json
from pathlib import Path

import numpy as np
import torch
from pyod.models.auto_encoder import AutoEncoder
from pyod.utils.utility import precision_n_scores
from sklearn.datasets import load_breast_cancer, load_wine
from sklearn.metrics import average_precision_score, roc_auc_score

here = Path(__file__).parent
torch.set_num_threads(1)


def table(name, loaded, normal, trained):
    """Normal rows first, of which the first are trained on; the others and the anomalies are the test."""
    is_normal = loaded.target == normal
    rows = np.r_[loaded.data[is_normal], loaded.data[~is_normal]]
    labels = np.r_[np.zeros(is_normal.sum()), np.ones((~is_normal).sum())]
    header = ",".join([column.replace(" ", "_").replace("/", "_") for column in loaded.feature_names] + ["kind"])
    lines = [",".join([*map(repr, map(float, row)), "anomaly" if label else "normal"]) for row, label in zip(rows, labels)]
    text = "\n".join([header, *lines]) + "\n"
    (here / f"{name}.csv.gz").write_bytes(gzip.compress(text.encode(), mtime=0))
    return rows[:trained], rows[trained:], labels[trained:]


def measured(train, test, labels, **settings):
    found = {"auroc": [], "average_precision": [], "precision_at_n": []}
    for seed in range(1, 6):
        model = AutoEncoder(random_state=seed, verbose=0, **settings).fit(train)
        scores = model.decision_function(test)
        found["auroc"].append(float(roc_auc_score(labels, scores)))
        found["average_precision"].append(float(average_precision_score(labels, scores)))
        found["precision_at_n"].append(float(precision_n_scores(labels, scores)))
    return found


results = {
    "breast_cancer": measured(*table("breast_cancer", load_breast_cancer(), 1, 250), epoch_num=20),
    "wine": measured(*table("wine", load_wine(), 1, 48), epoch_num=60, batch_size=16),
}
(here / "pyod.json").write_text(json.dumps(results, indent=2) + "\n")
