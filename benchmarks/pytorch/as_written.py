"""A training as a person writes it: a Dataset, per-sample transforms, a DataLoader, Adam as it comes.

python as_written.py WORKLOAD --images FILE --threads N --epochs N --take N
Prints one JSON object: the seconds from the start of the interpreter's work to the end, and of each epoch. The caller times
the whole process.
"""

import argparse
import json
import time

import torch
from PIL import Image
from torch.utils.data import DataLoader, Dataset
from torchvision import transforms
from workloads import BATCH, MODELS, Rbm, adam, read_images, salt

parser = argparse.ArgumentParser()
parser.add_argument("workload", choices=list(BATCH))
parser.add_argument("--images", required=True)
parser.add_argument("--threads", type=int, default=1)
parser.add_argument("--epochs", type=int, default=1)
parser.add_argument("--take", type=int, default=60000)
args = parser.parse_args()

torch.set_num_threads(args.threads)
torch.manual_seed(1)

TRANSFORMS = {
    "SPARSE": [transforms.RandomCrop(10), transforms.ToTensor(), transforms.Normalize((0.1307,), (0.3081,))],
    "CONV": [transforms.ToTensor(), transforms.Normalize((0.5,), (0.5,))],
}


class Images(Dataset):
    """As torchvision's MNIST gives them: a PIL image for each index, through the transforms."""

    def __init__(self, path, transform):
        self.images = torch.from_numpy(read_images(path)[: args.take].copy())
        self.transform = transform

    def __len__(self):
        return len(self.images)

    def __getitem__(self, index):
        return self.transform(Image.fromarray(self.images[index].numpy(), mode="L"))


transform = transforms.Compose(TRANSFORMS.get(args.workload, [transforms.ToTensor()]))
loader = DataLoader(Images(args.images, transform), batch_size=BATCH[args.workload], shuffle=True)
machine = Rbm() if args.workload == "RBM" else None
model = None if machine else MODELS[args.workload]()
optimizer = adam(args.workload, model) if model else None

epochs = []
for epoch in range(args.epochs):
    began = time.perf_counter()
    total = 0.0
    for x in loader:
        target = x if args.workload == "CONV" else x.reshape(len(x), -1)
        if machine:
            total += machine.step(target)
            continue
        optimizer.zero_grad()
        loss = model.loss(salt(target) if args.workload == "DENOISING" else target, target)
        loss.backward()
        optimizer.step()
        total += loss.item()
    epochs.append(time.perf_counter() - began)
print(json.dumps({"version": torch.__version__, "epochs": epochs, "loss": total / len(loader)}))
