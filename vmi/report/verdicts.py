"""What the claims came to, in words: for the page, and as a Markdown file of their own."""

import pandas as pd

from vmi.report.claims import overall
from vmi.report.names import display
from vmi.report.tables import DASH, Cell, Table, decimals, spread
from vmi.report.writers import escape_markdown, markdown

__all__ = ["READING", "document", "effect", "tally"]

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


def tally(found: pd.DataFrame) -> str:
    """Returns how many claims came to what, as a sentence.

    Args:
        found: The claims, as `vmi.report.claims.claims` gives them.
    """
    said = found.groupby("id", sort=False)[["dataset", "verdict"]].apply(overall)
    counts = [(int((said == v).sum()), words) for v, words in _TOGETHER.items()]
    differ = len(said) - sum(n for n, _ in counts)
    counts.append((differ, ("differs between data sets", "differ between data sets")))
    parts = [f"{n} {words[n != 1]}" for n, words in counts if n]
    listed = " and ".join(filter(None, [", ".join(parts[:-1]), parts[-1]]))
    return f"Of {len(said)} claim{'s' * (len(said) != 1)}, {listed}."


def effect(row: pd.Series | dict) -> str:
    """Returns the effect of a claim as `effect [low, high]`, without its unit; "" for none."""
    if not row["n"]:
        return ""
    numbers = {"mean": row["effect"], "low": row["low"], "high": row["high"]}
    return spread(numbers, decimals(pd.DataFrame([numbers])))


def document(found: pd.DataFrame, title: str) -> str:
    """Returns the claims as Markdown: their verdicts, then what each compares and who says so."""
    paragraphs = [
        f"# Claims: {escape_markdown(title)}",
        escape_markdown(tally(found)),
        *map(escape_markdown, READING),
        markdown(_verdicts(found)),
        markdown(_sources(found)),
    ]
    return "\n\n".join(text.strip() for text in paragraphs) + "\n"


def _verdicts(found: pd.DataFrame) -> Table:
    datasets = list(dict.fromkeys(found["dataset"]))
    head = ["claim", "sentence", *datasets]
    table = Table("Verdicts", head, labels=len(head))
    for claim, rows in found.groupby("id", sort=False):
        held = {row["dataset"]: row for row in rows.to_dict("records")}
        cells = [_cell(held[d], table) if d in held else Cell(DASH) for d in datasets]
        table.rows.append([Cell(str(claim)), Cell(rows["sentence"].iloc[0]), *cells])
    return table


def _cell(row: dict, table: Table) -> Cell:
    numbers = f", {effect(row)} {display(row['unit'])}".rstrip() if row["n"] else ""
    text = f"{row['verdict']}{numbers}, n = {row['n']}"
    return Cell(text, notes=table.note(row["note"]))


def _sources(found: pd.DataFrame) -> Table:
    head = ["claim", "verdict", "comparison", "published", "source"]
    table = Table("Comparisons and sources", head, labels=len(head))
    for claim, rows in found.groupby("id", sort=False):
        first = rows.iloc[0]
        said = [claim, overall(rows), *(first[key] for key in head[2:])]
        table.rows.append([Cell(str(text)) for text in said])
    return table
