"""How much does a latent code know? VAEs, their mutual information and log-likelihood."""

from vmi.version import __version__

__all__ = ["__version__"]
