"""Log-likelihood of a model, in nats an image."""

from vmi.registry import Registry

__all__ = ["LOG_LIKELIHOODS"]

LOG_LIKELIHOODS = Registry(
    "metric",
    {
        "elbo": "vmi.likelihood.bounds:elbo",
        "iwae": "vmi.likelihood.bounds:iwae",
        "iwae-summed": "vmi.likelihood.summed:iwae_summed",
        "ais": "vmi.likelihood.annealed:ais",
        "bdmc": "vmi.likelihood.annealed:bdmc",
    },
)
