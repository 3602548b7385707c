"""Every network with every likelihood keeps one contract; the authors' sizes are met."""

import pytest
import torch

from vmi.errors import UserError
from vmi.models import make
from vmi.models.vae import VAE
from vmi.models.vmi_vae import VMIVAE
from vmi.nets.latents import Latents
from vmi.nets.likelihoods import LIKELIHOODS
from vmi.nets.networks import NETWORKS, make_network
from vmi.random import generator

SMALL = {"linear": "linear", "dense": "dense-8", "conv": "conv-4", "serdega": "serdega-2"}
SHAPES = [(1, 8, 8), (1, 16, 16), (3, 16, 16), (1, 28, 28), (1, 64, 64)]
CODE = Latents(2, (3,), informed=1)


def count(module):
    return sum(p.numel() for p in module.parameters())


def images(shape, n=6):
    return torch.rand(n, *shape, generator=generator("images"))


def test_the_contract_covers_every_network():
    assert set(SMALL) == set(NETWORKS)


@pytest.mark.parametrize("shape", SHAPES, ids=str)
@pytest.mark.parametrize("likelihood", LIKELIHOODS)
@pytest.mark.parametrize("network", SMALL.values())
def test_shapes_and_gradients(network, likelihood, shape):
    torch.manual_seed(0)
    model = VMIVAE(shape, CODE, network, likelihood)
    x = images(shape)
    q, p = model.encoder(x), model.decoder(torch.zeros(6, CODE.size))
    assert (q.batch_shape, q.event_shape) == ((6,), (5,))
    assert (p.batch_shape, p.event_shape, p.mean.shape) == ((6,), shape, x.shape)
    assert model.q(x).event_shape == (4,)
    noise = {name: CODE.draw_noise((6,), generator(name)) for name in model.noises}
    model("objective", x, noise, 0)["loss"].backward()
    for name, parameter in model.named_parameters():
        assert parameter.grad.isfinite().all(), name
        assert parameter.ndim == 1 or parameter.grad.any(), name  # a bias before a norm has none


@pytest.mark.parametrize("network", ["linear", "dense-8", "conv-4"])
@pytest.mark.parametrize("shape", [(1, 1, 16), (2, 5, 9), (1, 105, 105)], ids=str)
def test_networks_without_norms_take_any_image(network, shape):
    family = make_network(network, shape)
    assert family.encoder(3)(images(shape)).shape == (6, 3)
    assert family.decoder(3)(torch.zeros(6, 3)).shape == (6, *shape)


@pytest.mark.parametrize("shape", [(1, 1, 16), (1, 10, 10), (1, 28, 30)], ids=str)
def test_serdega_refuses_sides_that_do_not_divide_by_4(shape):
    with pytest.raises(UserError, match="divide by 4"):
        make(shape, {"model": "vae"}, {"gaussian": 2}, "serdega", "bernoulli")


def test_the_authors_joint_model_has_their_number_of_parameters():
    model = VMIVAE((1, 28, 28), Latents(16, (10,), 2), "serdega", "squashed-gaussian")
    assert count(model.encoder) + count(model.decoder) == 5_024_011
    assert count(model.q) == 937_678


def test_the_dense_network_is_784_200_200():
    model = VAE((1, 28, 28), Latents(50), "dense")
    assert count(model.encoder) == 785 * 200 + 201 * 200 + 201 * 100
    assert count(model.decoder) == 51 * 200 + 201 * 200 + 201 * 784


@pytest.mark.parametrize(
    ("side", "channels"), [(8, [4]), (16, [4, 8]), (28, [4, 8]), (64, [4, 8, 16, 16])]
)
def test_conv_halves_the_side_until_it_is_at_most_7(side, channels):
    encoder = make_network("conv-4", (1, side, side)).encoder(3)
    convolutions = [m for m in encoder if isinstance(m, torch.nn.Conv2d)]
    assert [m.out_channels for m in convolutions] == channels


def test_serdega_sees_images_around_0():
    encoder = make_network("serdega-2", (1, 8, 8)).encoder(3)
    assert encoder[0](torch.tensor([0.0, 0.5, 1.0])).tolist() == [-1, 0, 1]
