"""What the claims came to, in words: for the page, and as a Markdown file of their own."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from vmi.report.blocks import Block, File, Part, Prose, Title
from vmi.report.claims import claims, overall
from vmi.report.numbers import Numbers
from vmi.report.tables import DASH, Cell, Table, decimals, spread
from vmi.report.writers import escape_markdown, markdown

if TYPE_CHECKING:
    from vmi.suites.suite import Suite

__all__ = ["PART", "READING", "Claims", "beside", "document", "effect", "tally"]

READING = (
    "A claim holds where the whole 95% interval of its effect lies where the claim says that the "
    "effect lies, and fails where the whole interval lies elsewhere. Where the interval reaches "
    "into both, or there is none, it is undecided: the seeds do not settle it. Where a claim has a "
    "margin, which its comparison says, an effect smaller than that is not what it claims. A claim "
    "that something is not less is no claim that it is as much: “within” alone says that.",
    "The effect is the first quantity less the second, a mean over seeds in which each seed is "
    "compared with itself; its interval is Student's t over those differences, d_z is the effect "
    "in standard deviations of them, and n is the number of seeds. A share of seeds that is held "
    "against a number has Wilson's interval. p is that of the verdict, "
    "two-sided at the margin; Holm's method adjusts it for the number of comparisons: that any of "
    "those under .05 is wrong has a chance of one in twenty at most.",
)
GIVEN = "The seeds vary the training and not the test set: all is given this test set."
DRAWN = "Each seed draws samples of its own."
APART = "By construction, and not counted: what training maximises, or what the settings imply"
_TOGETHER = {
    "holds": ("holds", "hold"),
    "fails": ("fails", "fail"),
    "undecided": ("is undecided", "are undecided"),
}


@dataclass(frozen=True)
class Claims(Block):
    """The rows of each claim, one a task, as `vmi.report.claims.claims` gives them."""

    claims: dict[str, list[dict]]


def _claims(numbers: Numbers) -> Iterator[Block]:
    found, word = claims(numbers.records, numbers.suite), numbers.suite.kind.task.word
    yield from map(Prose, (tally(found, word), *READING))
    rows = found.assign(shown=found.apply(effect, axis=1), beside=found.apply(beside, axis=1))
    for apart, some in rows.groupby("by_construction"):
        if apart:
            yield Title(APART)
        yield Claims({key: each.to_dict("records") for key, each in some.groupby("id", sort=False)})
    yield File(numbers.where.claims, document(found, numbers.suite))
    yield File(numbers.where.tables / "claims.csv", found.to_csv(index=False))


def tally(found: pd.DataFrame, word: str = "task") -> str:
    """Returns how many claims came to what, by their verdicts and adjusted for their number.

    Args:
        found: The claims, as `vmi.report.claims.claims` gives them.
        word: What a person calls a task.
    """
    counted = found[~found["by_construction"].astype(bool)]
    claimed, apart = counted["id"].nunique(), found["id"].nunique() - counted["id"].nunique()
    first = f"Of {claimed} claim{'s' * (claimed != 1)}, {_counts(counted, 'verdict', word)}."
    second = (
        f"Adjusted for {counted['p'].count()} comparisons, {_counts(counted, 'adjusted', word)}."
    )
    third = f"Not counted: {apart} by construction." if apart else ""
    return " ".join(filter(None, (first, second, third)))


def _counts(found: pd.DataFrame, column: str, word: str) -> str:
    """How many claims share a verdict on all tasks, and how many do not, in words."""
    claim = found.groupby("id", sort=False)[["task", column]]
    together = claim.apply(lambda rows: overall(rows, column))
    counts = [(int((together == v).sum()), words) for v, words in _TOGETHER.items()]
    differ = len(together) - sum(n for n, _ in counts)
    counts.append((differ, (f"differs between {word}s", f"differ between {word}s")))
    parts = [f"{n} {words[n != 1]}" for n, words in counts if n]
    return " and ".join(filter(None, [", ".join(parts[:-1]), *parts[-1:]]))


def beside(row: pd.Series | dict) -> str:
    """Returns what stands beside an effect: seeds, size, p-value and that adjusted by Holm."""
    numbers = {"d_z": row["d_z"], "p": row["p"], "Holm's p": row["p_holm"]}
    shown = [f"{name} = {number:.2g}" for name, number in numbers.items() if pd.notna(number)]
    return ", ".join([f"n = {row['n']}", *shown])


def effect(row: pd.Series | dict) -> str:
    """Returns the effect of a claim as `effect [low, high]`, without its unit; "" for none."""
    if not row["n"]:
        return ""
    numbers = {"mean": row["effect"], "low": row["low"], "high": row["high"]}
    return spread(numbers, decimals(pd.DataFrame([numbers])))


def document(found: pd.DataFrame, suite: "Suite") -> str:
    """Returns the claims as Markdown: their verdicts, then what each compares and who says so."""
    seeds = DRAWN if suite.kind.answer else GIVEN
    paragraphs = [
        f"# Claims: {escape_markdown(suite.title)}",
        *map(escape_markdown, (tally(found, suite.kind.task.word), *READING, seeds)),
        *(
            markdown(_verdicts(rows, APART if apart else "Verdicts"))
            for apart, rows in found.groupby("by_construction")
        ),
        markdown(_sources(found)),
    ]
    return "\n\n".join(text.strip() for text in paragraphs) + "\n"


def _verdicts(found: pd.DataFrame, title: str) -> Table:
    tasks = list(dict.fromkeys(found["task"]))
    head = ["claim", "sentence", *tasks]
    table = Table(title, head, labels=len(head))
    for claim, rows in found.groupby("id", sort=False):
        held = {row["task"]: row for row in rows.to_dict("records")}
        cells = [_cell(held[task], table) if task in held else Cell(DASH) for task in tasks]
        table.rows.append([Cell(str(claim)), Cell(rows["sentence"].iloc[0]), *cells])
    return table


def _cell(row: dict, table: Table) -> Cell:
    numbers = f", {effect(row)} {row['unit']}".rstrip() if row["n"] else ""
    text = f"{row['verdict']}{numbers}, {beside(row)}"
    return Cell(text, notes=table.note(row["note"]))


def _sources(found: pd.DataFrame) -> Table:
    head = ["claim", "verdict", "comparison", "published", "source"]
    table = Table("Comparisons and sources", head, labels=len(head))
    for claim, rows in found.groupby("id", sort=False):
        first = rows.iloc[0]
        texts = [claim, overall(rows), *(first[key] for key in head[2:])]
        table.rows.append([Cell(str(text)) for text in texts])
    return table


PART = Part("Claims", _claims, lambda numbers: bool(numbers.suite.claims))
