"""Memory that one step frees is kept for the next."""

import ctypes
from functools import cache

__all__ = ["keep_freed_memory"]

# Of glibc's malloc.h: what is freed at the top of the heap is given back beyond the first, and what
# is larger than the second is asked of the system each time; 32 MiB is the most that may be said.
TRIM_THRESHOLD, MMAP_THRESHOLD = -1, -3
KEPT, LARGEST = 2**30, 2**25


@cache
def keep_freed_memory() -> bool:
    """Asks the C library to keep what is freed for the rest of the process; returns if it does.

    By default glibc gives large blocks back to the system as soon as they are free, so that every
    step finds its pages missing again: 2,800 page faults a step of a small convolutional model and
    15,000 of a large one, up to an eighth of the time. No number depends on it. Where the C library
    is another one, nothing happens.

    References:
        | The GNU C Library manual, Malloc Tunable Parameters
        | https://www.gnu.org/software/libc/manual/html_node/Malloc-Tunable-Parameters.html
    """
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (AttributeError, OSError, TypeError):
        return False
    return bool(mallopt(TRIM_THRESHOLD, KEPT)) and bool(mallopt(MMAP_THRESHOLD, LARGEST))
