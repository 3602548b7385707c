"""The stage that checks a suite before anything is run."""

from typing import TYPE_CHECKING

from vmi.stages.imports import import_large

if TYPE_CHECKING:
    from vmi.suites.suite import Suite

__all__ = ["check"]


def check(suite: "Suite") -> None:
    """Checks all that can be known before anything is run, stage by stage.

    Raises:
        UserError: The first thing that does not hold.
    """
    for stage in suite.checked:
        import_large(f"vmi.stages.{stage}").check(suite)
