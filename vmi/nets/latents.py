"""What a code is made of: its blocks, their prior, and how a network's outputs describe it."""

from dataclasses import dataclass, field
from itertools import accumulate

import torch
from torch import Tensor

from vmi.nets.joint_code import JointCode
from vmi.nets.temperature import Temperature

__all__ = ["Latents"]


@dataclass(frozen=True)
class Latents:
    """What a code is made of, and how it is sampled while training.

    Attributes:
        gaussian: Number of Gaussian dimensions; prior N(0, I).
        categorical: Number of values of each categorical variable; prior uniform.
        informed: How many leading Gaussian dimensions, besides all the categories, the
            mutual-information term of VMI-VAE and its bound speak of.
        temperature: Of the Gumbel-softmax relaxation.
        hard: Straight-through one-hots while training, instead of relaxed samples.
        groups: Sizes of the groups of Gaussian dimensions of a hierarchy, the topmost first; () of
            a code without.

    Example:
        >>> latents = Latents(gaussian=2, categorical=(10,))
        >>> latents.size, latents.outputs
        (12, 14)
    """

    gaussian: int = 8
    categorical: tuple[int, ...] = ()
    informed: int = 0
    temperature: Temperature = field(default_factory=Temperature)
    hard: bool = False
    groups: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        """Refuses codes of nothing and a choice of dimensions that are not there.

        Raises:
            ValueError: No dimension at all, a category of one value, too many informed, or groups
                that do not make up the Gaussian dimensions.
        """
        if not self.gaussian and not self.categorical:
            raise ValueError("a code needs at least one Gaussian or categorical variable")
        if any(k < 2 for k in self.categorical):
            raise ValueError("a categorical variable needs at least 2 values")
        if not 0 <= self.informed <= self.gaussian:
            raise ValueError(f"informed={self.informed} is not between 0 and {self.gaussian}")
        if self.groups and (min(self.groups) < 1 or sum(self.groups) != self.gaussian):
            raise ValueError(f"groups of {self.groups} are not {self.gaussian} dimensions")

    @property
    def size(self) -> int:
        """The length of a code vector."""
        return self.gaussian + sum(self.categorical)

    @property
    def ends(self) -> tuple[int, ...]:
        """Where each group of a code vector ends; the last one has the categories too.

        Example:
            >>> Latents(gaussian=5, categorical=(3,), groups=(2, 3)).ends
            (2, 8)
        """
        return (*accumulate(self.groups[:-1]), self.size)

    @property
    def outputs(self) -> int:
        """How many numbers a network must give to describe a posterior."""
        return 2 * self.gaussian + sum(self.categorical)

    @property
    def chosen(self) -> "Latents":
        """The chosen components: the informed Gaussian dimensions and every category."""
        return Latents(self.informed, self.categorical, self.informed)

    def choose(self, code: Tensor) -> Tensor:
        """Selects the chosen components of codes, (..., size) to (..., chosen.size)."""
        return torch.cat([code[..., : self.informed], code[..., self.gaussian :]], -1)

    def distribution(self, outputs: Tensor) -> JointCode:
        """Creates the distribution that a network's outputs, (..., outputs), describe.

        The first G are means, the next G logarithms of variances, the rest logits.
        """
        sizes = [self.gaussian, self.gaussian, *self.categorical]
        mean, log_variance, *logits = outputs.split(sizes, -1)
        return JointCode(mean, (log_variance / 2).exp(), logits)

    def prior(self, like: Tensor) -> JointCode:
        """Creates the prior with the batch shape, device and type of codes or means `like`.

        Not by `zeros_like`: under `vmap` the seeds then share one prior instead of having copies.
        """
        shape = (*like.shape[:-1], self.size)
        zeros = torch.zeros(shape, dtype=like.dtype, device=like.device)
        gaussian, *logits = zeros.split([self.gaussian, *self.categorical], -1)
        return JointCode(gaussian, torch.ones_like(gaussian), logits)

    def draw_noise(self, shape: tuple[int, ...], generator: torch.Generator) -> Tensor:
        """Draws what a sample needs, (*shape, size): normals, then standard Gumbels."""
        normal = torch.randn(*shape, self.gaussian, generator=generator)
        exponential = torch.empty(*shape, self.size - self.gaussian)
        exponential.exponential_(generator=generator)
        return torch.cat([normal, -exponential.log()], -1)
