"""Models: each is a VAE that differs by its objective."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from vmi.errors import UserError, reason
from vmi.registry import Registry

if TYPE_CHECKING:
    from vmi.models.vae import VAE
    from vmi.nets.latents import Latents

__all__ = ["MODELS", "make"]

MODELS = Registry(
    "model",
    {
        "vae": "vmi.models.vae:VAE",
        "beta-vae": "vmi.models.beta_vae:BetaVAE",
        "weighted-vae": "vmi.models.weighted_vae:WeightedVAE",
        "info-vae": "vmi.models.info_vae:InfoVAE",
        "vmi-vae": "vmi.models.vmi_vae:VMIVAE",
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
