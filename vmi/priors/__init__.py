"""Priors: what a frozen model's codes may be drawn from, each fitted to its aggregate posterior."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from vmi.cards import Card
from vmi.errors import UserError
from vmi.references import asked_for
from vmi.registry import Registry

if TYPE_CHECKING:
    from torch import Generator, nn

    from vmi.nets.codes import Codes
    from vmi.nets.latents import Latents
    from vmi.priors.prior import Prior

__all__ = ["OFFERED", "PRIORS", "fit", "make"]

OFFERED = ("codes", "generator", "model")  # to a fit, by the names of its parameters

PRIORS = Registry(
    "prior",
    {
        "standard": Card(
            "vmi.priors.standard:Standard",
            name="N(0, I)",
            reading="the prior of the training, N(0, I) and uniform.",
        ),
        "ncp": Card(
            "vmi.priors.ncp:NoiseContrastive",
            name="NCP",
            numbered="NCP, M = #",
            reading="N(0, I) bent by a discriminator's odds; its draws are the best of M.",
        ),
        "mixture": Card(
            "vmi.priors.mixture:Mixture",
            name="mixture of 10",
            numbered="mixture of #",
            reading="a mixture of Gaussians with full covariances, fitted after the training.",
        ),
        "vamp": Card(
            "vmi.priors.vamp:Vamp",
            name="VampPrior, K = 500",
            numbered="VampPrior, K = #",
            reading="the posteriors of K images that are learned after the training.",
        ),
        "two-stage": Card(
            "vmi.priors.two_stage:TwoStage",
            name="two-stage",
            reading="a second VAE, of the codes of the first.",
        ),
        "flow": Card(
            "vmi.priors.flow:Flow",
            name="flow",
            reading="a neural spline flow, fitted after the training.",
        ),
        "aggregate": Card(
            "vmi.priors.aggregate:Aggregate",
            name="aggregate of 1000",
            numbered="aggregate of #",
            reading="the exact mixture of so many training codes.",
        ),
    },
)


def make(latents: "Latents", prior: Mapping[str, Any]) -> "Prior":
    """Creates a prior that nothing was fitted to, from its entry in a suite.

    Args:
        latents: What a code is made of.
        prior: Its name under "prior", and its own settings.

    Raises:
        UserError: A name or a setting is unknown, or there is no such prior of such a code.
    """
    settings = {key: value for key, value in prior.items() if key != "prior"}
    made = PRIORS.make(prior["prior"], latents, settings=settings)
    for method in ("fit", "sample", "log_prob", "load", "bound"):
        if not hasattr(made, method):
            raise UserError(
                f"prior {prior['prior']!r} has no {method!r}: inherit from vmi.priors.prior.Prior"
            )
    asked_for(prior["prior"], made.fit, OFFERED, PRIORS.kind)
    return made


def fit(prior: "Prior", codes: "Codes", generator: "Generator", model: "nn.Module") -> "Prior":
    """Fits a prior to codes by what its `fit` asks for; returns it, frozen.

    Args:
        prior: From `make`.
        codes: Of training images.
        generator: Of all that is random in the fit.
        model: The frozen model that the codes are of.

    Raises:
        NotApplicable: The codes are none that such a prior can be fitted to.
    """
    offered = {"codes": codes, "generator": generator, "model": model}
    prior.fit(**{name: offered[name] for name in asked_for("", prior.fit, OFFERED, PRIORS.kind)})
    return prior.frozen()
