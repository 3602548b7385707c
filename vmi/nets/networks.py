"""Families of networks: each maps images to vectors and back."""

import math
from itertools import pairwise

from torch import Tensor, nn

from vmi.nets.affine import Affine
from vmi.nets.convolutions import Double, Flatten, Halve
from vmi.registry import Registry

__all__ = ["NETWORKS", "Conv", "Dense", "Linear", "Network", "Serdega", "make_network"]

NETWORKS = Registry(
    "network",
    {
        "linear": "vmi.nets.networks:Linear",
        "dense": "vmi.nets.networks:Dense",
        "conv": "vmi.nets.networks:Conv",
        "serdega": "vmi.nets.networks:Serdega",
    },
)

Shape = tuple[int, int, int]


class Network:
    """A family of networks; `encoder` and `q` map images to vectors, `decoder` maps back.

    Args:
        shape: (C, H, W) of an image.
    """

    def __init__(self, shape: Shape) -> None:
        self.shape = shape

    def encoder(self, outputs: int) -> nn.Module:
        """Creates a map (B, C, H, W) -> (B, outputs)."""
        raise NotImplementedError

    def decoder(self, inputs: int) -> nn.Module:
        """Creates a map (B, inputs) -> (B, C, H, W), the parameters of a likelihood."""
        raise NotImplementedError

    def q(self, outputs: int) -> nn.Module:
        """Creates the auxiliary map (B, C, H, W) -> (B, outputs) from images back to codes."""
        return self.encoder(outputs)


class Linear(Network):
    """One affine map each way: all that a linear-Gaussian world asks for."""

    def encoder(self, outputs: int) -> nn.Module:
        """Creates an affine map."""
        return nn.Sequential(nn.Flatten(), Affine(math.prod(self.shape), outputs))

    def decoder(self, inputs: int) -> nn.Module:
        """Creates an affine map."""
        return nn.Sequential(Affine(inputs, math.prod(self.shape)), nn.Unflatten(-1, self.shape))


class Dense(Network):
    """Two hidden layers of tanh units each way, as in Burda et al. 2016 with 200 units.

    Args:
        shape: (C, H, W) of an image.
        hidden: Units in each hidden layer.

    References:
        | Importance Weighted Autoencoders (Burda et al., 2016)
        | https://arxiv.org/abs/1509.00519
    """

    def __init__(self, shape: Shape, *, hidden: int = 200) -> None:
        super().__init__(shape)
        self.hidden = hidden

    def _layers(self, inputs: int, outputs: int) -> list[nn.Module]:
        sizes = [(inputs, self.hidden), (self.hidden, self.hidden)]
        body = [m for a, b in sizes for m in (Affine(a, b), nn.Tanh())]
        return [*body, Affine(self.hidden, outputs)]

    def encoder(self, outputs: int) -> nn.Module:
        """Creates D - hidden - hidden - outputs."""
        return nn.Sequential(nn.Flatten(), *self._layers(math.prod(self.shape), outputs))

    def decoder(self, inputs: int) -> nn.Module:
        """Creates inputs - hidden - hidden - D."""
        layers = self._layers(inputs, math.prod(self.shape))
        return nn.Sequential(*layers, nn.Unflatten(-1, self.shape))


class Conv(Network):
    """Convolutions of stride 2 down to a side of at most 7, then one hidden layer; no norms.

    The number of channels doubles at each layer, up to four times the first.

    Args:
        shape: (C, H, W) of an image.
        channels: Of the first convolution.
        hidden: Units of the dense layer.
    """

    def __init__(self, shape: Shape, *, channels: int = 32, hidden: int = 256) -> None:
        super().__init__(shape)
        self.channels, self.hidden = channels, hidden

    def _channels(self) -> list[int]:
        """The channels before and after each convolution: one for every halving of the side."""
        halvings = 0
        while all(n % 2 ** (halvings + 1) == 0 and n >> halvings > 7 for n in self.shape[1:]):
            halvings += 1
        return [self.shape[0], *(self.channels * min(2**i, 4) for i in range(halvings))]

    def _inner(self) -> Shape:
        channels = self._channels()
        _, height, width = self.shape
        return channels[-1], height >> (len(channels) - 1), width >> (len(channels) - 1)

    def encoder(self, outputs: int) -> nn.Module:
        """Creates the convolutions and a dense layer."""
        sizes = self._channels()
        pairs = pairwise(sizes)
        down = [m for a, b in pairs for m in (Halve(a, b), nn.ReLU())]
        inner = math.prod(self._inner())
        dense = [Affine(inner, self.hidden), nn.ReLU(), Affine(self.hidden, outputs)]
        return nn.Sequential(*down, Flatten(), *dense)

    def decoder(self, inputs: int) -> nn.Module:
        """Creates the mirror image of the encoder."""
        sizes, inner = self._channels()[::-1], math.prod(self._inner())
        pairs = pairwise(sizes)
        up = [m for a, b in pairs for m in (nn.ReLU(), Double(a, b))]
        dense = [Affine(inputs, self.hidden), nn.ReLU(), Affine(self.hidden, inner)]
        return nn.Sequential(*dense, nn.Unflatten(-1, self._inner()), *up)


