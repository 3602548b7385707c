"""An affine map is torch's, whichever library multiplies."""

import pytest
import torch
from torch import nn
from torch.func import functional_call, jacfwd, jacrev, stack_module_state, vmap

from vmi.nets import affine
from vmi.nets.affine import SMALL, Affine

INPUTS, OUTPUTS = 160, 120
pytestmark = pytest.mark.skipif(
    not torch.backends.mkldnn.is_available(), reason="this torch has no oneDNN"
)


@pytest.fixture(autouse=True)
def by_onednn(monkeypatch):
    monkeypatch.setattr(affine, "_mkl_is_slow", lambda: True)


@pytest.fixture
def pair():
    """An affine map and torch's, with the same weights."""
    torch.manual_seed(0)
    mine, theirs = Affine(INPUTS, OUTPUTS), nn.Linear(INPUTS, OUTPUTS)
    theirs.load_state_dict(mine.state_dict())
    return mine, theirs


def outcome(layer, x):
    y = layer(x)
    return y, *torch.autograd.grad(y.sin().sum(), [x, *layer.parameters()])


def close(some, others):
    torch.testing.assert_close(some, others, rtol=1e-5, atol=2e-5)


def test_it_is_torchs_with_its_gradients_and_those_of_them(pair):
    x = torch.rand(7, INPUTS).requires_grad_()
    assert INPUTS * OUTPUTS > SMALL and "_Product" in type(pair[0](x).grad_fn).__name__
    close(*(outcome(layer, x) for layer in pair))

    def curvature(layer):
        (slope,) = torch.autograd.grad(layer(x).sin().sum(), x, create_graph=True)
        return torch.autograd.grad(slope.square().sum(), [x, layer.weight])

    close(*(curvature(layer) for layer in pair))


def test_one_without_a_bias_and_one_that_is_frozen_are_torchs(pair):
    mine, theirs = pair
    mine.bias = theirs.bias = None
    close(*(outcome(layer, torch.ones(3, INPUTS).requires_grad_()) for layer in pair))
    with torch.no_grad():
        close(*(layer(torch.ones(3, INPUTS)) for layer in pair))


@pytest.mark.filterwarnings("ignore:.torch.jit.script. is deprecated")  # torch's own
@pytest.mark.parametrize("jacobian", [jacrev, jacfwd])
def test_derivatives_by_torch_func_are_the_weights(pair, jacobian):
    found = jacobian(lambda x: pair[0](x[None])[0])(torch.rand(INPUTS))
    close(found, pair[0].weight.detach())


def test_many_as_one_program_are_each_one():
    layers = [Affine(INPUTS, OUTPUTS) for _ in range(3)]
    parameters, _ = stack_module_state(layers)
    x = torch.rand(3, 5, INPUTS)
    y = vmap(lambda p, x: functional_call(layers[0], p, (x,)))(parameters, x)
    close(y, torch.stack([layer(part) for layer, part in zip(layers, x, strict=True)]))
    gradients = torch.autograd.grad(y.sum(), list(parameters.values()))
    close(gradients[1], torch.full((3, OUTPUTS), 5.0))
    close(vmap(layers[0])(x), layers[0](x.flatten(0, 1)).unflatten(0, (3, 5)))


@pytest.mark.parametrize(
    "x",
    [torch.rand(2, INPUTS, dtype=torch.float64), torch.rand(2, 3, INPUTS), torch.rand(INPUTS)],
    ids=["float64", "a tensor", "a vector"],
)
def test_what_it_is_not_for_goes_to_torch(pair, x):
    mine, theirs = (layer.to(x.dtype) for layer in pair)
    assert torch.equal(mine(x), theirs(x))


def test_products_in_bfloat16_stay_torchs(pair):
    x = torch.rand(4, INPUTS)
    with torch.autocast("cpu", torch.bfloat16):
        mine, theirs = (layer(x) for layer in pair)
    assert mine.dtype == torch.bfloat16 and torch.equal(mine, theirs)


def test_the_same_product_has_the_same_bits(pair):
    x = torch.rand(124, INPUTS).requires_grad_()
    for one, other in zip(outcome(pair[0], x), outcome(pair[0], x), strict=True):
        assert torch.equal(one, other)


def test_the_library_is_chosen_by_the_processor(monkeypatch):
    monkeypatch.undo()
    known = {"avx512_f": True, "cpu_name": "GenuineIntel"}
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: known)
    affine._mkl_is_slow.cache_clear()
    assert not affine._mkl_is_slow()
    affine._mkl_is_slow.cache_clear()
