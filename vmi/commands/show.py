"""What a command prints: an aligned table, or strictly valid JSON."""

import json
import math
import sys
from collections.abc import Mapping, Sequence
from typing import Any

__all__ = ["aligned", "number", "print_json", "say"]


def print_json(rows: Sequence[Mapping[str, Any]]) -> None:
    """Prints rows as a JSON list; JSON has neither NaN nor infinities, so both become null."""
    finite = [{k: None if _no_number(v) else v for k, v in row.items()} for row in rows]
    say(json.dumps(finite, indent=2, allow_nan=False))


def aligned(rows: Sequence[tuple[Mapping[str, str], str]], left: Sequence[str]) -> str:
    """Returns rows of the same keys as a table, without the columns that are empty throughout.

    Args:
        rows: The cells of each row, and a note that stands in a line of its own below it.
        left: The columns that are aligned to the left.

    Example:
        >>> print(aligned([({"a": "x", "b": "1"}, ""), ({"a": "yy", "b": "10"}, "why")], ["a"]))
        a    b
        x    1
        yy  10
            why
    """
    filled = [key for key in (rows[0][0] if rows else ()) if any(cells[key] for cells, _ in rows)]
    widths = {key: max(len(key), *(len(cells[key]) for cells, _ in rows)) for key in filled}
    lines = []
    for cells, note in [({key: key for key in filled}, ""), *rows]:
        padded = (
            cells[key].ljust(widths[key]) if key in left else cells[key].rjust(widths[key])
            for key in filled
        )
        lines.append("  ".join(padded).rstrip())
        lines += [f"    {note}"] if note else []
    return "\n".join(lines)


def number(value: float) -> str:
    """Returns a number in four places, or "" for NaN.

    Example:
        >>> number(0.12345), number(2.0), number(float("nan")), number(3e-7), number(-123456.0)
        ('0.1235', '2.0000', '', '3e-07', '-1.235e+05')
    """
    if math.isnan(value):
        return ""
    plain = value == 0 or 1e-4 <= abs(value) < 1e5
    return f"{value:.4f}" if plain else f"{value:.4g}"


def _no_number(value: Any) -> bool:
    return isinstance(value, float) and not math.isfinite(value)


def say(text: str) -> None:
    """Prints in whatever letters standard output has, and notices at once if nobody reads it."""
    encoding = getattr(sys.stdout, "encoding", None) or "utf-8"
    print(text.encode(encoding, "backslashreplace").decode(encoding), flush=True)
