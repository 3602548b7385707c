"""`vmi run`: a suite from the first stage to the page, by Snakemake."""

import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from vmi.errors import UserError
from vmi.shipped import SHIPPED
from vmi.stages.lock import hold
from vmi.stages.where import where

if TYPE_CHECKING:
    from vmi.suites.suite import Suite

__all__ = ["run"]

# What this command says to Snakemake, which would go by what is said last.
OWN = ("--config", "-C", "--directory", "-d", "--snakefile", "-s", "--workflow-profile")


def run(
    suite: "Suite",
    cores: str | None = None,
    dry_run: bool = False,
    device: str = "cpu",
    profile: str = "default",
    more: Sequence[str] = (),
) -> int:
    """Runs a suite in the folder that one works in, and prints where its page is.

    It goes on where a run before it was cut off, as nothing is left of one that was killed.

    Args:
        suite: The suite.
        cores: How many to use; as many as the profile says, if None.
        dry_run: Only show what would be done.
        device: Where to train.
        profile: Of those in `profiles/`, or the path of another.
        more: Further arguments of Snakemake.

    Returns:
        0 where all was done, 1 where some of it failed, 2 where the suite cannot be run.

    Raises:
        UserError: Another run is at work on the suite's results, or there is no such profile.
    """
    here = where(suite)
    if own := next((word for word in more if word.partition("=")[0] in OWN), None):
        raise UserError(f"{own} is said by `vmi run` itself, which works in the folder you are in")
    if not dry_run:
        hold(here.root).close()  # the workflow takes it; here it is known without waiting
    command = [sys.executable, "-m", "snakemake", "--nolock", "--config"]
    command += [f"suite={_quoted(suite.given)}", f"device={_quoted(device)}"]
    command += ["--snakefile", str(SHIPPED / "Snakefile")]
    command += ["--workflow-profile", str(_profile(profile))]
    command += ["--cores", cores] if cores else []
    command += ["--dry-run"] if dry_run else []
    code = _waited(subprocess.Popen([*command, *more], env=environment()))
    if code == 0 and not dry_run and here.report.is_file():
        print(here.report)
    return code if code in (0, 2) else 1


def environment() -> dict[str, str]:
    """Returns the environment that Snakemake runs in: one with a cache that can be written.

    Snakemake and matplotlib keep theirs at home, which on many clusters is for reading alone.
    """
    found = dict(os.environ)
    if not _writable(Path(found.get("XDG_CACHE_HOME") or Path.home() / ".cache")):
        cache = str(Path.cwd() / ".snakemake" / "cache")
        found |= {"XDG_CACHE_HOME": cache, "MPLCONFIGDIR": found.get("MPLCONFIGDIR", cache)}
    return found


def _writable(folder: Path) -> bool:
    """Whether a folder can be written to, or be made."""
    there = next(path for path in (folder, *folder.absolute().parents) if path.exists())
    return os.access(there, os.W_OK | os.X_OK)


def _profile(name: str) -> Path:
    """The folder of a profile."""
    for folder in (SHIPPED / "profiles" / name, Path(name)):
        if folder.is_dir():
            return folder
    known = ", ".join(sorted(path.name for path in (SHIPPED / "profiles").iterdir()))
    raise UserError(f"unknown profile {name!r} (known: {known}, or a folder of your own)")


def _quoted(text: str) -> str:
    """Text that stays text where Snakemake reads it, which takes 1e3 for a number."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _waited(child: subprocess.Popen) -> int:
    """The exit code of a child, which is told to end where this process is."""
    before = signal.signal(signal.SIGTERM, lambda *_: child.terminate())
    try:
        while True:
            try:
                return child.wait()
            except KeyboardInterrupt:  # the child has got it too, and ends its jobs
                continue
    finally:
        signal.signal(signal.SIGTERM, before)
