"""Cohorts: which seeds one job trains. A name such as "0-4" or "1+3" stands in paths."""

import re
from collections.abc import Iterable, Sequence

from vmi.errors import UserError, short

__all__ = ["cohort_name", "cohorts", "parse_cohort"]

MOST = 100_000  # seeds of a cohort


def cohorts(seeds: Sequence[int], size: int, existing: Iterable[str] = ()) -> list[str]:
    """Splits seeds into cohorts, the names of jobs, e.g. "0-4"; what exists already stays as it is.

    Args:
        seeds: All that are wanted.
        size: Seeds a new cohort.
        existing: Names of cohorts that were trained before. One may hold seeds that are no longer
            wanted; one that holds no wanted seed, or none that another does not hold, is left out.

    Example:
        >>> cohorts([0, 1, 2, 3, 4], 2, existing=["0-2"])
        ['0-2', '3-4']
    """
    left, kept = set(seeds), []
    for name in sorted(existing, key=lambda name: (-len(left & set(parse_cohort(name))), name)):
        if left & set(parse_cohort(name)) and not set(seeds) & set(parse_cohort(name)) - left:
            kept.append(name)
            left -= set(parse_cohort(name))
    rest = sorted(left)
    new = [cohort_name(rest[i : i + size]) for i in range(0, len(rest), size)]
    return sorted([*kept, *new], key=parse_cohort)


def parse_cohort(name: str) -> list[int]:
    """Returns the seeds of a cohort's name: "0-4" is 0 to 4, "1+3" is 1 and 3.

    Raises:
        UserError: The name is neither.
    """
    if len(name) > MOST:
        raise UserError(f"{short(name)} names more seeds than a job takes")
    if re.fullmatch(r"\d+(\+\d+)*", name):
        return [int(seed) for seed in name.split("+")]
    if match := re.fullmatch(r"(\d+)-(\d+)", name):
        if int(match[2]) - int(match[1]) >= MOST:
            raise UserError(f"{name!r} names more than {MOST:,} seeds")
        return list(range(int(match[1]), int(match[2]) + 1))
    raise UserError(f"{name!r} names no seeds: write 3, 0-4 or 1+3")


def cohort_name(seeds: Sequence[int]) -> str:
    """Returns the name of a cohort: "0-4", or "1+3" where its seeds are no range."""
    whole_range = list(seeds) == list(range(seeds[0], seeds[-1] + 1))
    return (
        f"{seeds[0]}-{seeds[-1]}" if whole_range and len(seeds) > 1 else "+".join(map(str, seeds))
    )
