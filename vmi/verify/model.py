"""Known answers on the information of a model's codes."""

import math
from collections.abc import Callable, Iterator

import torch
from torch import Tensor

from vmi.data.gaussian import LinearGaussian
from vmi.estimate import Estimate
from vmi.mi.aggregate import (
    information,
    information_categorical,
    information_chosen,
    information_dimensions,
    information_gaussian,
)
from vmi.mi.bound import vmi_bound
from vmi.mi.decoder import information_decoder
from vmi.mi.decomposition import decomposition, decomposition_stratified, stratified_weights
from vmi.models.vae import VAE
from vmi.nets.codes import Codes
from vmi.nets.densities import log_aggregate, sample
from vmi.nets.latents import Latents
from vmi.random import generator
from vmi.verify.case import Case
from vmi.verify.parts import value
from vmi.verify.worlds import (
    channel_codes,
    linear_codes,
    linear_images,
    linear_vae,
    one_hot_codes,
    plain_codes,
    symmetric_channel,
)

__all__ = ["cases", "correlated_codes", "few_images_error", "sampling_error"]

N = 2000
WORLD = LinearGaussian(dimensions=6, latents=2, scale=1.0)
EXACT = 1e-12
PPCA = "Tipping & Bishop (1999): .5 sum ln(1 + d^2 / s^2)"
NORMAL = "Gaussian channel: I = .5 ln(det C / s^4), TC = -.5 ln(1 - rho^2)"


def cases() -> list[Case]:
    """Returns the known answers on codes alone, on codes with a decoder, and on their parts."""
    return [*_categories(), *_gaussians(), *_deterministic(), *_decompositions(), *_decoders()]


def correlated_codes(rho: float, n: int, scale: float = 0.3) -> tuple[Codes, dict[str, float]]:
    """Two dimensions whose aggregate is normal with correlation rho, and its decomposition.

    The means are drawn from N(0, C - scale^2 I), where C has ones and rho; so rho <= 1 - scale^2.
    """
    covariance = torch.tensor([[1, rho], [rho, 1]]).double() - scale**2 * torch.eye(2)
    root = torch.linalg.cholesky(covariance)
    mean = torch.randn(n, 2, generator=generator("correlated", n), dtype=torch.float64) @ root.T
    correlation = -0.5 * math.log(1 - rho**2)
    truth = {
        "information": -correlation - 2 * math.log(scale),
        "total-correlation": correlation,
        "dimension-wise-kl": 0.0,
    }
    return Codes(mean, torch.full_like(mean, scale)), truth


def sampling_error(world: LinearGaussian, n: int) -> float:
    r"""The standard error of the mean of n draws of log p(x, z) / p(x)p(z), on paper.

    The variance of this ratio's logarithm is :math:`\rho^2` for each pair of correlation rho, here
    :math:`d^2 / (d^2 + s^2)`. It is also the large-sample error of the maximum-likelihood estimate,
    so no estimator that knows less can promise a smaller one.
    """
    return math.sqrt(float((world.norms**2 / (world.norms**2 + world.scale**2)).sum()) / n)


def few_images_error(world: LinearGaussian, k: int) -> float:
    r"""By how much k images have less information than all, to first order, on paper.

    .. math::
        E\, KL(q_k(z) \| q(z)) \approx \frac1{2k} (\chi - 1), \quad
        \chi = E \frac{p(x,z)}{p(x) p(z)} = \prod_j \frac1{1 - \rho_j^2} = \prod_j (1 + d_j^2 / s^2)
    """
    return (math.exp(2 * world.information()) - 1) / (2 * k)


def _categories() -> Iterator[Case]:
    def case(name: str, truth: float, codes: Codes, source: str) -> Case:
        got = lambda: information_categorical(codes).value  # noqa: E731
        return Case("information-categorical", name, truth, got, EXACT, EXACT, source)

    for flip in (0.0, 0.1, 0.5, 0.75):
        codes, truth = symmetric_channel(4, flip, 80)
        yield case(f"symmetric channel, 4 values, flip {flip}", truth, codes, "ln 4 - H(flip)")
    uneven = one_hot_codes([0] * 5 + [1] * 3 + [3] * 2, sizes=[4])
    yield case("one-hot, .5 .3 .2", _entropy(0.5, 0.3, 0.2), uneven, "I = H(c)")
    a, b = torch.arange(60) % 2, torch.arange(60) % 3
    both = one_hot_codes(a, b, sizes=[2, 3])
    yield case("two independent categories", math.log(6), both, "ln 2 + ln 3")
    twice = one_hot_codes(a, a, sizes=[2, 2])
    yield case("two copies of a category", math.log(2), twice, "not the sum")
    for p in ([0.2, 0.3, 0.5], [1.0, 0.0, 0.0], [0.25] * 4):
        constant = channel_codes(torch.tensor([p]).expand(30, len(p)))
        yield case(f"constant, {p}", 0.0, constant, "the code does not depend on x")
    copies = lambda: value(information_dimensions(twice, generator(0)))  # noqa: E731
    source = "I + TC = 2 ln 2"
    yield Case("information-dimensions", "two copies", math.log(4), copies, EXACT, EXACT, source)


