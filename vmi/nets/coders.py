"""Coders: networks that return distributions over codes and over images.

A network may compute with less precision than what it is given; its distribution never does.
"""

from collections.abc import Callable

from torch import Tensor, nn
from torch.distributions import Distribution

from vmi.nets.joint_code import JointCode
from vmi.nets.latents import Latents

__all__ = ["Decoder", "Encoder"]


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
        return self.latents.distribution(self.net(x).to(x.dtype))


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
        return self.likelihood(self.net(z).to(z.dtype))
