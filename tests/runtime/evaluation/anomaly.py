"""Writes anomaly.json: what scikit-learn 1.9.1 and PyOD 3.6.7 say of some scores, with numpy 2.4.6's percentiles."""

import json
from pathlib import Path

import numpy as np
from pyod.utils.utility import precision_n_scores
from sklearn.metrics import average_precision_score, f1_score, precision_score, recall_score, roc_auc_score


def scores(count, levels, shift):
    i = np.arange(count)
    is_anomaly = (i * i + 3 * i) % 7 == 0
    values = ((i * 7919 + 13) % levels) / levels + shift * is_anomaly
    return values, is_anomaly.astype(int)


cases = []
for count, levels, shift in [(60, 997, 0.3), (200, 11, 0.2), (33, 5, 0.0), (40, 499, -0.2), (50, 1, 0.0), (80, 997, 2.0)]:
    values, is_anomaly = scores(count, levels, shift)
    threshold = float(np.percentile(values, 90))
    flagged = values > threshold
    cases.append(
        {
            "scores": values.tolist(),
            "isAnomaly": is_anomaly.tolist(),
            "auroc": roc_auc_score(is_anomaly, values),
            "averagePrecision": average_precision_score(is_anomaly, values),
            "precisionAtN": precision_n_scores(is_anomaly, values),
            "threshold": threshold,
            "precision": precision_score(is_anomaly, flagged, zero_division=0),
            "recall": recall_score(is_anomaly, flagged),
            "f1": f1_score(is_anomaly, flagged, zero_division=0),
        }
    )
Path(__file__).with_suffix(".json").write_text(json.dumps(cases) + "\n")
