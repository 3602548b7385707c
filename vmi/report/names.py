"""Names as a person reads them: one dict; a name that is not in it is shown as it is."""

import re
from typing import Literal

__all__ = ["NAMES", "aim", "binarisation", "display", "family", "label", "number", "stem"]

# "#" stands for the number that a name carries: "iwae-#" covers iwae-100 and iwae-5000.
NAMES: dict[str, str] = {
    # models
    "vae": "VAE",
    "beta-vae": "β-VAE",
    "beta-vae-#": "β-VAE (β = #)",
    "info-vae": "InfoVAE",
    "vmi-vae": "VMI-VAE",
    "vmi-#": "VMI-VAE, w = #",
    "prior-#": "Q on prior, w = #",
    "no-q-#": "no Q, pays #",
    "published-vae": "VAE (as published)",
    "published-vmi-#": "VMI-VAE, w = # (as published)",
    "published-prior-#": "Q on prior, w = # (as published)",
    "published-no-q-#": "no Q, pays # (as published)",
    "gaussian-vae": "VAE, Gaussian code",
    "gaussian-vmi": "VMI-VAE, Gaussian code",
    "gaussian-no-q": "no Q, Gaussian code",
    # metrics
    "mig": "MIG",
    "active-units": "active units",
    "accuracy-majority": "accuracy, majority label",
    "information": "I(x; z)",
    "information/infonce": "I(x; z) ≥, InfoNCE",
    "information/rate": "I(x; z) ≤, rate",
    "information-categorical": "I(x; c), categorical",
    "information-gaussian": "I(x; z), Gaussian",
    "information-gaussian/infonce": "I(x; z) ≥, Gaussian, InfoNCE",
    "information-gaussian/rate": "I(x; z) ≤, Gaussian, rate",
    "vmi-bound": "VMI bound",
    "vmi-bound/categorical": "VMI bound, categorical",
    "vmi-bound/gaussian": "VMI bound, Gaussian",
    "vmi-bound/entropy": "VMI bound, entropy of the code",
    "vmi-bound-#/entropy-categorical": "H(q(c))",
    "vmi-bound/published": "ln K + E log Q, as plotted by the authors",
    "elbo": "log p(x) ≥, ELBO",
    "elbo/distortion": "distortion",
    "elbo/rate": "rate",
    "iwae": "log p(x) ≥, IWAE k = 100",  # the samples that it takes unless told otherwise
    "iwae/ess": "effective samples, IWAE k = 100",
    "iwae-#": "log p(x) ≥, IWAE k = #",
    "iwae-#/ess": "effective samples, IWAE k = #",
    "iwae-summed": "log p(x) ≥, IWAE k = 100, categories summed",
    "iwae-summed-#": "log p(x) ≥, IWAE k = #, categories summed",
    "ais": "log p(x) ≥, AIS",
    "ais-#": "log p(x) ≥, AIS, # temperatures",
    "bdmc": "log p(x) ≤, BDMC, simulated",
    "bdmc-#": "log p(x) ≤, BDMC, # temperatures, simulated",
    "bdmc/lower": "log p(x) ≥, AIS, simulated",
    "bdmc/gap": "BDMC gap",
    "information-chosen": "I(x; c), chosen components",
    "information-chosen/infonce": "I(x; c) ≥, chosen components, InfoNCE",
    "information-chosen/rate": "I(x; c) ≤, chosen components, rate",
    "information-decoder": "I(x; z) ≥, decoder",
    "information-dimensions": "sum of I(x; z_d)",
    "information-dimensions/dimension-#": "I(x; z_#)",
    "information-dimensions/category-#": "I(x; c_#)",
    "decomposition": "rate, decomposed",
    "decomposition/information": "rate: information",
    "decomposition/total-correlation": "rate: total correlation",
    "decomposition/dimension-wise-kl": "rate: dimension-wise KL",
    "mig-quantile": "MIG, quantile bins",
    "mig-posterior": "MIG, posteriors",
    "mig-binned-factors": "MIG, factors binned",
    "mig-binned-factors-quantile": "MIG, factors binned, quantiles",
    "mig-code-entropy": "MIG / H(code)",
    "mig-code-entropy-quantile": "MIG / H(code), quantiles",
    "mig-sup": "MIG-sup",
    "jemmig": "JEMMIG",
    "dcimig": "DCIMIG",
    "modularity": "modularity",
    "irs": "IRS",
    "infomec": "InfoMEC",
    "infomec/modularity": "InfoM",
    "infomec/explicitness": "InfoE",
    "infomec/compactness": "InfoC",
    "dci": "DCI disentanglement",
    "dci/completeness": "DCI completeness",
    "dci/informativeness": "DCI informativeness",
    "dci-boosted": "DCI disentanglement, boosted",
    "dci-boosted/completeness": "DCI completeness, boosted",
    "dci-boosted/informativeness": "DCI informativeness, boosted",
    "sap": "SAP",
    "beta-vae-score": "β-VAE score",
    "factor-vae-score": "FactorVAE score",
    "accuracy-hungarian": "accuracy, one-to-one",
    "accuracy-one-to-one": "accuracy, one-to-one, fitted in training",
    "nmi": "NMI",
    "ari": "ARI",
    "linear-probe": "accuracy, linear probe",
    "udr": "UDR",
    "temperature": "temperature, mean of the steps",
    "temperature/moved": "temperature, share of steps below the start",
    "temperature/last": "temperature, last step",
    # estimators
    "ksg": "KSG-1, k = 3",
    "ksg-#": "KSG-1, k = #",
    "ksg2": "KSG-2, k = 3",
    "ksg2-#": "KSG-2, k = #",
    "mixed-ksg": "mixed KSG, k = 3",
    "mixed-ksg-#": "mixed KSG, k = #",
    "conditional-ksg": "conditional KSG, k = 3",
    "conditional-ksg-#": "conditional KSG, k = #",
    "plug-in": "plug-in",
    "miller-madow": "Miller-Madow",
    "cca": "CCA",
    "ba": "BA",
    "doe": "DoE",
    "club": "CLUB",
    "dv": "DV",
    "mine": "MINE",
    "nwj": "NWJ",
    "nwj-js": "NWJ, JS-trained",
    "tuba": "TUBA",
    "infonce": "InfoNCE",
    "infonce-#": "InfoNCE, K = #",
    "smile": "SMILE",
    "minde": "MINDE",
    # terms of training
    "loss": "loss",
    "distortion": "distortion",
    "rate": "rate",
    "rate_categorical": "rate, categorical",
    "rate_gaussian": "rate, Gaussian",
    "mmd": "MMD²",
    "missing_categorical": "Q's cross-entropy, categorical",
    "missing_gaussian": "Q's cross-entropy, Gaussian",
    "entropy_categorical": "H of the batch's category",
    # pictures
    "pictures/reconstructions": "Reconstructions",
    "pictures/samples": "Samples from the prior",
    "pictures/traversals": "Traversals of the code",
    "pictures/sweeps": "Sweeps of reconstructions, −5 to 5",
    "pictures/sweeps-#": "Sweeps of reconstructions, −# to #",
    "pictures/sweeps-prior": "Sweeps of prior draws, −5 to 5",
    "pictures/sweeps-prior-#": "Sweeps of prior draws, −# to #",
    "pictures/grid": "Gaussian dimensions 0 and 1, −5 to 5",
    "pictures/grid-#": "Gaussian dimensions 0 and 1, −# to #",
    "pictures/classes": "Labels by value of the category",
    # units
    "nats": "nats",
}