def _gaussians() -> Iterator[Case]:
    codes, truth = linear_codes(WORLD, N), WORLD.information()
    error = 4 * sampling_error(WORLD, N)
    few, all_of_them = few_images_error(WORLD, 256), few_images_error(WORLD, N)
    lowest = {"": error + all_of_them, "infonce": error + few, "rate": error}
    for part, below in lowest.items():
        got = lambda part=part: value(information(codes, generator(0)), part)  # noqa: E731
        name = f"linear world, {part or 'whole'}"
        yield Case("information", name, truth, got, below, error, PPCA)
    for d, norm in enumerate(WORLD.norms.tolist()):
        exact = math.log1p(norm**2) / 2
        got = lambda d=d: value(information_dimensions(codes, generator(0)), f"dimension-{d}")  # noqa: E731
        near = 4 * math.sqrt(norm**2 / (1 + norm**2) / N)
        yield Case("information-dimensions", f"linear world, {d}", exact, got, near, near, PPCA)
    model = linear_vae(WORLD)
    model.latents = Latents(2, informed=1)
    chosen = lambda: value(information_chosen(model, codes, generator(0)))  # noqa: E731
    near, exact = 4 * math.sqrt(0.9 / N), math.log(10) / 2
    yield Case("information-chosen", "linear world, the first", exact, chosen, near, near, PPCA)
    few = plain_codes(torch.arange(50.0)[:, None] * 100)
    got = lambda: value(information_gaussian(few, generator(0)))  # noqa: E731
    name, source = "50 codes far apart", "at most ln N"
    yield Case("information-gaussian", name, math.log(50), got, 1e-9, 1e-9, source)
    constant = plain_codes(torch.full((200, 1), 5.0).double())
    got = lambda: value(information_gaussian(constant, generator(0)))  # noqa: E731
    yield Case("information-gaussian", "constant, off the prior", 0.0, got, EXACT, EXACT, "I = 0")


def _scaled(codes: Codes, factor: float, offset: float) -> Codes:
    """The same codes in other units and from another origin."""
    return Codes(factor * codes.mean.double() + offset, factor * codes.scale.double())


def _deterministic() -> Iterator[Case]:
    """Codes as good as points: of N images apart ln N, of N images in pairs ln N/2."""
    points = torch.randn(400, 2, generator=generator("points"), dtype=torch.float64)
    pairs = points[torch.arange(400) % 200]
    source = "H of the values of a deterministic code"
    made = {
        "points of width 1e-9": (points, 1e-9, 400),
        "points of width 1e-30": (points, 1e-30, 400),
        "points of width 1e-200": (points, 1e-200, 400),
        "points of width 1e-9, each twice": (pairs, 1e-9, 200),
        "points of 1e-300 and 1e-305": (1e-300 * points, 1e-305, 400),
        "points of 1e150 and 1e130": (1e150 * points, 1e130, 400),
        "integers from 1e8, width 1e-3": (1e8 + torch.arange(400).double()[:, None], 1e-3, 400),
        "float32 from 1e8 in steps of 8": (1e8 + 8 * torch.arange(400.0)[:, None], 0.1, 400),
    }
    for name, (mean, scale, values) in made.items():
        codes = Codes(mean.double(), torch.full_like(mean, scale).double())
        got = lambda codes=codes: value(information(codes, generator(0)))  # noqa: E731
        yield Case("information", name, math.log(values), got, 1e-8, 1e-8, source)
    for part, truth in (("information", math.log(400)), ("total-correlation", math.log(400))):
        codes = Codes(points, torch.full_like(points, 1e-30))
        got = lambda codes=codes, part=part: value(decomposition(codes, generator(0)), part)  # noqa: E731
        yield Case(
            "decomposition", f"points of width 1e-30, {part}", truth, got, 1e-9, 1e-9, source
        )
    codes = Codes(points, torch.full_like(points, 1e-9))
    got = lambda: value(information_dimensions(codes, generator(0)))  # noqa: E731
    name, both = "points of width 1e-9, two dimensions", 2 * math.log(400)
    yield Case("information-dimensions", name, both, got, EXACT, EXACT, "each has ln N")
    yield from _units()


def _units() -> Iterator[Case]:
    """No information changes with units or origin; nor does the regression of its parts."""
    codes = linear_codes(WORLD, 500)
    source = "I(x; z) is that of any one-to-one map of z"
    for factor, offset, near in ((1e-3, 0.0, 1e-9), (1e100, 0.0, 1e-9), (1.0, 1e6, 1e-6)):
        other, name = _scaled(codes, factor, offset), f"times {factor:g} plus {offset:g}"
        for part in ("", "infonce"):
            got = lambda other=other, part=part: (  # noqa: E731
                value(information(other, generator(0)), part)
                - value(information(codes, generator(0)), part)
            )
            yield Case("information", f"{name}, {part or 'whole'}", 0.0, got, near, near, source)


