"""Models: each is a VAE that differs by its objective."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from vmi.errors import UserError, reason
from vmi.registry import Registry

if TYPE_CHECKING:
    from vmi.models.vae import VAE

__all__ = ["MODELS", "make"]

MODELS = Registry(
    "model",
    {
        "vae": "vmi.models.vae:VAE",
        "beta-vae": "vmi.models.beta_vae:BetaVAE",
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
    """Creates a freshly initialised model from what a suite says of it.

    Args:
        shape: (C, H, W) of an image.
        model: Its name under "model", and its own settings.
        latents: Fields of `Latents`; "temperature" holds fields of `Temperature`.
        network: Name of a family of networks.
        likelihood: Name of p(x|z).

    Raises:
        UserError: A name or a setting is unknown, or the model cannot be made with them.
    """
    from vmi.nets.latents import Latents  # imports torch, which listing the names does not need
    from vmi.nets.temperature import Temperature

    settings = {key: value for key, value in model.items() if key != "model"}
    MODELS.check(model["model"], settings)
    make_model, carried = MODELS.load(model["model"])
    categorical = tuple(latents.get("categorical", ()))
    try:
        temperature = Temperature(**latents.get("temperature", {}))
        code = Latents(**{**latents, "temperature": temperature, "categorical": categorical})
        return make_model(shape, code, network, likelihood, **carried, **settings)
    except UserError:
        raise
    except Exception as error:  # a user's model can fail in any way; all of them are theirs to mend
        raise UserError(f"model {model['model']!r}: {reason(error)}") from error
