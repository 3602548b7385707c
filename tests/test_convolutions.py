"""The cheaper forms of strided convolutions are the convolutions of torch."""

import pytest
import torch
from torch import nn

from vmi.nets.convolutions import FEW, Double, Flatten, Halve

LAYOUTS = pytest.mark.parametrize("layout", [torch.contiguous_format, torch.channels_last])


def both(make, theirs, x, layout):
    """A layer's output and gradients, as it is and by the method of its parent."""
    torch.manual_seed(0)
    layer = make().double().to(memory_format=layout)
    x = x.double().to(memory_format=layout).requires_grad_()
    for forward in (layer, lambda x: theirs.forward(layer, x)):
        y = forward(x)
        yield y, torch.autograd.grad(y.sin().sum(), [x, *layer.parameters()])


@LAYOUTS
@pytest.mark.parametrize("channels", [1, 3, FEW, FEW + 1])
@pytest.mark.parametrize("sides", [(2, 2), (8, 12)])
def test_halve_and_double_are_torchs_with_their_gradients(channels, sides, layout):
    small = torch.rand(5, 6, *sides)
    large = torch.rand(5, channels, 2 * sides[0], 2 * sides[1])
    for make, theirs, x in (
        (lambda: Halve(channels, 6), nn.Conv2d, large),
        (lambda: Double(6, channels), nn.ConvTranspose2d, small),
    ):
        (y, gradients), (expected, known) = both(make, theirs, x, layout)
        torch.testing.assert_close(y, expected)
        for mine, its in zip(gradients, known, strict=True):
            torch.testing.assert_close(mine, its)


def test_channels_stay_last_all_the_way():
    x = torch.rand(5, 3, 8, 8).to(memory_format=torch.channels_last)
    for layer in (Halve(3, 6), Double(3, 2), Double(3, 20)):
        y = layer.to(memory_format=torch.channels_last)(x)
        assert y.is_contiguous(memory_format=torch.channels_last)


def test_flatten_is_torchs_and_its_gradient_has_the_channels_last():
    x = torch.rand(5, 3, 4, 4).requires_grad_()
    y = Flatten()(x)
    assert torch.equal(y, nn.Flatten()(x))
    (gradient,) = torch.autograd.grad(y.square().sum(), x)
    assert torch.equal(gradient, 2 * x)
    assert gradient.is_contiguous(memory_format=torch.channels_last)
