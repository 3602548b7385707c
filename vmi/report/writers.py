"""A table in three languages: Markdown, LaTeX (booktabs) and plain aligned text."""

import re
from collections.abc import Iterator
from pathlib import Path

import pandas as pd

from vmi.report.blocks import File
from vmi.report.tables import Cell, Table

__all__ = ["escape_latex", "escape_markdown", "files", "latex", "markdown", "plain", "write"]

_LATEX = {
    "\\": r"\textbackslash{}",
    **{c: f"\\{c}" for c in "&%$#_{}"},
    "~": r"\textasciitilde{}",
    "`": r"\textasciigrave{}",
    "^": r"\textasciicircum{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    "\N{EN DASH}": "--",
    "≥": r"$\ge$",
    "≤": r"$\le$",
    "β": r"$\beta$",
}
_MARKDOWN = re.compile(r"([\\`*_{}\[\]<>|#~&$])")


def escape_latex(text: str) -> str:
    r"""Returns the text as LaTeX that prints it; a minus before a number becomes a real one.

    After the end of a line of a table, LaTeX would take a bracket or a star for an option of it.
    """
    escaped = "".join(_LATEX.get(c, c) for c in " ".join(text.split()))
    return re.sub(r"(?<![\w-])-(?=\d)", "$-$", re.sub(r"^[\[*]", r"{\g<0>}", escaped))


def escape_markdown(text: str) -> str:
    r"""Returns the text as Markdown that prints it, inside a table too.

    Example:
        >>> escape_markdown("a|b_c")
        'a\\|b\\_c'
    """
    return _MARKDOWN.sub(r"\\\1", " ".join(text.split()))


def markdown(table: Table) -> str:
    """Returns the table as Markdown."""
    rows = [[_markdown_cell(cell) for cell in row] for row in table.rows]
    sides = [":--"] * table.labels + ["--:"] * (len(table.head) - table.labels)
    lines = [[escape_markdown(h) for h in table.head], sides, *rows]
    body = "\n".join("| " + " | ".join(line) + " |" for line in lines)
    notes = "".join(
        f"\n{i}. {escape_markdown(note)}" for i, note in enumerate(table.notes, start=1)
    )
    return f"**{escape_markdown(table.title)}**\n\n{body}\n" + (f"{notes}\n" if notes else "")


def latex(table: Table) -> str:
    """Returns the table as LaTeX; it needs the packages booktabs and adjustbox."""
    columns = "l" * table.labels + "r" * (len(table.head) - table.labels)
    notes = [rf"\textsuperscript{{{i}}} {escape_latex(n)}" for i, n in enumerate(table.notes, 1)]
    lines = [
        r"\begin{table}",
        r"  \centering",
        rf"  \caption{{{escape_latex(table.title)}}}",
        r"  \begin{adjustbox}{max width=\linewidth}",
        rf"  \begin{{tabular}}{{{columns}}}",
        r"    \toprule",
        f"    {_latex_line(escape_latex(h) for h in table.head)}",
        r"    \midrule",
        *_latex_rows(table),
        r"    \bottomrule",
        r"  \end{tabular}",
        r"  \end{adjustbox}",
        *(rf"  \par\footnotesize {note}" for note in notes),
        r"\end{table}",
    ]
    return "\n".join(lines) + "\n"


def plain(table: Table) -> str:
    """Returns the table as aligned text for a terminal; `*` marks the best of its column."""
    rows = [*_plain_head(table.head), *([_plain_cell(cell) for cell in row] for row in table.rows)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    rows.insert(2, ["-" * width for width in widths])
    lines = ["  ".join(_aligned(row, widths, table.labels)).rstrip() for row in rows]
    notes = [f"({i}) {note}" for i, note in enumerate(table.notes, start=1)]
    return "\n".join([table.title, "", *lines, *notes]) + "\n"


def files(folder: Path, stem: str, tables: list[Table], numbers: pd.DataFrame) -> Iterator[File]:
    """Yields tables as Markdown and LaTeX, and the numbers in full as CSV."""
    yield File(folder / f"{stem}.md", "\n".join(map(markdown, tables)))
    yield File(folder / f"{stem}.tex", "\n".join(map(latex, tables)))
    yield File(folder / f"{stem}.csv", numbers.to_csv(index=False))


def write(path: Path, text: str) -> None:
    """Writes a text, in UTF-8, and the folders that it needs."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def _markdown_cell(cell: Cell) -> str:
    text = escape_markdown(cell.text)
    marks = "".join(f"<sup>{i}</sup>" for i in cell.notes)
    return (f"**{text}**" if cell.best else text) + marks


def _latex_rows(table: Table) -> list[str]:
    lines, last = [], None
    for row in table.rows:
        if last not in (None, row[0].text):
            lines.append(r"    \midrule")
        last = row[0].text
        lines.append(f"    {_latex_line(map(_latex_cell, row))}")
    return lines


def _latex_cell(cell: Cell) -> str:
    text = escape_latex(cell.text)
    marks = "".join(rf"\textsuperscript{{{i}}}" for i in cell.notes)
    return (rf"\textbf{{{text}}}" if cell.best else text) + marks


def _latex_line(cells) -> str:
    return " & ".join(cells) + r" \\"


def _plain_head(head: list[str]) -> list[list[str]]:
    """The unit goes under the name, or the table is wider than a terminal."""
    parts = [text.partition(" [") for text in head]
    return [[name for name, _, _ in parts], [mark.strip() + unit for _, mark, unit in parts]]


def _plain_cell(cell: Cell) -> str:
    return cell.text + "*" * cell.best + "".join(f" ({i})" for i in cell.notes)


def _aligned(row: list[str], widths: list[int], labels: int) -> list[str]:
    sides = ["<" if i < labels else ">" for i in range(len(row))]
    return [f"{text:{s}{width}}" for text, s, width in zip(row, sides, widths, strict=True)]
