"""The joint VMI-VAE of Serdega & Kim (2020) as a plain PyTorch loop: the peer of `steps.py`."""

import math

import torch
import torch.nn.functional as F
from torch import nn

__all__ = ["PlainLoop"]


def down(width):
    """Two strided convolutions with batch norm and leaky ReLU."""
    first = [nn.Conv2d(1, width, 4, 2, 1), nn.BatchNorm2d(width), nn.LeakyReLU(0.2)]
    second = [nn.Conv2d(width, 2 * width, 4, 2, 1), nn.BatchNorm2d(2 * width), nn.LeakyReLU(0.2)]
    return [*first, *second]


class PlainLoop:
    """Networks, losses and the two Adam steps a batch, with what its authors log read out.

    Images in [-1, 1]; a soft Gumbel-softmax category at temperature 1; squared error, KL of both
    blocks times .005, and Q's terms times .01 and .0005. Q then moves alone, on a fresh pass.

    Args:
        width: Channels of the first convolution.
        informs: Whether there is a Q.
    """

    def __init__(self, width, informs, gaussian=16, categories=10, informed=2):
        w, self.informs = width, informs
        self.sizes = [gaussian, gaussian, categories]
        self.chosen = [informed, informed, categories]
        whole = [nn.Flatten(), nn.Linear(98 * w, 8 * w), nn.BatchNorm1d(8 * w), nn.LeakyReLU(0.2)]
        self.encoder = nn.Sequential(*down(w), *whole, nn.Linear(8 * w, sum(self.sizes)))
        code = [nn.Linear(gaussian + categories, 8 * w), nn.BatchNorm1d(8 * w), nn.LeakyReLU(0.2)]
        up = [nn.ConvTranspose2d(w, w // 2, 4, 2, 1), nn.BatchNorm2d(w // 2), nn.LeakyReLU(0.2)]
        self.decoder = nn.Sequential(
            *code,
            nn.Linear(8 * w, 49 * w),
            nn.Unflatten(1, (w, 7, 7)),
            *up,
            nn.ConvTranspose2d(w // 2, 1, 4, 2, 1),
            nn.Tanh(),
        )
        read = [nn.Conv2d(2 * w, 2 * w, 7), nn.BatchNorm2d(2 * w), nn.LeakyReLU(0.2)]
        last = [nn.Conv2d(2 * w, sum(self.chosen), 1), nn.Flatten()]
        self.q = nn.Sequential(*down(w), *read, *last)
        moved = [*self.encoder.parameters(), *self.decoder.parameters()]
        self.adam = torch.optim.Adam(moved, 1e-4)
        self.adam_q = torch.optim.Adam(self.q.parameters(), 1e-4)

    def step(self, x):
        """Takes a step of the VAE, then one of Q; returns what is logged."""
        mean, log_variance, logits, z, c, decoded = self.run(x)
        error = F.mse_loss(decoded, x)
        gaussian = -0.5 * (1 + log_variance - mean**2 - log_variance.exp()).sum(1).mean()
        p = F.softmax(logits, dim=1)
        categorical = (p * torch.log(p * p.shape[1] + 1e-20)).sum(1).mean()
        loss = error + 0.005 * (gaussian + categorical)
        if self.informs:
            missing_c, missing_z = self.missing(decoded, z, c)
            loss = loss + 0.01 * missing_c + 0.0005 * missing_z
        self.adam.zero_grad()
        self.adam_q.zero_grad()
        loss.backward()
        self.adam.step()
        logged = [term.item() for term in (loss, error, gaussian, categorical)]
        return [*logged, self.step_of_q(x)] if self.informs else logged

    def step_of_q(self, x):
        """Moves Q alone."""
        with torch.no_grad():
            *_, z, c, decoded = self.run(x)
        loss = sum(self.missing(decoded, z, c))
        self.adam_q.zero_grad()
        loss.backward()
        self.adam_q.step()
        return loss.item()

    def run(self, x):
        """Encodes, samples and decodes."""
        mean, log_variance, logits = self.encoder(x).split(self.sizes, dim=1)
        z = mean + torch.randn_like(mean) * torch.exp(0.5 * log_variance)
        gumbel = -torch.log(-torch.log(torch.rand_like(logits) + 1e-20) + 1e-20)
        c = F.softmax(logits + gumbel, dim=1)
        return mean, log_variance, logits, z, c, self.decoder(torch.cat([z, c], 1))

    def missing(self, decoded, z, c):
        """Q's cross-entropy of the category and of the informed dimensions."""
        mean, log_variance, logits = self.q(decoded).split(self.chosen, dim=1)
        category = -(c * F.log_softmax(logits, dim=1)).sum(1).mean()
        squares = (z[:, : mean.shape[1]] - mean) ** 2 / log_variance.exp()
        gaussian = 0.5 * (log_variance + squares + math.log(2 * math.pi)).sum(1).mean()
        return category, gaussian
