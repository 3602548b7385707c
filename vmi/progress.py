"""Progress of long work: a bar in a terminal, a plain line every so often in a log."""

import sys
import time
from collections.abc import Iterable, Iterator
from typing import TextIO

from tqdm import tqdm

__all__ = ["Progress"]


class Progress:
    """Shows the steps a second, the latest numbers and the time left of some long work.

    Args:
        total: How many steps there are.
        title: What is being done.
        quiet: Show nothing at all.
        done: How many were done before.
        every: Seconds between two lines where the stream is no terminal.
        stream: Where to write; standard error if None.
    """

    def __init__(
        self,
        total: int,
        title: str,
        *,
        quiet: bool = False,
        done: int = 0,
        every: float = 10.0,
        stream: TextIO | None = None,
    ) -> None:
        self.stream = stream or sys.stderr
        self.total, self.title, self.every, self.quiet = total, title, every, quiet
        self.done = self.before = done
        self.began = time.monotonic()
        self.told = self.began
        terminal = self.stream.isatty() and not quiet
        self.bar = (
            tqdm(total=total, initial=done, desc=title, file=self.stream) if terminal else None
        )

    def advance(self, steps: int = 1, **numbers: float) -> None:
        """Says that so many more steps are done, and what the numbers of interest are now."""
        self.done += steps
        shown = ", ".join(f"{name} {value:.4g}" for name, value in numbers.items())
        if self.bar is not None:
            self.bar.set_postfix_str(shown, refresh=False)
            self.bar.update(steps)
        elif not self.quiet and (time.monotonic() - self.told > self.every or self._finished()):
            self.told = time.monotonic()
            print(self._line(shown), file=self.stream, flush=True)

    def close(self) -> None:
        """Leaves the bar where it stands."""
        if self.bar is not None:
            self.bar.close()

    def over(self, items: Iterable) -> Iterator:
        """Yields the items, one step each."""
        for item in items:
            yield item
            self.advance()
        self.close()

    def _finished(self) -> bool:
        return self.done >= self.total

    def _line(self, shown: str) -> str:
        rate = (self.done - self.before) / max(time.monotonic() - self.began, 1e-9)
        left = (self.total - self.done) / rate if rate else float("nan")
        parts = [f"{self.done}/{self.total}", f"{rate:.3g} steps/s", shown, f"{left:.0f} s left"]
        return f"{self.title}: " + ", ".join(part for part in parts if part)
