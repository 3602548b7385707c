"""Networks that return distributions: encoders, decoders and their likelihoods; batch norm."""

from collections.abc import Callable, Iterable
from functools import partial

import torch
from torch import Tensor, nn
from torch.distributions import Bernoulli, Distribution, Independent, Normal

from vmi.latents import JointCode, Latents
from vmi.registry import Registry

__all__ = [
    "LIKELIHOODS",
    "Decoder",
    "Encoder",
    "bernoulli",
    "fix_population_statistics",
    "gaussian",
    "make_likelihood",
    "squashed_gaussian",
    "track_population_statistics",
]

LIKELIHOODS = Registry(
    "likelihood",
    {
        "bernoulli": "vmi.nn:bernoulli",
        "gaussian": "vmi.nn:gaussian",
        "squashed-gaussian": "vmi.nn:squashed_gaussian",
    },
)

_NORMS = (nn.BatchNorm1d, nn.BatchNorm2d)


def bernoulli(outputs: Tensor) -> Distribution:
    """Creates p(x) of bits from logits, (B, C, H, W)."""
    return Independent(Bernoulli(logits=outputs, validate_args=False), 3)


def gaussian(outputs: Tensor, *, scale: float = 1.0) -> Distribution:
    """Creates N(x; outputs, scale^2).

    Raises:
        ValueError: The scale is not positive.
    """
    if not scale > 0:
        raise ValueError(f"a Gaussian likelihood wants a positive scale, not {scale}")
    return Independent(Normal(outputs, scale, validate_args=False), 3)


def squashed_gaussian(outputs: Tensor, *, scale: float = 0.7) -> Distribution:
    """Creates N(x; (1 + tanh(outputs)) / 2, scale^2), for pixels in [0, 1].

    On pixels in [-1, 1] the scale is twice as large. The authors' squared error averaged over 784
    such pixels with w_kl = .005 is a variance of 784 * .005 / 2 = 1.96 there: a scale of .7 here.
    """
    return gaussian((1 + outputs.tanh()) / 2, scale=scale)


class Encoder(nn.Module):
    """Maps images to distributions over codes; q(z|x), and Q of the mutual-information bound.

    Args:
        net: (B, C, H, W) -> (B, latents.outputs).
        latents: What the code is made of.
    """

    def __init__(self, net: nn.Module, latents: Latents) -> None:
        super().__init__()
        self.net, self.latents = net, latents

    def forward(self, x: Tensor) -> JointCode:
        """Returns the distribution of the codes of images (B, C, H, W)."""
        return self.latents.distribution(self.net(x))


class Decoder(nn.Module):
    """Maps codes to distributions over images, p(x|z).

    Args:
        net: (B, latents.size) -> (B, C, H, W).
        likelihood: From the network's outputs to a distribution.
    """

    def __init__(self, net: nn.Module, likelihood: Callable[[Tensor], Distribution]) -> None:
        super().__init__()
        self.net, self.likelihood = net, likelihood

    def forward(self, z: Tensor) -> Distribution:
        """Returns the distribution of the images of codes (B, size)."""
        return self.likelihood(self.net(z))


def make_likelihood(name: str) -> Callable[[Tensor], Distribution]:
    """Creates the likelihood of a name such as `gaussian-0.5`."""
    function, settings = LIKELIHOODS.load(name)
    likelihood = partial(function, **settings)
    likelihood(torch.zeros(1, 1, 1, 1))  # refuses its settings here, and not in training
    return likelihood


def track_population_statistics(model: nn.Module) -> bool:
    """Gives each batch norm room for population statistics; returns whether there is any."""
    norms = [m for m in model.modules() if isinstance(m, _NORMS)]
    like = next(model.parameters(), torch.empty(0))
    for norm in norms:
        norm.track_running_stats, norm.momentum = True, None  # None: a cumulative average
        norm.register_buffer("running_mean", like.new_zeros(norm.num_features))
        norm.register_buffer("running_var", like.new_ones(norm.num_features))
        norm.register_buffer("num_batches_tracked", torch.tensor(0))
    return bool(norms)


@torch.no_grad()
def fix_population_statistics(model: nn.Module, passes: Iterable[Callable[[], object]]) -> None:
    """Fixes batch norm's population statistics: the average over forward passes in train mode.

    Args:
        model: A model whose batch norms were made without running statistics.
        passes: Thunks, each a forward pass of one batch of the training set.
    """
    if track_population_statistics(model):
        model.train()
        for forward in passes:
            forward()
    model.eval()
