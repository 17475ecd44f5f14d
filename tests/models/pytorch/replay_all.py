"""Runs the train.py of each folder that is named, in one process, and prints what it printed as a line of JSON."""

import contextlib
import io
import json
import runpy
import sys
import traceback

import torch

torch.set_num_threads(1)

for folder in sys.argv[1:]:
    printed = io.StringIO()
    sys.path.insert(0, folder)
    sys.argv = ["train.py"]
    failure = None
    try:
        with contextlib.redirect_stdout(printed):
            runpy.run_path(f"{folder}/train.py", run_name="__main__")
    except SystemExit:
        pass
    except Exception:
        failure = traceback.format_exc()
    loaded = None
    if failure is None:
        from model import load

        loaded = type(load()).__name__
    sys.path.pop(0)
    for name in ("model", "streams"):
        sys.modules.pop(name, None)
    print(json.dumps({"folder": folder, "printed": printed.getvalue(), "failure": failure, "loaded": loaded}), flush=True)
