"""How much does a latent code know? VAEs, their mutual information and log-likelihood.

    >>> import vmi
    >>> frame = vmi.mi([1, 2, 1, 2], [3, 4, 3, 4], estimators=["plug-in"])
    >>> frame["value"].round(4).tolist()  # ln 2
    [0.6931]

`vmi.score` measures codes, `vmi.mi` estimates the information of two arrays, `vmi.independence`
tests whether there is any, `vmi.verify` asks the known answers, and `vmi.load` reads the records of
a suite; each returns a tidy DataFrame. The
registries (`vmi.METRICS`, `vmi.ESTIMATORS`, ...) map names to their cards. All of it is imported
when it is first asked for, so that `import vmi` takes no time.
"""

from importlib import import_module
from typing import Any

from vmi.version import __version__

PACKAGES = ("independence", "mi", "verify")  # which can be called
NAMES = {
    "vmi.cards": ("Card", "card"),
    "vmi.commands.loading": ("load",),
    "vmi.commands.scoring": ("score",),
    "vmi.data": ("DATASETS",),
    "vmi.errors": ("DataWarning", "NotApplicable", "UserError"),
    "vmi.estimate": ("Estimate",),
    "vmi.independence": ("TESTS",),
    "vmi.learners": ("LEARNERS",),
    "vmi.likelihood": ("LOG_LIKELIHOODS",),
    "vmi.metrics": ("ACROSS_SEEDS", "METRICS"),
    "vmi.mi": ("ESTIMATORS", "INFORMATION"),
    "vmi.models": ("MODELS",),
    "vmi.nets.likelihoods": ("LIKELIHOODS",),
    "vmi.nets.networks": ("NETWORKS",),
    "vmi.pictures": ("PICTURES",),
    "vmi.priors": ("PRIORS",),
    "vmi.tasks": ("GRAPHS", "TASKS", "TRIPLES"),
}
HOMES = {name: module for module, names in NAMES.items() for name in names}

__all__ = ["__version__", *PACKAGES, *HOMES]


def __getattr__(name: str) -> Any:
    """Imports a public name when it is first asked for."""
    if name in PACKAGES:
        return import_module(f"vmi.{name}")
    if name not in HOMES:
        raise AttributeError(f"module 'vmi' has no attribute {name!r}")
    globals()[name] = getattr(import_module(HOMES[name]), name)
    return globals()[name]


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
