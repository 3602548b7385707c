"""The stage that checks a suite before anything is run."""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from vmi.suites.suite import Suite

__all__ = ["check"]


def check(suite: "Suite") -> None:
    """Checks all that can be known before anything is run, stage by stage.

    Raises:
        UserError: The first thing that does not hold.
    """
    for stage in suite.kind.checked:
        import_module(f"vmi.stages.{stage}").check(suite)
