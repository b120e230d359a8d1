"""When a request is sent again, and after how long."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from time import time
from typing import Callable, Optional


@dataclass(frozen=True)
class Retry:
    """Exponential back-off with full jitter.

    A request is tried `attempts` times; the pause before try n + 1 is random below `base * 2**n` seconds, at most `cap`. What a
    `Retry-After` asks for is waited for, up to `patience` seconds; beyond that the error is raised at once.
    """

    attempts: int = 6
    base: float = 0.5
    cap: float = 20
    patience: float = 120
    random: Callable[[], float] = field(default=random.random, repr=False)

    def pause(self, attempt: int, after: Optional[float] = None) -> Optional[float]:
        """Seconds before the next try, when `attempt` have failed; None where there is none."""
        if attempt >= self.attempts:
            return None
        # Never all at once, also where all were told the same time.
        jitter = self.random() * min(self.cap, self.base * 2.0 ** min(attempt - 1, 30))
        if after is None:
            return jitter
        return after + self.random() * self.base if after <= self.patience else None


def retry_after(text: Optional[str]) -> Optional[float]:
    """The seconds that a header `Retry-After` means: a number or a date; None where it is neither."""
    if text is None:
        return None
    text = text.strip()
    if text.isascii() and text.isdigit() and len(text) < 10:
        return float(text)
    try:
        return max(0.0, parsedate_to_datetime(text).timestamp() - time())
    except (TypeError, ValueError, IndexError, OverflowError):
        return None
