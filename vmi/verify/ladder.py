"""The closed-form ladder: one world in which every number there is has a truth on paper.

Information between two arrays, information of a model and log-likelihood, all on a `LinearGaussian`
of two factors and two pixels, with the exact encoder and decoder.
"""

import inspect
import math
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache, partial

import torch

from vmi import mi
from vmi.data.gaussian import LinearGaussian
from vmi.errors import NotApplicable, reason
from vmi.estimate import Estimate
from vmi.likelihood.annealed import ais, bdmc, simulate
from vmi.likelihood.bounds import elbo, iwae
from vmi.mi.aggregate import information, information_dimensions
from vmi.mi.decoder import information_decoder
from vmi.mi.decomposition import decomposition, decomposition_stratified
from vmi.random import generator
from vmi.records import Place, Record
from vmi.verify.case import Case
from vmi.verify.model import few_images_error, sampling_error
from vmi.verify.parts import listed, value
from vmi.verify.worlds import linear_codes, linear_images, linear_vae

__all__ = ["WORLD", "cases", "ladder", "measured"]

# Two pixels and .70 nats, so that neither dimension nor the number of pairs is what is tested.
WORLD = LinearGaussian(dimensions=2, latents=2, scale=2.0)
TRUTH = WORLD.information()
PAIRS = 5000  # of images and factors
IMAGES = 2000  # encoded
WALKED = 100  # images whose log-likelihood is estimated
SOURCE = "Tipping & Bishop (1999), https://doi.org/10.1111/1467-9868.00196"
EXACT = 1e-9
ELBO_SAMPLES = 10
WALK = 0.02  # what 200 temperatures and 4 chains may leave, with their noise over 100 images


@dataclass(frozen=True)
class Rung:
    """A number of the ladder: its truth, and by how much it may be off on either side.

    Attributes:
        metric: The registered name.
        part: Of its estimates.
        truth: On paper.
        below: The stated interval: 4 standard errors on paper, and what is owed to few samples.
        above: The same, on the other side.
    """

    metric: str
    part: str
    truth: float
    below: float
    above: float


def ladder() -> list[Record]:
    """Measures everything on the world; each record has its truth.

    Estimators of two arrays that want a third, or that do not apply to reals, are left out; one
    that fails is a row with its error.
    """
    metrics = {rung.metric: None for rung in _of_models()} | dict.fromkeys(_estimators())
    return [record for metric in metrics for record in _records(metric)]


def cases() -> list[Case]:
    """Returns the rungs whose interval is declared; those of one metric are measured together."""
    return [
        Case(r.metric, _name(r), r.truth, partial(_got, r), r.below, r.above, SOURCE)
        for r in (*_of_models(), *_of_arrays())
    ]


def _name(rung: Rung) -> str:
    return f"ladder, {rung.part}" if rung.part else "ladder"


def _got(rung: Rung) -> float:
    made, _ = measured(rung.metric)
    return value(made, rung.part)


def _records(metric: str) -> Iterator[Record]:
    made, seconds = measured(metric)
    truths = {r.part: r.truth for r in _of_models() if r.metric == metric} or {"": TRUTH}
    where = Place("ladder", "linear-gaussian", "exact")
    for estimate in made:
        truth = truths.get(estimate.part, math.nan)
        yield Record.of(where, metric, estimate, truth=truth, seconds=seconds)


@cache
def measured(metric: str) -> tuple[list[Estimate], float]:
    """Returns what an instrument says of the world, and the seconds it took; once a process."""
    began = time.perf_counter()
    measure = _models().get(metric) or partial(_between_arrays, metric)
    return measure(generator("ladder", metric)), time.perf_counter() - began


# ---------------------------------------------------------------- two arrays: images and factors

NEIGHBOURS = 0.02  # what kNN estimators owe to k and N, in two and two dimensions
CRITIC = 0.15  # what a critic or a density fitted on 3,000 pairs may leave

LOWER = ("ba", "dv", "infonce", "interpolated", "mine", "nwj", "nwj-js", "tuba")
# For each estimator: the share of the pairs it reports on, and what it may owe below and above.
ARRAYS = {
    "cca": (1.0, 2 * 2 / (2 * PAIRS), 2 * 2 / (2 * PAIRS)),
    "ksg": (1.0, NEIGHBOURS, NEIGHBOURS),
    "ksg-euclidean": (1.0, NEIGHBOURS, NEIGHBOURS),
    "ksg2": (1.0, NEIGHBOURS, NEIGHBOURS),
    "mixed-ksg": (1.0, NEIGHBOURS, NEIGHBOURS),
    **dict.fromkeys(LOWER, (0.2, CRITIC, 0.0)),
    **dict.fromkeys(("doe", "minde", "smile"), (0.2, CRITIC, CRITIC)),
    "club": (0.2, 0.0, math.inf),  # an upper bound, however loose
}


def _estimators() -> list[str]:
    """The estimators that are registered and mean something for two arrays of reals."""
    return [name for name in mi.ESTIMATORS if measured(name)[0]]


def _of_arrays() -> Iterator[Rung]:
    for name, (share, below, above) in ARRAYS.items():
        if name in mi.ESTIMATORS:
            error = 4 * sampling_error(WORLD, round(share * PAIRS))
            yield Rung(name, "", TRUTH, below + error, above + error)


