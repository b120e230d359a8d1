"""How a notebook shows things. Every text that comes from elsewhere is escaped."""

from __future__ import annotations

import time
from html import escape
from typing import TYPE_CHECKING, Any, Iterable, Mapping

if TYPE_CHECKING:
    from .local import Verdict
    from .records import Job, Progress, Proof


def _table(title: str, rows: Iterable[tuple[str, str]]) -> str:
    # The second of each row is HTML already.
    lines = "".join(f"<tr><th style='text-align:left'>{escape(name)}</th><td style='text-align:left'>{value}</td></tr>" for name, value in rows)
    return f"<table><caption style='text-align:left'>{escape(title)}</caption>{lines}</table>"


def _bar(done: int, total: int) -> str:
    return f"<progress value='{int(done)}' max='{int(total)}'></progress> {int(done)}/{int(total)}" if total else "–"


def _progress_rows(it: Progress) -> list[tuple[str, str]]:
    rows = [("step", escape(it.step)), ("progress", _bar(it.done, it.total)), ("elapsed", duration(it.elapsed))]
    if it.groups > 1:
        rows.append(("proofs", _bar(it.groups_done, it.groups)))
    if it.remaining is not None:
        rows.append(("remaining", "about " + duration(it.remaining)))
    if it.workers:
        rows.append(("workers", escape(", ".join(f"{worker.name}: {worker.tasks}" for worker in it.workers))))
    if it.notice:
        rows.append(("notice", escape(it.notice)))
    return rows


def progress(it: Progress) -> str:
    """A job's progress."""
    return _table(f"job {it.job}: {it.stage}", _progress_rows(it))


def job(it: Job) -> str:
    """A job, with its progress where it has not ended."""
    rows = [("model", escape(it.model)), ("stage", escape(it.stage))]
    if it.detail:
        rows.append(("failure" if it.failure else "detail", escape(it.detail)))
    rows.append(("submitted", escape(time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(it.submitted)))))
    if it.progress is not None and not it.has_ended:
        rows += _progress_rows(it.progress)
    elif it.has_ended:
        rows.append(("took", duration(it.updated - it.submitted)))
    return _table(f"job {it.id}", rows)


def plan(it: Mapping[str, Any]) -> str:
    """A plan's sizes."""
    rows = [(name, escape(str(len(it[name])))) for name in ("chunks", "circuits", "groups") if isinstance(it.get(name), list)]
    for name in ("workers", "activationBits", "weightBits", "digest"):
        if name in it:
            rows.append((name, escape(str(it[name]))))
    return _table("plan", rows)


def proof(it: Proof) -> str:
    """A proof document: what it claims, and whether its parameters are sound at all."""
    document = it.document
    parameters = document.get("srs") or {}
    rows = [("SHA-256", f"<code>{escape(it.digest)}</code>"), ("bytes", f"{len(it.content):,}")]
    if "model" in document:
        rows.append(("model", escape(str(document["model"].get("name", "")))))
    development = parameters.get("kind") == "development"
    rows.append(("parameters", escape(str(parameters.get("kind", ""))) + (" <b>(not sound: for trying things out)</b>" if development else "")))
    for name, numbers in it.outputs.items():
        shown = ", ".join(f"{number:.6g}" if isinstance(number, (int, float)) else str(number) for number in numbers[:8])
        rows.append((f"output {name}", escape(shown) + (" …" if len(numbers) > 8 else "")))
    return _table("proof (claims until verified)", rows)


def verdict(it: Verdict) -> str:
    """What `verify` found."""
    checks = [check for check in it.report.get("checks", []) if isinstance(check, dict) and not check.get("passed", True)]
    rows = [("verdict", "accepted" if it.accepted else "<b>rejected</b>")]
    rows += [("failed", escape(f"{check.get('name')}: {check.get('detail')}")) for check in checks]
    rows += [("established", escape(str(text))) for text in it.established if it.accepted]
    rows += [("not established", escape(str(text))) for text in it.not_established]
    rows += [("warning", escape(str(text))) for text in it.warnings]
    return _table("verdict", rows)


def duration(seconds: float) -> str:
    """`75` as `1:15`."""
    whole = max(0, int(seconds))
    hours, minutes = divmod(whole // 60, 60)
    return f"{hours}:{minutes:02}:{whole % 60:02}" if hours else f"{minutes}:{whole % 60:02}"
