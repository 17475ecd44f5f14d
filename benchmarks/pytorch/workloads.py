"""The benchmark's workloads in PyTorch: networks, losses and steps."""

import gzip
import struct

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F


def read_images(path):
    """The array of a NumPy file, or of an IDX file, gzipped or not."""
    if path.endswith(".npy"):
        return np.load(path)
    opened = gzip.open if path.endswith(".gz") else open
    with opened(path, "rb") as file:
        _, _, kind, rank = struct.unpack(">BBBB", file.read(4))
        assert kind == 8, "bytes are expected"
        shape = struct.unpack(f">{rank}I", file.read(4 * rank))
        return np.frombuffer(file.read(), np.uint8).reshape(shape)


def dense(*sizes, activation, output):
    layers = []
    for i, (inputs, outputs) in enumerate(zip(sizes, sizes[1:])):
        layers += [nn.Linear(inputs, outputs), (output if i == len(sizes) - 2 else activation)()]
    return nn.Sequential(*layers)


class Sparse(nn.Module):
    """100-100-100 on 10x10 crops, with a penalty on the mean activation."""

    def __init__(self):
        super().__init__()
        self.encoder = nn.Linear(100, 100)
        self.decoder = nn.Linear(100, 100)

    def loss(self, x, target):
        code = torch.sigmoid(self.encoder(x))
        y = torch.sigmoid(self.decoder(code))
        rho, mean = 0.01, code.mean(0)
        kl = rho * torch.log(rho / mean) + (1 - rho) * torch.log((1 - rho) / (1 - mean))
        return F.mse_loss(y, target) + 5 * kl.mean()


class Reconstructing(nn.Module):
    def __init__(self, network):
        super().__init__()
        self.network = network

    def loss(self, x, target):
        return F.mse_loss(self.network(x), target)


class Variational(nn.Module):
    """784-400-20-400-784 (Kingma and Welling 2013)."""

    def __init__(self):
        super().__init__()
        self.hidden = nn.Linear(784, 400)
        self.mu = nn.Linear(400, 20)
        self.logvar = nn.Linear(400, 20)
        self.decoder = dense(20, 400, 784, activation=nn.ReLU, output=nn.Sigmoid)

    def loss(self, x, target):
        h = torch.relu(self.hidden(x))
        mu, logvar = self.mu(h), self.logvar(h)
        z = mu + torch.randn_like(mu) * torch.exp(logvar / 2)
        kl = -0.5 * torch.sum(1 + logvar - mu**2 - torch.exp(logvar))
        return F.binary_cross_entropy(self.decoder(z), target, reduction="sum") + kl


def convolutional():
    return nn.Sequential(
        nn.Conv2d(1, 16, 3, stride=3, padding=1),
        nn.ReLU(),
        nn.MaxPool2d(2, stride=2),
        nn.Conv2d(16, 8, 3, stride=2, padding=1),
        nn.ReLU(),
        nn.MaxPool2d(2, stride=1),
        nn.ConvTranspose2d(8, 16, 3, stride=2),
        nn.ReLU(),
        nn.ConvTranspose2d(16, 8, 5, stride=3, padding=1),
        nn.ReLU(),
        nn.ConvTranspose2d(8, 1, 2, stride=2, padding=1),
        nn.Tanh(),
    )


def convolutional32():
    """3x32x32 to 128x4x4 by three convolutions with stride 2, and back, with batch norm."""

    def down(inputs, outputs):
        return [nn.Conv2d(inputs, outputs, 3, stride=2, padding=1), nn.BatchNorm2d(outputs), nn.ReLU()]

    def up(inputs, outputs):
        return nn.ConvTranspose2d(inputs, outputs, 3, stride=2, padding=1, output_padding=1)

    return nn.Sequential(
        *down(3, 32),
        *down(32, 64),
        *down(64, 128),
        up(128, 64),
        nn.BatchNorm2d(64),
        nn.ReLU(),
        up(64, 32),
        nn.BatchNorm2d(32),
        nn.ReLU(),
        up(32, 3),
        nn.Sigmoid(),
    )


