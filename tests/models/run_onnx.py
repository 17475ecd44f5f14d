"""Runs models in onnxruntime, as the JSON on standard input lists them, and prints how far each is from what was expected."""

import json
import sys

import numpy as np
import onnx
import onnxruntime

onnxruntime.set_default_logger_severity(3)
options = onnxruntime.SessionOptions()
options.intra_op_num_threads = 1

for check in json.load(sys.stdin):
    onnx.checker.check_model(check["model"], full_check=True)
    session = onnxruntime.InferenceSession(check["model"], options)
    given, *others = session.get_inputs()
    kind = np.float64 if "double" in given.type else np.float32
    values = np.load(check["input"]).astype(kind)
    classes = {name.name: np.load(check["condition"]) for name in others}
    expected = np.load(check["expected"])
    (whole,) = session.run(None, {given.name: values, **classes})
    # The size of the batch is free.
    (first,) = session.run(None, {given.name: values[:1], **{name: c[:1] for name, c in classes.items()}})
    largest = max(1, np.abs(expected).max())
    deviation = max(np.abs(whole - expected).max(), np.abs(first - expected[:1]).max()) / largest
    print(json.dumps({"name": check["name"], "deviation": float(deviation), "shape": list(whole.shape)}), flush=True)
