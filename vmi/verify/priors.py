"""Known answers of fitted priors: densities that integrate to 1, and what they win."""

from collections.abc import Callable, Iterator
from functools import cache, partial
from importlib.util import find_spec

import torch
from torch import Tensor

from vmi import priors
from vmi.models.vae import VAE
from vmi.nets.codes import Codes
from vmi.nets.latents import Latents
from vmi.priors.prior import Prior
from vmi.random import generator
from vmi.verify.case import Case
from vmi.verify.tilts import SPACING, KnownOdds, clusters, divergence, draws, grid
from vmi.verify.worlds import channel_codes

__all__ = ["cases", "fitted"]

N = 400  # codes
FINE = (1.0, 0.002, 0.05)  # of a grid on which densities are exact, by dimension: splines bend
DRAWS = 30_000
ESTIMATES = 200_000  # of a density, at all points of a grid together
EXACT, SINGLE = 1e-9, 1e-3  # what float64 and float32 leave of an integral


def cases() -> list[Case]:
    """Returns the known answers of fitted priors."""
    return [*_normalised(), *_learned()]


def joint(n: int = N) -> Codes:
    """The same in one dimension, with a category of three values that goes along with the side."""
    codes = clusters(1, n)
    likely = (codes.mean[:, 0] > 0).long()
    return Codes(codes.mean, codes.scale, (0.1 + 0.7 * torch.eye(3, dtype=torch.float64)[likely],))


@cache
def fitted(name: str, kind: str, steps: int = 1000) -> Prior:
    """A prior fitted to the codes of that kind, in so many steps if in any; once a process."""
    codes = CODES[kind]()
    sizes = tuple(p.shape[1] for p in codes.categorical)
    latents = Latents(codes.mean.shape[1], sizes, groups=GROUPS.get(kind, ()))
    with torch.random.fork_rng():
        torch.manual_seed(0)
        model = VAE((1, 4, 4), latents, "dense-16").eval().requires_grad_(False)
    prior = priors.make(latents, {"prior": name})
    if hasattr(prior, "steps"):
        prior.steps = steps
    return priors.fit(prior, codes, generator("fit", name), model)


CODES: dict[str, Callable[[], Codes]] = {
    "one dimension": partial(clusters, 1),
    "two dimensions": partial(clusters, 2),
    "a category": lambda: channel_codes(torch.tensor([[0.7, 0.2, 0.1]]).double().expand(N, 3)),
    "a joint code": joint,
    "two groups": partial(clusters, 2, along=2),
}
GROUPS = {"two groups": (1, 1)}


# ---------------------------------------------------------------- every density integrates to 1

FITTED = {  # and by how much the integral may differ from 1
    "standard": EXACT,
    "aggregate-100": EXACT,
    "mixture-3": EXACT,
    "vamp-20": EXACT,
    "ncp-20": 0.05,  # four standard errors of the fewest estimates, in two dimensions
    "two-stage-20": 0.05,
    **({"flow": SINGLE} if find_spec("zuko") else {}),
}
OF_GAUSSIANS = ("mixture", "flow")


def _normalised() -> Iterator[Case]:
    for name, error in FITTED.items():
        for kind in CODES:
            if kind in GROUPS and not name.startswith("ncp"):
                continue  # to all others a code with groups is one without
            if kind != "a category" or not name.startswith(OF_GAUSSIANS):
                got = partial(_integral, name, kind)
                source = "a density"
                yield Case(name, f"integral over {kind}", 1.0, got, error, error, source)
        near = 0.02 if error > SINGLE else 0.012  # four standard errors of DRAWS, and of estimates
        share = partial(_share, name)
        yield Case(name, "draws beyond .625 as the density has it", 0.0, share, near, near, source)


def _integral(name: str, kind: str) -> float:
    r"""Of a density whose estimates are random, averaged over as many of them as there are columns.

    The points lie .25 apart, which is exact for Gaussians as wide as .3: the error of the sum is of
    the order of :math:`e^{-2 \pi^2 (.3 / .25)^2}`.
    """
    _, density = _densities(name, kind)
    return float(density.sum())


def _share(name: str) -> float:
    """How much more often draws lie beyond .625, which is between points, than by the density."""
    z, density = _densities(name, "one dimension")
    drawn = fitted(name, "one dimension", steps=100).sample(DRAWS, generator("share", name))
    return float((drawn[:, 0] > 0.625).double().mean() - density[z[:, 0] > 0.625].sum())


@cache
def _densities(name: str, kind: str) -> tuple[Tensor, Tensor]:
    """Points of a grid, and the probability of the volume that each stands for."""
    prior = fitted(name, kind, steps=100)
    gaussian, sizes = prior.latents.gaussian, prior.latents.categorical
    points, volume = grid(gaussian, SPACING if prior.bound == "lower" else FINE[gaussian])
    values = torch.eye(sizes[0] if sizes else 1, dtype=torch.float64)[:, : sum(sizes)]
    z = torch.cat([points.repeat_interleave(len(values), 0), values.repeat(len(points), 1)], 1)
    cost = len(z) * getattr(prior, "samples", 1)
    columns = 1 if prior.bound == "exact" else max(1, ESTIMATES // cost)
    many, noise = z[:, None].expand(-1, columns, -1), generator("integral", name, kind)
    with torch.no_grad():
        if kind in GROUPS:  # every point with proposals of its own, whose errors average out
            log_p = prior.log_prob(many.flatten(0, 1), noise).view(-1, columns)
        else:
            log_p = prior.log_prob(many, noise)
    return z, log_p.exp().mean(1) * volume


def _learned() -> Iterator[Case]:
    """What fitted priors win of q on draws of it; none may pass the divergence."""
    owed = {"aggregate-400": 0.02, "mixture-2": 0.03, "ncp-1000": 0.06, "two-stage": 0.3}
    owed |= {"flow": 0.08} if find_spec("zuko") else {}
    truth = divergence(dimensions=2)
    for name, below in owed.items():

        def won(name: str = name) -> float:
            return _won(name, "two dimensions")

        source = "E_q log p'(z) / p(z) = KL(q || p) - KL(q || p')"
        yield Case(name, "what it wins of two clusters", truth, won, below, 0.05, source)
    truth, got = divergence(dimensions=2, along=2), partial(_won, "ncp-1000", "two groups")
    yield Case("ncp-1000", "what it wins group by group", truth, got, 0.1, 0.05, source)


def _won(name: str, kind: str) -> float:
    """What a fitted prior wins of 4,000 draws of q."""
    z, prior = draws(KnownOdds(CODES[kind]()), 4000), fitted(name, kind)
    with torch.no_grad():
        return float(prior.gain(z, generator("learned", name)).mean())
