"""What went wrong and what has no meaning: every row without a number, or with a warning, once."""

from collections.abc import Iterable, Iterator

import pandas as pd

from vmi.report.blocks import Block, File, Part, Prose, Title
from vmi.report.numbers import Numbers
from vmi.report.tables import Cell, Table

__all__ = ["PART", "STATES", "troubles"]

STATES = {
    "failed": "These should have given a number and did not.",
    "not applicable": "These have no meaning for what was given or what answered.",
    "beware": "These are numbers with a warning.",
}
KEYS = ["state", "task", "method", "arm", "size", "reason"]


def troubles(numbers: Numbers) -> pd.DataFrame:
    """Returns one row for each reason: state, task, method, arm, size, reason, what and seeds.

    The states are "failed", "not applicable" and "beware": a number that has a warning.
    """
    rows = numbers.bare
    rows = rows[(rows["state"] != "value") | (rows["warning"] != "")]
    reason = rows["error"].mask(rows["state"] == "value", rows["warning"])
    rows = rows.assign(reason=reason, state=rows["state"].replace("value", "beware"))
    rows = rows.rename(columns={"measure": "what"})[[*KEYS, "what", "seed"]]
    rows = pd.concat([_training(numbers), rows], ignore_index=True)
    groups = rows.groupby(KEYS, sort=False)
    found = groups.agg(what=("what", set), seeds=("seed", _listed)).reset_index()
    found["what"] = [_named(numbers, names) for names in found["what"]]
    order = found["state"].map({state: i for i, state in enumerate(STATES)})
    return found.loc[order.sort_values(kind="stable").index].reset_index(drop=True)


def _training(numbers: Numbers) -> pd.DataFrame:
    rows = numbers.trainings[numbers.trainings["error"] != ""].rename(columns={"error": "reason"})
    return rows.assign(state="failed", what="training", arm="", size=0)[[*KEYS, "what", "seed"]]


def _named(numbers: Numbers, names: set[str]) -> str:
    """A method that failed lacks every measure, which takes two words."""
    measures = numbers.suite.rows_of("measures")
    rest = sorted(names - set(measures))
    if len(measures) > 1 and names >= set(measures):
        return ", ".join(
            ["every metric", numbers.names("measures", rest)] if rest else ["every metric"]
        )
    return numbers.names("measures", [*(m for m in measures if m in names), *rest])


def _listed(values: Iterable) -> str:
    return ", ".join(f"{value:,}" for value in sorted(set(map(int, values))))


def _troubles(numbers: Numbers) -> Iterator[Block]:
    found = troubles(numbers)
    yield File(numbers.where.tables / "troubles.csv", found.to_csv(index=False))
    for state, text in STATES.items():
        rows = found[found["state"] == state]
        if len(rows):
            yield from (Title(state.capitalize()), Prose(text), _table(numbers, rows, state))
    if found.empty:
        yield Prose(f"None: every {numbers.suite.kind.method.word} gave every number.")


def _table(numbers: Numbers, rows: pd.DataFrame, state: str) -> Table:
    """What several tasks and sizes have in common is one row."""
    kind, sized = numbers.suite.kind, numbers.suite.sizes != [0]
    head = [kind.task.word, kind.method.word, *["samples"] * sized, "seeds", "what", "reason"]
    result = Table(state, head, labels=2, words=True, file="tables/troubles.csv")
    for (method, arm, seeds, what, reason), same in rows.groupby(
        ["method", "arm", "seeds", "what", "reason"], sort=False
    ):
        name = " ".join(filter(None, [numbers.name("methods", method), arm]))
        tasks = numbers.names("tasks", dict.fromkeys(same["task"]))
        texts = [tasks, name, *[_listed(same["size"])] * sized, seeds, what, reason]
        result.rows.append(list(map(Cell, texts)))
    return result


PART = Part("Failures and gaps", _troubles)
