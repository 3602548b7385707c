"""What the claims came to, in words: for the page, and as a Markdown file of their own."""

from collections.abc import Iterator
from dataclasses import dataclass

import pandas as pd

from vmi.report.blocks import Block, File, Part, Prose
from vmi.report.claims import claims, overall
from vmi.report.numbers import Numbers
from vmi.report.tables import DASH, Cell, Table, decimals, spread
from vmi.report.writers import escape_markdown, markdown

__all__ = ["PART", "READING", "Claims", "document", "effect", "tally"]

READING = (
    "A claim holds where the whole 95% interval of its effect lies where the claim says that the "
    "effect lies, and fails where the whole interval lies elsewhere. Where the interval reaches "
    "into both, or there is none, it is undecided: the seeds do not settle it. Where a claim has a "
    "margin, which its comparison says, an effect smaller than that is not what it claims.",
    "The effect is the first quantity less the second, a mean over seeds in which each seed is "
    "compared with itself; its interval is Student's t over those differences, and n is the number "
    "of seeds. No correction is made for the number of claims: of effects that are exactly at "
    "their margin, one claim in forty holds by chance, and one in forty fails.",
)
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
    yield Prose(tally(found, word))
    yield from map(Prose, READING)
    rows = found.assign(shown=found.apply(effect, axis=1))
    yield Claims({key: each.to_dict("records") for key, each in rows.groupby("id", sort=False)})
    yield File(numbers.where.claims, document(found, numbers.suite.title, word))
    yield File(numbers.where.tables / "claims.csv", found.to_csv(index=False))


def tally(found: pd.DataFrame, word: str = "task") -> str:
    """Returns how many claims came to what, as a sentence.

    Args:
        found: The claims, as `vmi.report.claims.claims` gives them.
        word: What a person calls a task.
    """
    together = found.groupby("id", sort=False)[["task", "verdict"]].apply(overall)
    counts = [(int((together == v).sum()), words) for v, words in _TOGETHER.items()]
    differ = len(together) - sum(n for n, _ in counts)
    counts.append((differ, (f"differs between {word}s", f"differ between {word}s")))
    parts = [f"{n} {words[n != 1]}" for n, words in counts if n]
    listed = " and ".join(filter(None, [", ".join(parts[:-1]), parts[-1]]))
    return f"Of {len(together)} claim{'s' * (len(together) != 1)}, {listed}."


def effect(row: pd.Series | dict) -> str:
    """Returns the effect of a claim as `effect [low, high]`, without its unit; "" for none."""
    if not row["n"]:
        return ""
    numbers = {"mean": row["effect"], "low": row["low"], "high": row["high"]}
    return spread(numbers, decimals(pd.DataFrame([numbers])))


def document(found: pd.DataFrame, title: str, word: str = "task") -> str:
    """Returns the claims as Markdown: their verdicts, then what each compares and who says so."""
    paragraphs = [
        f"# Claims: {escape_markdown(title)}",
        escape_markdown(tally(found, word)),
        *map(escape_markdown, READING),
        markdown(_verdicts(found)),
        markdown(_sources(found)),
    ]
    return "\n\n".join(text.strip() for text in paragraphs) + "\n"


def _verdicts(found: pd.DataFrame) -> Table:
    tasks = list(dict.fromkeys(found["task"]))
    head = ["claim", "sentence", *tasks]
    table = Table("Verdicts", head, labels=len(head))
    for claim, rows in found.groupby("id", sort=False):
        held = {row["task"]: row for row in rows.to_dict("records")}
        cells = [_cell(held[task], table) if task in held else Cell(DASH) for task in tasks]
        table.rows.append([Cell(str(claim)), Cell(rows["sentence"].iloc[0]), *cells])
    return table


def _cell(row: dict, table: Table) -> Cell:
    numbers = f", {effect(row)} {row['unit']}".rstrip() if row["n"] else ""
    text = f"{row['verdict']}{numbers}, n = {row['n']}"
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
