"""What a suite claims: sentences, each with the comparison that tests it."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from vmi.errors import UserError, unknown
from vmi.registry import row_name

__all__ = ["check_claims", "in_full"]


def in_full(claim: Mapping[str, Any], datasets: Sequence[str]) -> dict[str, Any]:
    """Returns a claim with all that it leaves out: margin, published, data sets, its right side."""
    right = claim["right"]
    sides = {"right": {**claim["left"], **right}} if isinstance(right, Mapping) else {}
    left_out = {"margin": 0, "published": "unknown", "datasets": list(datasets)}
    return {**left_out, **claim, **sides}


def check_claims(
    claims: Sequence[Mapping[str, Any]],
    datasets: Collection[str],
    models: Collection[str],
    metrics: Collection[str],
) -> None:
    """Checks that claims speak of what the suite has, and say something.

    Which parts a metric has is known by its records alone.

    Args:
        claims: In full, as the schema describes them.
        datasets: The names of the suite's data sets.
        models: The names of its models.
        metrics: Its metrics.

    Raises:
        UserError: The first claim that does not hold to this, by its id.
    """
    known = {"dataset": datasets, "model": models, "metric": [row_name(m) for m in metrics]}
    seen: set[str] = set()
    for claim in claims:
        if claim["id"] in seen:
            raise UserError(f"claim {claim['id']!r} is given twice; give one an `id` of its own")
        seen.add(claim["id"])
        _check_sense(claim)
        for kind, name in _named(claim):
            if name not in known[kind]:
                raise unknown(f"{kind} of this suite, in claim {claim['id']!r}:", name, known[kind])


def _named(claim: Mapping[str, Any]) -> list[tuple[str, str]]:
    """The kind and the name of everything that a claim speaks of."""
    sides = [side for side in (claim["left"], claim["right"]) if isinstance(side, Mapping)]
    named = [("dataset", name) for name in claim["datasets"]]
    named += [("model", side["model"]) for side in sides]
    return named + [("metric", side["metric"].partition("/")[0]) for side in sides]


def _check_sense(claim: Mapping[str, Any]) -> None:
    if claim["left"] == claim["right"]:
        raise UserError(f"claim {claim['id']!r} compares something with itself")
    if claim["is"] == "within" and claim["margin"] < 0:
        raise UserError(f"claim {claim['id']!r}: nothing is within a margin below 0")
