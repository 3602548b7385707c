"""Models: each is a VAE that differs by its objective."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from vmi.cards import Card
from vmi.errors import UserError, reason
from vmi.registry import Registry

if TYPE_CHECKING:
    from vmi.models.vae import VAE
    from vmi.nets.latents import Latents

__all__ = ["MODELS", "make"]

# The terms of training, as the objectives call them.
TERMS = {
    "loss": Card(name="loss", unit="nats"),
    "distortion": Card(name="distortion", unit="nats"),
    "rate": Card(name="rate", unit="nats"),
    "rate_categorical": Card(name="rate, categorical", unit="nats"),
    "rate_gaussian": Card(name="rate, Gaussian", unit="nats"),
}

MODELS = Registry(
    "model",
    {
        "vae": Card(
            "vmi.models.vae:VAE",
            name="VAE",
            reading="the variational autoencoder: its loss is minus the ELBO.",
            parts=TERMS,
        ),
        "beta-vae": Card(
            "vmi.models.beta_vae:BetaVAE",
            name="β-VAE",
            numbered="β-VAE (β = #)",
            reading="the VAE that pays β for a nat of its rate.",
            parts=TERMS,
        ),
        "weighted-vae": Card(
            "vmi.models.weighted_vae:WeightedVAE",
            name="VAE, weighted rate",
            reading="the VAE that pays a price of its own for each part of its rate, and has no Q.",
            parts=TERMS,
        ),
        "hierarchical-vae": Card(
            "vmi.models.hierarchical_vae:HierarchicalVAE",
            name="hierarchical VAE",
            numbered="hierarchical VAE, # groups",
            reading="the VAE whose code has groups, each drawn given those above it; what is "
            "measured is the code in units of its prior.",
            parts=TERMS,
        ),
        "info-vae": Card(
            "vmi.models.info_vae:InfoVAE",
            name="InfoVAE",
            reading="the VAE whose aggregate posterior is drawn to the prior.",
            parts={**TERMS, "mmd": Card(name="MMD²")},
        ),
        "vmi-vae": Card(
            "vmi.models.vmi_vae:VMIVAE",
            name="VMI-VAE",
            reading="the VAE whose decoded images must tell the chosen components of their codes.",
            parts={
                **TERMS,
                "missing_categorical": Card(name="Q's cross-entropy, categorical", unit="nats"),
                "missing_gaussian": Card(name="Q's cross-entropy, Gaussian", unit="nats"),
                "entropy_categorical": Card(name="H of the batch's category", unit="nats"),
            },
        ),
    },
)


def make(
    shape: tuple[int, int, int],
    model: Mapping[str, Any],
    latents: Mapping[str, Any],
    network: str,
    likelihood: str,
) -> "VAE":
    """Creates a freshly initialised model from its entry in a suite.

    Args:
        shape: (C, H, W) of an image.
        model: Its name under "model", and its own settings.
        latents: Fields of `Latents`; "temperature" holds fields of `Temperature`.
        network: Name of a family of networks.
        likelihood: Name of p(x|z).

    Raises:
        UserError: A name or a setting is unknown, or the model cannot be made with them.
    """
    settings = {key: value for key, value in model.items() if key != "model"}
    arguments = (shape, _latents(latents), network, likelihood)
    return MODELS.make(model["model"], *arguments, settings=settings)


def _latents(fields: Mapping[str, Any]) -> "Latents":
    from vmi.nets.latents import Latents  # imports torch, which listing the names does not need
    from vmi.nets.temperature import Temperature

    categorical = tuple(fields.get("categorical", ()))
    try:
        temperature = Temperature(**fields.get("temperature", {}))
        return Latents(**{**fields, "temperature": temperature, "categorical": categorical})
    except (TypeError, ValueError) as error:
        raise UserError(f"latents: {reason(error)}") from error
