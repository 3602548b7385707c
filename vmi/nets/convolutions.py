r"""Convolutions of stride 2 at the side of the image, written as cheaper equal ones.

Kernels of side 4, stride 2 and padding 1, which halve and double the sides of an image. A tap
2a + b of such a kernel meets only pixels of parity b, so that either map is a convolution of side 2
and stride 1 between the coarse grid and the four parities of the fine one, kept as channels:

.. math:: y_m = \sum_{a, b} w_{2a+b}\, x_{2(m+a)+b}, \qquad
    y_{2m+b} = \sum_a w_{2a+b}\, x_{m-a}

Where the image side has few channels libraries have no fast kernel for the transposed map, which is
also the gradient of the other: this takes a third of the time. The result is the same but for
the order of sums.

References:
    | Real-Time Single Image and Video Super-Resolution Using an Efficient Sub-Pixel Convolutional
    | Neural Network (Shi et al., 2016)
    | https://arxiv.org/abs/1609.05158
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

__all__ = ["Double", "Flatten", "Halve"]

FEW = 8  # channels at the image side up to which the equal form was faster


class Halve(nn.Conv2d):
    """A convolution that halves the sides of an image, (B, C, 2H, 2W) to (B, outputs, H, W)."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__(inputs, outputs, 4, 2, 1)

    def forward(self, x: Tensor) -> Tensor:
        """Returns the convolution of images."""
        if self.in_channels > FEW:
            return super().forward(x)
        parities = F.pixel_unshuffle(F.pad(x, (1, 1, 1, 1)), 2)
        kernel = _by_parity(self.weight).permute(0, 2, 4, 1, 3, 5).flatten(3)
        return F.conv2d(parities, _channels_first(kernel), self.bias)


class Double(nn.ConvTranspose2d):
    """A transposed convolution that doubles the sides, (B, inputs, H, W) to (B, C, 2H, 2W)."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__(inputs, outputs, 4, 2, 1)

    def forward(self, x: Tensor) -> Tensor:
        """Returns the transposed convolution of features."""
        if self.out_channels > FEW:
            return super().forward(x)
        kernel = _by_parity(self.weight).flip(2, 4).permute(3, 5, 1, 2, 4, 0).flatten(0, 2)
        parities = F.conv2d(x, _channels_first(kernel), self.bias.repeat(4), padding=1)
        fine = parities.permute(0, 2, 3, 1).unflatten(3, (2, 2, -1)).permute(0, 1, 3, 2, 4, 5)
        return _channels_first(fine.flatten(3, 4).flatten(1, 2)[:, 1:-1, 1:-1].contiguous())


class Flatten(nn.Flatten):
    """Flattens features, (B, C, H, W) to (B, CHW), and hands their gradient back channels last.

    Operations on two tensors of different layouts take up to forty times as long.
    """

    def forward(self, x: Tensor) -> Tensor:
        """Returns the features of each image as one vector."""
        return super().forward(_GradientChannelsLast.apply(x))


class _GradientChannelsLast(torch.autograd.Function):
    """The identity."""

    generate_vmap_rule = True

    @staticmethod
    def forward(x: Tensor) -> Tensor:
        return x.view_as(x)

    @staticmethod
    def setup_context(ctx: object, inputs: tuple, output: Tensor) -> None:
        """Keeps nothing."""

    @staticmethod
    def backward(ctx: object, gradient: Tensor) -> Tensor:
        return _channels_first(gradient.permute(0, 2, 3, 1).contiguous())


def _by_parity(weight: Tensor) -> Tensor:
    """Splits both sides of kernels, (., ., 4, 4), into taps of each parity, (., ., 2, 2, 2, 2)."""
    return weight.unflatten(3, (2, 2)).unflatten(2, (2, 2))


def _channels_first(x: Tensor) -> Tensor:
    """The view (N, C, H, W) of (N, H, W, C), which stays as it is in memory: channels last."""
    return x.permute(0, 3, 1, 2)
