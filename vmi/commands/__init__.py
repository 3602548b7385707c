"""For people with arrays of their own: what `vmi.score`, `vmi.mi`, `vmi.verify` and `vmi.load` do.

The commands of the same names, and `vmi list`, are thin over them.
"""

__all__: list[str] = []
