"""Where the workflow, its profiles and the suites lie, in a clone or in an installed package."""

from pathlib import Path

__all__ = ["SHIPPED"]

_PACKAGE = Path(__file__).resolve().parent
_INSIDE = _PACKAGE / "clone"  # where `setup.py` puts them in a wheel

#: Holds `Snakefile`, `workflow`, `profiles` and `benchmarks`.
SHIPPED = _INSIDE if _INSIDE.is_dir() else _PACKAGE.parent