def deep():
    encoder = dense(784, 1000, 500, 250, 30, activation=nn.ReLU, output=nn.ReLU)
    decoder = dense(30, 250, 500, 1000, 784, activation=nn.ReLU, output=nn.Sigmoid)
    return nn.Sequential(*encoder, *decoder)


MODELS = {
    "SPARSE": Sparse,
    "DENOISING": lambda: Reconstructing(dense(784, 500, 784, activation=nn.Sigmoid, output=nn.Sigmoid)),
    "VAE": Variational,
    "DEEP": lambda: Reconstructing(deep()),
    "CONV": lambda: Reconstructing(convolutional()),
    "CONV32": lambda: channels_last(Reconstructing(convolutional32())),
    "WIDE": lambda: Reconstructing(dense(784, 4096, 784, activation=nn.ReLU, output=nn.Sigmoid)),
}

BATCH = {"SPARSE": 32, "DENOISING": 128, "VAE": 128, "DEEP": 128, "CONV": 32, "RBM": 100, "CONV32": 128, "WIDE": 512}
RATE = {"SPARSE": 1e-3, "DENOISING": 1e-3, "VAE": 1e-3, "DEEP": 1e-3, "CONV": 3e-3, "CONV32": 1e-3, "WIDE": 1e-3}
DECAY = {"CONV": 1e-5}


def adam(name, model, **kind):
    return torch.optim.Adam(model.parameters(), lr=RATE[name], weight_decay=DECAY.get(name, 0.0), **kind)


def salt(x, level=0.3):
    return torch.where(torch.rand_like(x) < level, torch.ones_like(x), x)


def channels_last(module_or_images):
    """The layout with which PyTorch's convolutions of several channels are faster."""
    if isinstance(module_or_images, nn.Module):
        return module_or_images.to(memory_format=torch.channels_last)
    return module_or_images.contiguous(memory_format=torch.channels_last)


def prepared(name, images):
    """All images as one float tensor, as the network takes them; SPARSE keeps 28x28, its crops are drawn later."""
    x = torch.from_numpy(images.astype(np.float32) / 255)
    if name == "SPARSE":
        return (x - 0.1307) / 0.3081
    if name == "CONV":
        return ((x - 0.5) / 0.5).unsqueeze(1)
    if name == "CONV32":
        return channels_last(F.pad(x, (2, 2, 2, 2)))
    return x.reshape(len(x), 784)


def batch_of(name, data, indices):
    """Input and target of a step, from the preloaded data."""
    x = data[indices]
    if name == "SPARSE":
        count = len(indices)
        top = torch.randint(0, 19, (count, 1, 1))
        left = torch.randint(0, 19, (count, 1, 1))
        rows = top + torch.arange(10).reshape(1, 10, 1)
        columns = left + torch.arange(10).reshape(1, 1, 10)
        x = x[torch.arange(count).reshape(count, 1, 1), rows, columns].reshape(count, 100)
    if name == "CONV32":
        x = channels_last(x)
    return (salt(x), x) if name == "DENOISING" else (x, x)


class Rbm:
    """784-1000, CD-1 with momentum and weight decay; the visible state is the probability."""

    def __init__(self):
        self.w = torch.randn(1000, 784) * 0.1
        self.b, self.c = torch.zeros(784), torch.zeros(1000)
        self.velocity = [torch.zeros_like(t) for t in (self.w, self.b, self.c)]

    @torch.no_grad()
    def step(self, v, momentum=0.5, rate=0.1, decay=2e-4):
        h = torch.sigmoid(torch.addmm(self.c, v, self.w.t()))
        visible = torch.sigmoid(torch.addmm(self.b, torch.bernoulli(h), self.w))
        again = torch.sigmoid(torch.addmm(self.c, visible, self.w.t()))
        error = ((v - visible) ** 2).sum(1).mean()
        count = len(v)
        gradients = (
            torch.addmm(again.t() @ visible, h.t(), v, alpha=-1).div_(count).add_(self.w, alpha=decay),
            (visible - v).mean(0),
            (again - h).mean(0),
        )
        torch._foreach_mul_(self.velocity, momentum)
        torch._foreach_add_(self.velocity, gradients, alpha=-rate)
        torch._foreach_add_((self.w, self.b, self.c), self.velocity)
        return error.item()
