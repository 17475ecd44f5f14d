"""Milliseconds of training steps: data preloaded as one tensor, an optimised optimizer.

python steps.py WORKLOAD --images FILE --threads N --variant default|fused|foreach|compile --seconds S
Prints one JSON object: the time of every step after the first ones.
"""

import argparse
import json
import time

import torch
from workloads import BATCH, MODELS, Rbm, adam, batch_of, prepared, read_images

parser = argparse.ArgumentParser()
parser.add_argument("workload", choices=list(BATCH))
parser.add_argument("--images", required=True)
parser.add_argument("--threads", type=int, default=1)
parser.add_argument("--variant", choices=["default", "fused", "foreach", "compile"], default="default")
parser.add_argument("--seconds", type=float, default=3.0)
parser.add_argument("--take", type=int, default=12800)
args = parser.parse_args()

torch.set_num_threads(args.threads)
torch.manual_seed(1)
data = prepared(args.workload, read_images(args.images)[: args.take])
batch = BATCH[args.workload]

if args.workload == "RBM":
    machine = Rbm()

    def step(indices):
        machine.step(data[indices])

else:
    model = MODELS[args.workload]()
    kind = {"default": {}, "fused": {"fused": True}, "foreach": {"foreach": True}, "compile": {"fused": True}}
    optimizer = adam(args.workload, model, **kind[args.variant])
    loss_of = torch.compile(model.loss) if args.variant == "compile" else model.loss

    def step(indices):
        optimizer.zero_grad(set_to_none=True)
        x, target = batch_of(args.workload, data, indices)
        loss = loss_of(x, target)
        loss.backward()
        optimizer.step()
        loss.item()


def batches():
    while True:
        order = torch.randperm(len(data))
        for first in range(0, len(data) - batch + 1, batch):
            yield order[first : first + batch]


source = batches()
for _ in range(10):
    step(next(source))
times = []
end = time.perf_counter() + args.seconds
while time.perf_counter() < end or len(times) < 20:
    began = time.perf_counter()
    step(next(source))
    times.append((time.perf_counter() - began) * 1e3)
print(json.dumps({"version": torch.__version__, "steps": times}))