# The terms of training that are in nats; of a user's own the unit is not known.
IN_NATS = frozenset(
    {
        "loss",
        "distortion",
        "rate",
        "rate_categorical",
        "rate_gaussian",
        "missing_categorical",
        "missing_gaussian",
        "entropy_categorical",
    }
)

AIMS: dict[str, Literal["up", "down"]] = {
    "mig": "up",
    "mig-quantile": "up",
    "mig-sup": "up",
    "dci": "up",
    "sap": "up",
    "modularity": "up",
    "infomec": "up",
    "accuracy-majority": "up",
    "accuracy-hungarian": "up",
    "accuracy-one-to-one": "up",
    "nmi": "up",
    "ari": "up",
    "linear-probe": "up",
    "elbo": "up",
    "elbo/distortion": "down",
    "iwae": "up",
    "iwae-summed": "up",
}

DISENTANGLEMENT = (
    "mig",
    "jemmig",
    "dci",
    "sap",
    "modularity",
    "explicitness",
    "irs",
    "infomec",
    "beta-vae-score",
    "factor-vae-score",
    "udr",
)

FAMILIES: tuple[tuple[str, str], ...] = (
    ("information", "Mutual information of image and code"),
    ("vmi-bound", "The VMI bound: code and decoded image"),
    ("decomposition", "Mutual information of image and code"),
    *((name, "Log-likelihood") for name in ("elbo", "iwae", "ais", "bdmc")),
    *((name, "Disentanglement") for name in DISENTANGLEMENT),
    *((name, "Use of the code") for name in ("active-units", "accuracy", "nmi", "ari", "linear")),
    ("temperature", "The relaxation of the category"),
)

_NUMBER = re.compile(r"-(\d+(?:\.\d+)?(?:e-?\d+)?)(?=/|$)")
_BINARISATIONS = {"dynamic": "dynamically binarised", "static": "statically binarised"}


def display(name: str) -> str:
    """Returns the name that a person reads, or the raw name where there is none.

    Example:
        >>> display("iwae-100"), display("my-metric")
        ('log p(x) ≥, IWAE k = 100', 'my-metric')
    """
    if name in NAMES or stem(name) == name:
        return NAMES.get(name, name)
    carried = number(name)
    pattern = NAMES.get(_NUMBER.sub("-#", name))
    known = NAMES.get(stem(name))
    return pattern.replace("#", carried) if pattern else f"{known} ({carried})" if known else name


def stem(name: str) -> str:
    """Returns the name without the number it carries: `vmi-bound-20/entropy` without its 20."""
    return _NUMBER.sub("", name)


def number(name: str) -> str:
    """Returns the number that a name carries, as it is written, or ""."""
    found = _NUMBER.search(name)
    return found[1] if found else ""


def label(name: str, unit: str = "") -> str:
    """Returns the display name with its unit: `rate, nats`."""
    return f"{display(name)} [{display(unit)}]" if unit else display(name)


def aim(metric: str) -> Literal["up", "down", ""]:
    """Returns which direction is better, or "" where more is neither better nor worse."""
    return AIMS.get(stem(metric), "")


def family(metric: str) -> str:
    """Returns the heading under which a metric is tabled; a user's own come last."""
    return next((f for start, f in FAMILIES if metric.startswith(start)), "Further metrics")


def binarisation(name: str) -> str:
    """Returns how the images became bits, in words; "" where they did not."""
    return _BINARISATIONS.get(name, "" if name == "none" else name)
