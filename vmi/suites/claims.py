"""What a suite claims: sentences, each with the comparison that tests it."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from vmi.errors import UserError, unknown
from vmi.registry import row_name

if TYPE_CHECKING:
    from vmi.suites.suite import Suite

__all__ = ["TRUTH", "check_claims", "in_full"]

TRUTH = "truth"  # the right side that is the truth of the task

Side = dict[str, Any]


def in_full(claim: Mapping[str, Any], suite: "Suite") -> dict[str, Any]:
    """Returns a claim in the words of the grid, with all that its file leaves out.

    A side is a mapping of method, arm, measure, size and task, a number, or `TRUTH`; what the right
    side leaves out is as on the left. The size is the largest where it is left out, the method is
    taken as it is where no arm is named, and the task is each that the claim speaks of.
    """
    kind, right = suite.kind, claim["right"]
    left = {"measure": suite.rows_of("measures")[0], "size": max(suite.sizes), "arm": ""}
    left |= {"task": ""} | _side(claim["left"], suite)
    if isinstance(right, Mapping):
        right = left | _side(right, suite)
    rest = {key: value for key, value in claim.items() if key != kind.task.key}
    about = {"margin": 0, "published": "unknown", "tasks": list(suite.tasks)}
    about["by_construction"] = False
    named = {"tasks": claim[kind.task.key]} if kind.task.key in claim else {}
    return {**about, **rest, **named, "left": left, "right": right}


def _side(side: Mapping[str, Any], suite: "Suite") -> Side:
    """A side with the words of a kind replaced by those of the grid."""
    nouns = {suite.kind.method.registry.kind: "method", suite.kind.task.registry.kind: "task"}
    words = {**nouns, "metric": "measure"}
    found = {words.get(key, key): value for key, value in side.items()}
    return found | ({"arm": ""} if found.get("arm") == suite.base else {})


def check_claims(suite: "Suite") -> None:
    """Checks that the claims of a suite speak of what it has, and say something.

    Which parts a measure has is known by its records alone.

    Raises:
        UserError: The first claim that does not hold to this, by its id.
    """
    seen: set[str] = set()
    for claim in suite.claims:
        if claim["id"] in seen:
            raise UserError(f"claim {claim['id']!r} is given twice; give one an `id` of its own")
        seen.add(claim["id"])
        _check_sense(claim)
        for word, name, known in _named(claim, suite):
            if name not in known:
                raise unknown(f"{word} of this suite, in claim {claim['id']!r}:", name, known)


def _named(claim: Mapping[str, Any], suite: "Suite") -> Iterator[tuple[str, Any, list[Any]]]:
    """Everything that a claim speaks of: its word, its name, and the names that there are."""
    kind = suite.kind
    tasks = [row_name(task) for task in suite.tasks]
    for task in claim["tasks"]:
        yield kind.task.registry.kind, task, tasks
    for side in (claim["left"], claim["right"]):
        if isinstance(side, Mapping):
            yield kind.method.registry.kind, side["method"], list(suite.methods)
            if side["task"]:
                yield kind.task.registry.kind, side["task"], tasks
            measure = side["measure"].partition("/")[0]
            yield kind.measures.kind, measure, suite.rows_of("measures")
            if side["arm"]:
                yield "arm", side["arm"], list(suite.arms)
                by_arm = list(map(row_name, suite.of_prior))
                yield f"{kind.measures.kind} that arms have", measure, by_arm
            yield "size", side["size"], suite.sizes


def _check_sense(claim: Mapping[str, Any]) -> None:
    if claim["left"] == claim["right"]:
        raise UserError(f"claim {claim['id']!r} compares something with itself")
    if claim["is"] == "within" and claim["margin"] < 0:
        raise UserError(f"claim {claim['id']!r}: nothing is within a margin below 0")
