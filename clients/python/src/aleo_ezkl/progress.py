"""How waiting looks: a bar of tqdm where it is installed, else one of our own."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from importlib import import_module
from typing import Any, Callable, Iterator, TextIO, Union

from .html import duration
from .records import Progress

Show = Callable[[Progress], None]


@contextmanager
def shown(choice: Union[bool, Show, None]) -> Iterator[Show]:
    """What shows progress while the block runs."""
    if callable(choice):
        yield choice
        return
    if choice is None:
        choice = _in_notebook() or sys.stderr.isatty()
    if not choice:
        yield lambda progress: None
        return
    bar = _bar()
    try:
        yield bar.show
    finally:
        bar.close()


def one_line(text: str) -> str:
    """Text from elsewhere as a terminal may have it."""
    return "".join(character if character.isprintable() else "?" for character in text)


class TextBar:
    """A line that is written again and again; where it is no terminal, a line for every step."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._is_terminal = stream.isatty()
        self._last = ""

    def show(self, progress: Progress) -> None:
        name = one_line(str(progress))
        if not self._is_terminal:
            if name != self._last:
                print(f"{duration(progress.elapsed)} {name}", file=self._stream, flush=True)
            self._last = name
            return
        filled = 24 * progress.done // progress.total if progress.total else 0
        counts = f" [{'#' * filled:24}] {progress.done}/{progress.total}" if progress.total else ""
        rest = "" if progress.remaining is None else f", about {duration(progress.remaining)} left"
        line = f"{duration(progress.elapsed)}{counts} {name}{rest}"[:120]
        self._stream.write(f"\r{line:<{len(self._last)}}")
        self._stream.flush()
        self._last = line

    def close(self) -> None:
        if self._is_terminal and self._last:
            self._stream.write("\n")


class TqdmBar:
    """One bar, whose total is that of the step."""

    def __init__(self, tqdm: Any) -> None:
        self._bar = tqdm(total=1, dynamic_ncols=True, bar_format="{elapsed} {bar:24} {n_fmt}/{total_fmt} {desc}")

    def show(self, progress: Progress) -> None:
        self._bar.set_description_str(one_line(str(progress)), refresh=False)
        if progress.total:
            self._bar.total, self._bar.n = progress.total, progress.done
        self._bar.refresh()

    def close(self) -> None:
        self._bar.close()


class NotebookBar:
    """A table of the notebook that changes."""

    def __init__(self, display: Any) -> None:
        self._display = display
        self._handle: Any = None

    def show(self, progress: Progress) -> None:
        if self._handle is None:
            self._handle = self._display(progress, display_id=True)
        else:
            self._handle.update(progress)

    def close(self) -> None:
        pass


def _in_notebook() -> bool:
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython is not None else None
    return type(shell).__name__ == "ZMQInteractiveShell"


def _bar() -> Union[TextBar, TqdmBar, NotebookBar]:
    if _in_notebook():
        return NotebookBar(import_module("IPython.display").display)
    try:
        return TqdmBar(import_module("tqdm").tqdm)
    except ImportError:
        return TextBar(sys.stderr)