class Serdega(Network):
    """The networks of Serdega & Kim's code, for images whose sides divide by 4.

    Images enter as 2x - 1. The authors' last tanh is in the `squashed-gaussian` likelihood.
    With width 64 and 16 Gaussian and 10 categorical dimensions the VAE has 5,024,011 parameters.

    Args:
        shape: (C, H, W) of an image.
        width: Channels of the first convolution; all other sizes are in proportion.

    Raises:
        ValueError: A side does not divide by 4.

    References:
        | VMI-VAE: Variational Mutual Information Maximization Framework for VAE Latent Codes
        | with Continuous and Discrete Priors (Serdega & Kim, 2020)
        | https://arxiv.org/abs/2005.13953
    """

    def __init__(self, shape: Shape, *, width: int = 64) -> None:
        super().__init__(shape)
        if shape[1] % 4 or shape[2] % 4:
            raise ValueError(f"serdega wants sides that divide by 4, not {shape[1]} x {shape[2]}")
        self.width = width
        self.inner = (shape[1] // 4, shape[2] // 4)

    def _down(self) -> list[nn.Module]:
        w = self.width
        return [
            Centre(),
            *_normed(Halve(self.shape[0], w), nn.BatchNorm2d, w),
            *_normed(Halve(w, 2 * w), nn.BatchNorm2d, 2 * w),
        ]

    def encoder(self, outputs: int) -> nn.Module:
        """Creates conv w - conv 2w - dense 8w - outputs."""
        w, area = self.width, math.prod(self.inner)
        dense = _normed(Affine(2 * w * area, 8 * w), nn.BatchNorm1d, 8 * w)
        return nn.Sequential(*self._down(), Flatten(), *dense, Affine(8 * w, outputs))

    def decoder(self, inputs: int) -> nn.Module:
        """Creates dense 8w - dense - transposed conv w/2 - transposed conv."""
        w = self.width
        return nn.Sequential(
            *_normed(Affine(inputs, 8 * w), nn.BatchNorm1d, 8 * w),
            Affine(8 * w, w * math.prod(self.inner)),
            nn.Unflatten(-1, (w, *self.inner)),
            *_normed(Double(w, w // 2), nn.BatchNorm2d, w // 2),
            Double(w // 2, self.shape[0]),
        )

    def q(self, outputs: int) -> nn.Module:
        """Creates conv w - conv 2w - conv over the whole image 2w - outputs."""
        w = 2 * self.width
        whole = _normed(nn.Conv2d(w, w, self.inner), nn.BatchNorm2d, w)
        return nn.Sequential(*self._down(), *whole, nn.Conv2d(w, outputs, 1), nn.Flatten())


class Centre(nn.Module):
    """Maps [0, 1] to [-1, 1]."""

    def forward(self, x: Tensor) -> Tensor:
        """Returns 2x - 1."""
        return 2 * x - 1


def _normed(layer: nn.Module, norm: type[nn.Module], channels: int) -> list[nn.Module]:
    """A layer, batch norm without running statistics (vmap refuses them), leaky ReLU."""
    return [layer, norm(channels, track_running_stats=False), nn.LeakyReLU(0.2)]


def make_network(network: str | Network, shape: Shape) -> Network:
    """Creates the family of a name such as `dense-200`, or returns a family as it is.

    Raises:
        ValueError: The family is for images of another shape.
    """
    if isinstance(network, str):
        family, settings = NETWORKS.load(network)
        return family(shape, **settings)
    if network.shape != shape:
        raise ValueError(f"the network is for images of {network.shape}, not {shape}")
    return network
