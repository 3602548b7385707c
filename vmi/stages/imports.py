"""Imports of what takes seconds to import, torch above all."""

import gc
from importlib import import_module
from types import ModuleType

__all__ = ["import_large"]


def import_large(name: str) -> ModuleType:
    """Imports a module without the search for cycles, which costs a tenth of what torch takes.

    What an import makes is there to stay, and a search finds nothing in it.
    """
    searched = gc.isenabled()
    gc.disable()
    try:
        return import_module(name)
    finally:
        if searched:
            gc.enable()
