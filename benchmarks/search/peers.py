"""
Optuna's samplers as they come, for peers.mjs. Each line of the input is a request as JSON, and has one line of answer:

    {"begin": METHOD, "seed": SEED, "axes": [...]}    begins another search; null
    {"ask": true}                                     the values of the next point
    {"tell": NUMBER, "value": VALUE}                  the result of a point; null
"""
import json
import sys
import warnings

import optuna
from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution

samplers = {
    "tpe": optuna.samplers.TPESampler,
    "cmaes": optuna.samplers.CmaEsSampler,
    "random": optuna.samplers.RandomSampler,
}


def distribution(axis):
    kind = axis["kind"]
    if kind == "choice":
        return CategoricalDistribution(axis["options"])
    if kind == "int":
        return IntDistribution(axis["from"], axis["to"])
    return FloatDistribution(axis["from"], axis["to"], log=kind == "loguniform")


def main():
    for line in sys.stdin:
        request = json.loads(line)
        answer = None
        if "begin" in request:
            study = optuna.create_study(sampler=samplers[request["begin"]](seed=request["seed"]))
            space = {axis["name"]: distribution(axis) for axis in request["axes"]}
            trials = []
        elif "ask" in request:
            trials.append(study.ask(space))
            answer = [trials[-1].params[name] for name in space]
        else:
            # Optuna leaves out a trial without a finite value, so what diverged gets one that is worse than all others.
            value = request["value"]
            study.tell(trials[request["tell"]], 1e6 if value is None else value)
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    warnings.simplefilter("ignore")
    main()