def _between_arrays(name: str, stream: torch.Generator) -> list[Estimate]:
    estimator, settings = mi.ESTIMATORS.load(name)
    x, y = WORLD.sample(PAIRS, generator("ladder", "pairs"))
    offered = {"x": x.numpy(), "y": y.numpy(), "generator": stream}
    parameters = inspect.signature(estimator).parameters.values()
    wanted = [p.name for p in parameters if p.kind is not p.KEYWORD_ONLY]
    if not offered.keys() >= set(wanted):
        return []
    try:
        made = estimator(*(offered[w] for w in wanted), **settings)
    except NotApplicable:
        return []
    except Exception as error:  # a failure is a row; the other rungs stand
        return [Estimate.failed(reason(error))]
    return made if isinstance(made, list) else [made]


# ---------------------------------------------------------------- the exact model


def _models() -> dict[str, Callable[[torch.Generator], list[Estimate]]]:
    """For each metric of a model, what measures it on the world."""
    codes, model = linear_codes(WORLD, IMAGES), linear_vae(WORLD)
    encoded, images = linear_images(WORLD, IMAGES), linear_images(WORLD, WALKED)
    return {
        "information": lambda g: information(codes, g),
        "information-dimensions": lambda g: information_dimensions(codes, g),
        "information-decoder": lambda g: information_decoder(model, codes, encoded, g),
        "decomposition": lambda g: decomposition(codes, g),
        "decomposition-stratified": lambda g: decomposition_stratified(codes, g),
        "elbo": lambda g: elbo(model, images, g, samples=ELBO_SAMPLES),
        "iwae-5": lambda g: listed(iwae(model, images, g, k=5)),
        "iwae-50": lambda g: listed(iwae(model, images, g, k=50)),
        "ais": lambda g: listed(ais(model, images, g)),
        "bdmc": lambda g: bdmc(model, images, g),
    }


@cache
def _of_models() -> tuple[Rung, ...]:
    return (*_informations(), *_decompositions(), *_likelihoods())


def _informations() -> Iterator[Rung]:
    error, few = 4 * sampling_error(WORLD, IMAGES), few_images_error(WORLD, 256)
    whole = error + few_images_error(WORLD, IMAGES)
    yield Rung("information", "", TRUTH, whole, error)
    yield Rung("information", "infonce", TRUTH, error + few, error)
    yield Rung("information", "rate", TRUTH, error, error)
    yield Rung("information-dimensions", "", TRUTH, whole, error)
    for d, share in enumerate(_shares()):
        near = 4 * math.sqrt(share / IMAGES) + few_images_error(WORLD, IMAGES)
        yield Rung("information-dimensions", f"dimension-{d}", -math.log1p(-share) / 2, near, near)
    yield Rung("information-decoder", "", TRUTH, TRUTH + error, error)  # below 0 it is vacuous
    yield Rung("information-decoder", "evidence", TRUTH, error + few, error)


def _decompositions() -> Iterator[Rung]:
    """The logarithm of an estimate from batches of 64 may owe what 64 images do, to one side."""
    error, few = 4 * sampling_error(WORLD, IMAGES), few_images_error(WORLD, IMAGES)
    batch = few_images_error(WORLD, 64)
    for name, owed in (("decomposition", few), ("decomposition-stratified", batch)):
        yield Rung(name, "", TRUTH, error, error)
        yield Rung(name, "information", TRUTH, error + few, error + owed)
        yield Rung(name, "total-correlation", 0.0, owed + few, owed + few)
        yield Rung(name, "dimension-wise-kl", 0.0, owed + few, few)


def _likelihoods() -> Iterator[Rung]:
    r"""With the exact encoder each weight is p(x), so all but sampled distortions are exact.

    Over a posterior, the variance of log p(x|z) is :math:`\rho^2 (1 - \rho^2) + \rho^4 / 2` a
    factor, on average over images.
    """
    images = linear_images(WORLD, WALKED)
    truth = float(WORLD.log_prob(images).mean())
    spread = sum(r * (1 - r) + r**2 / 2 for r in _shares())
    error = 4 * math.sqrt(spread / (ELBO_SAMPLES * WALKED))
    posterior = WORLD.posterior(images).base_dist
    mean, variance = posterior.mean, posterior.variance
    rate = float((mean**2 + variance - 1 - variance.log()).sum(1).mean()) / 2
    yield Rung("elbo", "", truth, error, error)
    yield Rung("elbo", "rate", rate, EXACT, EXACT)
    yield Rung("elbo", "distortion", -truth - rate, error, error)
    for k in (5, 50):
        yield Rung(f"iwae-{k}", "", truth, EXACT, EXACT)
    yield Rung("ais", "", truth, WALK, WALK)
    simulated, _ = simulate(linear_vae(WORLD), images, generator("ladder", "bdmc"))
    truth = float(WORLD.log_prob(simulated).mean())
    yield Rung("bdmc", "", truth, WALK, WALK)
    yield Rung("bdmc", "lower", truth, WALK, WALK)
    yield Rung("bdmc", "gap", 0.0, WALK, WALK)


def _shares() -> list[float]:
    """The squared correlation of each factor with what the images say of it."""
    return (WORLD.norms**2 / (WORLD.norms**2 + WORLD.scale**2)).tolist()