def _decompositions() -> Iterator[Case]:
    for rho in (0.0, 0.5, 0.9):
        codes, truth = correlated_codes(rho, N)
        few = math.expm1(2 * truth["information"]) / (2 * N)  # see `few_images_error`
        variances = {"information": 2, "total-correlation": rho**2, "dimension-wise-kl": 0}
        for part, exact in truth.items():
            near = 4 * math.sqrt(variances[part] / N) + few
            got = lambda codes=codes, part=part: value(decomposition(codes, generator(0)), part)  # noqa: E731
            yield Case("decomposition", f"rho {rho}, {part}", exact, got, near, near, NORMAL)
    codes = plain_codes(torch.full((100, 2), 5.0).double())
    exactly = {"": 25.0, "information": 0.0, "total-correlation": 0.0, "dimension-wise-kl": 25.0}
    for part, exact in exactly.items():
        got = lambda part=part: value(decomposition(codes, generator(0)), part)  # noqa: E731
        name = f"constant, off the prior, {part or 'rate'}"
        yield Case("decomposition", name, exact, got, EXACT, EXACT, "mean^2 / 2 a dimension")
    same = lambda: value(decomposition_stratified(codes, generator(0)))  # noqa: E731
    yield Case("decomposition-stratified", "constant, rate", 25.0, same, EXACT, EXACT, "exact")
    source = "unbiased: Chen et al. (2018), appendix C"
    name = "density over the exact aggregate"
    yield Case("decomposition-stratified", name, 1.0, _mean_ratio, 0.02, 0.02, source)


def _mean_ratio() -> float:
    """The stratified estimate of q(z) over the exact one, averaged over 2,000 batches of 16.

    Its standard deviation in a batch is under .2, so 4 standard errors are under .02.
    """
    q, z = sample(linear_codes(WORLD, 200), generator(0))
    density, exact = q.log_prob(z[:, None]).exp(), log_aggregate(q, z).exp()
    weights, stream = stratified_weights(200, 16), generator("batches")
    batches = (torch.randperm(200, generator=stream)[:16] for _ in range(2000))
    ratios = [(weights * density[i][:, i]).sum(1) / exact[i] for i in batches]
    return float(torch.stack(ratios).mean())


def _decoders() -> Iterator[Case]:
    truth, error = WORLD.information(), 4 * sampling_error(WORLD, N)
    for part, below in (("", truth), ("evidence", error + few_images_error(WORLD, 256))):
        got = lambda part=part: value(_by_decoder(WORLD, N), part)  # noqa: E731
        name = f"linear world, {part or 'plain'}"
        yield Case("information-decoder", name, truth, got, below, error, PPCA)
    sharp = LinearGaussian(dimensions=6, latents=2, scale=0.001)
    got = lambda: value(_by_decoder(sharp, 200))  # noqa: E731
    ceiling, source = math.log(200), "at most ln K, met where no two images are alike"
    yield Case("information-decoder", "sharp, ln K", ceiling, got, 0.05, EXACT, source)
    values = torch.tensor([0] * 50 + [1] * 30 + [2] * 20)
    entropy = _entropy(0.5, 0.3, 0.2)
    seen = _bound(torch.eye(4), one_hot_codes(values, sizes=[4]))
    source = "I(c; x') = H(c) where each value is drawn as an image of its own"
    yield Case("vmi-bound", "distinct images", entropy, seen, 0.02, 1e-6, source)
    random = _bound(9 * torch.eye(4), channel_codes(torch.full((500, 4), 0.25)))
    source = "ln 4 of I(c; x') with no I_q(x; c) at all"
    yield Case("vmi-bound", "a random code drawn well", math.log(4), random, 0.02, 1e-6, source)
    constant = one_hot_codes([3] * 100, sizes=[4])
    for part, truth in (("categorical", 0.0), ("published", math.log(4))):
        got, name = _bound(torch.eye(4), constant, part), f"a constant code, {part}"
        source = "a constant tells nothing, though ln K + E log Q says ln K"
        yield Case("vmi-bound", name, truth, got, 0.05, 0.0, source)


def _by_decoder(world: LinearGaussian, n: int) -> list[Estimate]:
    model, images = linear_vae(world), linear_images(world, n)
    return information_decoder(model, linear_codes(world, n), images, generator(0))


def _bound(weight: Tensor, codes: Codes, part: str = "") -> Callable[[], float]:
    """The bound of a model whose decoded image is `weight` times the code."""

    def got() -> float:
        model = VAE((1, 1, len(weight)), Latents(0, (weight.shape[1],)), "linear", "gaussian")
        model.decoder.net[0].weight.data.copy_(weight)
        model.decoder.net[0].bias.data.zero_()
        model.eval().requires_grad_(False)
        made = vmi_bound(model, codes, codes, generator(0), steps=300, learning_rate=0.05)
        return value(made, part)

    return got


def _entropy(*probabilities: float) -> float:
    return -sum(p * math.log(p) for p in probabilities)
