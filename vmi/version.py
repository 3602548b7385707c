"""The version of this package, which every record carries."""

from importlib.metadata import PackageNotFoundError, version

__all__ = ["__version__"]

try:
    __version__ = version("vmi")
except PackageNotFoundError:  # run from a source tree that was never installed
    __version__ = "0+source"
