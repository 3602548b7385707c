"""Made-up results of the suite `paper-small`: every metric and term that it has, at its scale."""

import math

import numpy as np
import pandas as pd

from vmi.estimate import Estimate
from vmi.records import COLUMNS, Place, Record
from vmi.suites.file import load_suite

LN_N = math.log(10_000)
NO_CATEGORY = "the code has no categorical block"

# Of each group: the rate of the whole code, the information of the category, Q's surprise.
LEVELS = {
    "VAE": (7.0, 0.4, 0.35),
    "beta-VAE": (5.0, 0.8, 0.3),
    "InfoVAE": (11.0, 1.6, 0.5),
    "VMI-VAE": (7.5, 1.1, 0.05),
    "Q on prior draws": (7.2, 1.2, 0.02),
    "no Q": (7.4, 1.5, 0.1),
}


def paper():
    """Returns the suite."""
    return load_suite("paper-small")


def paper_records(suite, *, seed=0):
    """Returns the frame of records: rows as reading their file would give them."""
    draw = np.random.default_rng(seed)
    rows = [
        row
        for task in suite.tasks
        for place, method in enumerate(suite.methods)
        for k in suite.seeds
        for row in _rows(draw, suite, task, method, place % 8, k)
    ]
    return pd.DataFrame([vars(row) for row in rows], columns=list(COLUMNS))


def _rows(draw, suite, task, method, place, seed):
    where = Place(suite.name, task, method, seed=seed)
    code = suite.cell(task, method)["latents"]
    for measure, value, unit, bound, ceiling in _numbers(draw, suite, task, method, place, code):
        about = {"ceiling": ceiling, "stderr": 0.01, "n": 10_000, "bound": bound}
        if measure.startswith("information"):
            about["convention"] = "aggregate of the N images"
        if value is None:
            yield Record.of(where, measure, Estimate.not_applicable(NO_CATEGORY), seconds=1.0)
        else:
            yield Record.of(where, measure, Estimate(value, unit=unit, **about), seconds=1.0)


def _numbers(draw, suite, task, method, place, code):
    """Yields measure, value, unit, bound, ceiling of one trained model; None has no meaning."""
    rate, known, surprise = LEVELS[suite.groups[method]]
    harder = task != next(iter(suite.tasks))
    rate = rate + 0.3 * place - 2 * harder + draw.normal(0, 0.15)
    known = min(known + 0.08 * place, 2.1) - 0.2 * harder + draw.normal(0, 0.06)
    known = known if code["categorical"] else None
    entropy = 2.25 - 0.05 * place
    surprise = surprise * draw.uniform(0.8, 1.2)
    distortion = 60 + 25 * harder - 0.9 * rate + draw.normal(0, 0.2)
    total = min(rate - 0.6 - abs(draw.normal(0, 0.1)), LN_N - 0.05)
    nats = "nats"
    for name, value in (("information", total), ("information-chosen", total / 2)):
        yield name, value, nats, "", LN_N
        yield f"{name}/infonce", min(value, math.log(256)) - 0.1, nats, "lower", math.log(256)
        yield f"{name}/rate", rate if name == "information" else rate / 2, nats, "upper", math.nan
    yield "information-categorical", known, nats, "exact", math.log(10)
    yield "information-dimensions", rate - 0.5, nats, "upper", math.nan
    for d in range(code["gaussian"]):
        size = max(0.0, 2.4 - 0.35 * d if d >= code.get("informed", 0) else 2.0)
        yield f"information-dimensions/dimension-{d}", size, nats, "", LN_N
    if known is not None:
        yield "information-dimensions/category-0", known, nats, "exact", math.log(10)
        yield "vmi-bound-1000/categorical", entropy - surprise, nats, "lower", math.log(10)
        yield "vmi-bound-1000/entropy-categorical", entropy, nats, "exact", math.log(10)
        yield "vmi-bound-1000/published", math.log(10) - surprise, nats, "", math.nan
    if known is not None or code.get("informed", 0):
        yield "vmi-bound-1000", entropy - surprise + 1, nats, "lower", math.nan
        yield "vmi-bound-1000/entropy", entropy + 2, nats, "", math.nan
    if code.get("informed", 0):
        yield "vmi-bound-1000/gaussian", 1.0 + draw.normal(0, 0.1), nats, "lower", math.nan
    yield "active-units", float(draw.integers(6, 12)), "", "", math.nan
    for name in ("accuracy-majority", "accuracy-one-to-one", "nmi", "ari"):
        share = None if known is None else 0.1 + 0.3 * known + draw.normal(0, 0.015)
        yield name, share, "", "", 1.0
    yield "linear-probe", 0.8 + draw.normal(0, 0.01), "", "", 1.0
    for part in ("", "/moved", "/last"):
        yield f"temperature{part}", 0.5 if code["categorical"] else None, "", "exact", math.nan
    yield "elbo", -rate - distortion, nats, "lower", math.nan
    yield "elbo/distortion", distortion, nats, "", math.nan
    yield "elbo/rate", rate, nats, "", math.nan
    for k in (5, 50):
        yield f"iwae-{k}", 1 + k / 40 - rate - distortion, nats, "lower", math.nan
        yield f"iwae-{k}/ess", draw.uniform(2, k / 2), "", "", float(k)


def paper_history(suite, *, points=12):
    """Returns the frame of the training's terms, of the models that have each."""
    draw = np.random.default_rng(1)
    rows = [
        (task, method, seed, step, term, value * (1 + draw.normal(0, 0.01)))
        for task in suite.tasks
        for place, method in enumerate(suite.methods)
        for seed in suite.seeds
        for step in np.linspace(2500 / points, 2500, points).astype(int)
        for term, value in _terms(suite, task, method, place % 8, step).items()
    ]
    return pd.DataFrame(rows, columns=["task", "method", "seed", "step", "term", "value"])


def _terms(suite, task, method, place, step):
    rate, known, surprise = LEVELS[suite.groups[method]]
    settings = suite.cell(task, method)
    fall, code = math.exp(-step / 300), settings["latents"]
    known = (known + 0.08 * place) * (1 - fall) if code["categorical"] else 0.0
    rate = (rate + 0.3 * place) * (1 - fall)
    distortion = 60 * (1 + 3 * fall) - rate
    terms = {"loss": distortion + rate, "distortion": distortion, "rate": rate}
    terms |= {"rate_gaussian": rate - known, "rate_categorical": known}
    if settings["model"]["model"].startswith("vmi-vae"):
        has = bool(code["categorical"])
        terms["missing_categorical"] = (surprise + 2.3 * fall) * has
        terms["missing_gaussian"] = 1.5 * code.get("informed", 0) * (0.6 + fall)
        terms["entropy_categorical"] = (2.2 - 0.02 * place) * has
    if method == "info-vae":
        terms["mmd"] = 1e-3
    return terms
