"""Codes: encoded once, stored without a pickle, read back bit for bit."""

import numpy as np
import pytest
import torch

from vmi.data.dataset import Split
from vmi.data.gaussian import LinearGaussian
from vmi.errors import NotApplicable
from vmi.models.vae import VAE
from vmi.nets.codes import Codes, encode
from vmi.nets.latents import Latents
from vmi.random import generator
from vmi.verify.worlds import (
    CategoricalWorld,
    linear_images,
    linear_vae,
    one_hot_codes,
    plain_codes,
)

WORLD = LinearGaussian(dimensions=6, latents=2)


def joint_codes(n=9, **about):
    latents = Latents(2, (3, 4))
    q = latents.distribution(torch.randn(n, latents.outputs, generator=generator("codes")))
    blocks = tuple(c.probs for c in q.categoricals)
    return Codes(q.gaussian.mean, q.gaussian.stddev, blocks, **about)


def test_encoding_gives_the_exact_posteriors_of_the_linear_world():
    x = linear_images(WORLD, 25)
    codes, posterior = encode(linear_vae(WORLD), Split(x), batch_size=7), WORLD.posterior(x)
    torch.testing.assert_close(codes.mean, posterior.base_dist.mean)
    torch.testing.assert_close(codes.scale, posterior.base_dist.stddev)
    assert (len(codes), codes.categorical, codes.labels) == (25, (), None)


def test_encoding_gives_the_exact_posteriors_of_the_categorical_world():
    world, labels = CategoricalWorld(), torch.arange(30) % 3
    x = world.sample(30)
    codes = encode(world.vae(), Split(x, labels, labels[:, None]), batch_size=7)
    torch.testing.assert_close(codes.categorical[0], world.posterior(x))
    assert codes.mean.shape == (30, 0)
    assert torch.equal(codes.labels, labels)
    assert torch.equal(codes.factors, labels[:, None])


def test_encoding_asks_for_no_gradient():
    model = VAE((1, 4, 4), Latents(2, (3,)), "linear")
    codes = encode(model, Split(torch.rand(5, 1, 4, 4)))
    assert not codes.mean.requires_grad
    assert not codes.categorical[0].requires_grad


@pytest.mark.parametrize(
    "codes",
    [
        joint_codes(labels=torch.arange(9), factors=torch.rand(9, 2)),
        joint_codes(),
        plain_codes(torch.rand(4, 3)),
        one_hot_codes([0, 1], sizes=[2]),
        one_hot_codes(*[[0, 1]] * 12, sizes=[2] * 12),
    ],
    ids=["labelled", "joint", "gaussian", "categorical", "twelve"],
)
def test_codes_come_back_bit_for_bit(codes, tmp_path):
    codes.save(tmp_path / "folder" / "codes.npz")
    back = Codes.load(tmp_path / "folder" / "codes.npz")
    for field in ("mean", "scale", "labels", "factors"):
        a, b = getattr(codes, field), getattr(back, field)
        assert (a is b is None) or (torch.equal(a, b) and a.dtype == b.dtype)
    pairs = zip(codes.categorical, back.categorical, strict=True)
    assert all(torch.equal(a, b) for a, b in pairs)


def test_a_pickle_in_a_file_of_codes_is_never_run(tmp_path):
    np.savez(tmp_path / "codes.npz", codes=np.array([{}], dtype=object))
    with pytest.raises(ValueError, match="pickle"):
        Codes.load(tmp_path / "codes.npz")


def test_posterior_is_the_stored_distributions_in_double_precision():
    codes = joint_codes()
    q = codes.posterior
    assert q.mean.dtype == torch.float64
    torch.testing.assert_close(q.mean.float(), torch.cat([codes.mean, *codes.categorical], 1))
    torch.testing.assert_close(q.gaussian.stddev.float(), codes.scale)


def test_posterior_of_a_certain_category_is_certain_and_finite():
    codes = one_hot_codes([0, 2], sizes=[3])
    q = codes.posterior
    torch.testing.assert_close(q.log_prob(codes.categorical[0].double()), torch.zeros(2).double())
    assert q.log_prob(torch.eye(3)[[1, 1]].double()).isfinite().all()


def test_blocks_are_cut_from_a_joint_code():
    codes = joint_codes(labels=torch.arange(9))
    assert codes.gaussian_block().categorical == ()
    assert codes.categorical_block().mean.shape == (9, 0)
    assert codes.leading(1).mean.shape == codes.leading(1).scale.shape == (9, 1)
    assert len(codes.leading(0).categorical) == 2
    assert torch.equal(codes.gaussian_block().labels, codes.labels)


def test_a_block_that_is_not_there_says_so():
    with pytest.raises(NotApplicable, match="no Gaussian block"):
        one_hot_codes([0], sizes=[2]).gaussian_block()
    with pytest.raises(NotApplicable, match="no categorical block"):
        plain_codes(torch.zeros(3, 1)).categorical_block()


def test_thinned_codes_are_evenly_spread_and_keep_what_is_known_of_them():
    codes = joint_codes(9, labels=torch.arange(9), factors=torch.arange(18).view(9, 2))
    few = codes.thinned(4)
    assert few.labels.tolist() == [0, 2, 4, 6]
    for part, whole in zip(few.categorical, codes.categorical, strict=True):
        assert torch.equal(part, whole[few.labels])
    assert torch.equal(few.mean, codes.mean[few.labels])
    assert torch.equal(few.scale, codes.scale[few.labels])
    assert torch.equal(few.factors, codes.factors[few.labels])
    assert codes.thinned(9) is codes
