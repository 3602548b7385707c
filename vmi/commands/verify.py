"""`vmi verify`: every instrument against its known answers."""

import sys
import time
from collections.abc import Sequence
from pathlib import Path

from vmi import records
from vmi.commands.answers import COLUMNS, Answer, answers, checked
from vmi.commands.show import aligned, number, print_json, say
from vmi.stages.lock import NOTE
from vmi.stages.provenance import of_verification
from vmi.stages.where import Where

__all__ = ["verify", "write_ladder"]


def verify(room: Sequence[str], output: Path | None = None, json: bool = False) -> int:
    """Prints what every instrument says where the truth is known; returns 1 if any is wrong.

    Args:
        room: Which parts of the project; all of them if empty.
        output: A CSV file to write the answers to as well.
        json: Print JSON instead of a table.

    Raises:
        UserError: There is no such room.
    """
    found = [answer for name in checked(room) for answer in _answers(name)]
    if output:
        rows = ([answer.row[column] for column in COLUMNS] for answer in found)
        records.write_csv(output, COLUMNS, rows)
        _seal("verify", output)
    if json:
        print_json([answer.row for answer in found])
    else:
        say(_table(found))
        say(f"\n{_total(found)}")
    return 0 if found and all(answer.holds for answer in found) else 1


def write_ladder(output: Path) -> None:
    """Writes the records of the closed-form ladder as CSV."""
    from vmi.verify.ladder import ladder

    records.write(ladder(), output)
    _seal("ladder", output)


def _seal(job: str, output: Path) -> None:
    """Keeps the checksum of a file for a suite; of another nobody asks."""
    if (output.parent / NOTE).is_file():
        Where(output.parent).ledger(job).seal(job, [output], provenance=of_verification())


def _answers(room: str) -> list[Answer]:
    """The answers of a room, and a line on standard error of how many hold."""
    began, found = time.perf_counter(), answers(room)
    seconds, hold = time.perf_counter() - began, sum(answer.holds for answer in found)
    print(f"vmi: {room}: {hold} of {len(found)} hold ({seconds:.1f} s)", file=sys.stderr)
    return found


def _table(found: Sequence[Answer]) -> str:
    return aligned([(_cells(answer), answer.error) for answer in found], ("instrument", "case"))


def _cells(answer: Answer) -> dict[str, str]:
    return {
        "instrument": answer.case.instrument,
        "case": answer.case.name,
        "truth": number(answer.case.truth),
        "tolerance": answer.case.tolerance,
        "got": number(answer.got) or "-",
        "holds": "yes" if answer.holds else "NO",
    }


def _total(found: Sequence[Answer]) -> str:
    wrong = [f"{a.case.instrument} ({a.case.name})" for a in found if not a.holds]
    if not wrong:
        return f"{len(found)} known answers, all hold"
    return f"{len(found)} known answers, {len(wrong)} do not hold: {', '.join(wrong)}"
