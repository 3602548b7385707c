"""What `score` and `mi` give: rows with the columns of records, as a frame, a table or JSON."""

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from vmi.commands.show import aligned, number, print_json, say
from vmi.estimate import Estimate

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["COLUMNS", "Row", "frame", "print_rows", "row"]

Row = dict[str, Any]

# Of records, in their order; before them stands the name, under "measure" or "method".
COLUMNS = (
    "value",
    "state",
    "stderr",
    "low",
    "high",
    "unit",
    "bound",
    "ceiling",
    "ess",
    "n",
    "seconds",
    "convention",
    "warning",
    "error",
)


def row(key: str, name: str, estimate: Estimate, seconds: float) -> Row:
    """Returns an estimate under `COLUMNS`, its name under `key`, its part after a slash.

    Example:
        >>> row("measure", "my_file:rate", Estimate(1.5, part="z"), 0.1)["measure"]
        'rate/z'
    """
    low, high = estimate.interval
    text = {name: " ".join(getattr(estimate, name).split()) for name in ("warning", "error")}
    known = vars(estimate) | {"low": low, "high": high, "seconds": seconds, **text}
    return {key: estimate.called(name)} | {column: known[column] for column in COLUMNS}


def frame(rows: Sequence[Row]) -> "pd.DataFrame":
    """Returns rows as a tidy frame; a number that is not there is NaN."""
    import pandas as pd  # a command prints without it, and it takes a second

    return pd.DataFrame(rows)


def print_rows(rows: Sequence[Row], as_json: bool) -> None:
    """Prints rows as a table, or as a JSON list in which a number that is not there is null."""
    key = next(iter(rows[0]))
    if as_json:
        print_json([{"name": each[key], **each} for each in rows])  # alike of both commands
    else:
        say(aligned([(_cells(key, each), _note(each)) for each in rows], (key, "unit", "bound")))


def _cells(key: str, of: Mapping[str, Any]) -> dict[str, str]:
    interval = f"[{number(of['low'])}, {number(of['high'])}]"
    return {
        key: of[key],
        "value": number(of["value"]) or "-",
        "± stderr": number(of["stderr"]),
        "± 1.96 stderr": "" if math.isnan(of["low"]) else interval,
        "unit": of["unit"],
        "bound": of["bound"],
        "ceiling": number(of["ceiling"]),
        "n": str(of["n"]) if of["n"] else "",
        "seconds": f"{of['seconds']:.2f}",
    }


def _note(of: Mapping[str, Any]) -> str:
    """What stands below a row: why it has no value, or what to beware of."""
    if of["state"] != "value":
        return f"{of['state']}: {of['error']}"
    return of["warning"] and f"beware: {of['warning']}"
