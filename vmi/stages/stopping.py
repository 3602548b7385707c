"""SIGTERM, by which schedulers and people ask a process to end, as a question."""

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from vmi.errors import Stopped

__all__ = ["asked_to_end"]


@contextmanager
def asked_to_end() -> Iterator[Callable[[], bool]]:
    """Gives a function that returns whether SIGTERM has come, which ends nothing meanwhile.

    Raises:
        Stopped: It came, and what was done within did not end for it.
    """
    if threading.current_thread() is not threading.main_thread():
        yield lambda: False  # signals are the main thread's
        return
    came = threading.Event()
    before = signal.signal(signal.SIGTERM, lambda *_: came.set())
    try:
        yield came.is_set
    finally:
        signal.signal(signal.SIGTERM, before)
    if came.is_set():
        raise Stopped("what was done so far is kept")
