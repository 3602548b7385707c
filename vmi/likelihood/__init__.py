"""Log-likelihood of a model, in nats an image."""

from vmi.cards import Card
from vmi.registry import Registry

__all__ = ["LOG_LIKELIHOODS"]

BOUND = {"better": "up", "heading": "Log-likelihood", "unit": "nats", "of_prior": True}

LOG_LIKELIHOODS = Registry(
    "metric",
    {
        "elbo": Card(
            "vmi.likelihood.bounds:elbo",
            name="log p(x) ≥, ELBO",
            reading="a lower bound on the log-likelihood of the images, minus (distortion + rate); "
            "compare likelihoods within one data set only.",
            headline=True,
            parts={
                "distortion": Card(name="distortion", better="down", unit="nats"),
                "rate": Card(name="rate", unit="nats"),
            },
            **BOUND,
        ),
        "iwae": Card(
            "vmi.likelihood.bounds:iwae",
            name="log p(x) ≥, IWAE k = 100",
            numbered="log p(x) ≥, IWAE k = #",
            reading="the importance-weighted lower bound on the log-likelihood, which tightens the "
            "ELBO with k samples, so compare equal k only. A high number of effective samples is "
            "necessary and not sufficient: it knows nothing of the codes that the encoder misses.",
            headline=True,
            parts={
                "ess": Card(
                    name="effective samples, IWAE k = 100",
                    numbered="effective samples, IWAE k = #",
                )
            },
            **BOUND,
        ),
        "iwae-summed": Card(
            "vmi.likelihood.summed:iwae_summed",
            name="log p(x) ≥, IWAE k = 100, categories summed",
            numbered="log p(x) ≥, IWAE k = #, categories summed",
            reading="the importance-weighted bound with the categories summed out exactly.",
            **BOUND,
        ),
        "iwae-flattering": Card(
            "vmi.likelihood.flattering:iwae_flattering",
            name="log p(x), flattering plug-in, k = 100",
            numbered="log p(x), flattering plug-in, k = #",
            reading="what is often reported under a prior that is bent by a weight: no bound, as "
            "its normaliser is estimated, and the number comes out too high.",
            heading="Log-likelihood",
            unit="nats",
            of_prior=True,
            parts={
                "excess": Card(
                    name="plug-in beyond the bound, k = 100",
                    numbered="plug-in beyond the bound, k = #",
                    unit="nats",
                )
            },
        ),
        "ais": Card(
            "vmi.likelihood.annealed:ais",
            name="log p(x) ≥, AIS",
            numbered="log p(x) ≥, AIS, # temperatures",
            reading="a lower bound on the log-likelihood by annealing, which needs no good "
            "encoder.",
            **BOUND,
        ),
        "bdmc": Card(
            "vmi.likelihood.annealed:bdmc",
            name="log p(x) ≤, BDMC, simulated",
            numbered="log p(x) ≤, BDMC, # temperatures, simulated",
            reading="an upper bound on the log-likelihood of images that the model itself makes; "
            "the gap to its lower bound says how well annealing works.",
            heading="Log-likelihood",
            unit="nats",
            of_prior=True,
            parts={
                "lower": Card(name="log p(x) ≥, AIS, simulated", unit="nats"),
                "gap": Card(name="BDMC gap", unit="nats"),
            },
        ),
    },
)
