"""Parts without a server: events, back-off, tokens, files, errors, what notebooks and terminals show."""

from __future__ import annotations

import copy
import hashlib
import io
import json
import pickle
from pathlib import Path
from typing import Any

import pytest

from aleo_ezkl import Client, Job, Progress, Proof, Retry, Token, Verdict, compat, errors
from aleo_ezkl.files import Source
from aleo_ezkl.local import argument
from aleo_ezkl.options import checked
from aleo_ezkl.progress import NotebookBar, TextBar
from aleo_ezkl.records import WorkerProgress, read
from aleo_ezkl.retry import retry_after
from aleo_ezkl.sse import Message, Parser

STREAM = (
    "\ufeff: hello\r\n\r\nid: 1\nevent: progress\ndata: {\"a\":\ndata:  \"ä\"}\n\n"
    "data\n\nid: 2\rdata:x\r\revent: lost\nid: 3\n\nretry: 1500\nid: a\0b\nfield: no\ndata: y\n\ndata: unfinished"
)
MESSAGES = [
    Message("progress", '{"a":\n "ä"}', "1"),
    Message("message", "", "1"),
    Message("message", "x", "2"),
    Message("message", "y", "3"),
]


@pytest.mark.parametrize("size", [1, 2, 3, 7, 1000])
def test_events_come_in_pieces_of_any_size(size: int) -> None:
    parser, data = Parser(), STREAM.encode()
    found = [it for place in range(0, len(data), size) for it in parser.feed(data[place : place + size])]
    assert found == MESSAGES
    assert (parser.last_id, parser.retry, parser.comments) == ("3", 1.5, 1)


def test_pauses_grow_to_the_cap_and_end() -> None:
    retry = Retry(attempts=5, base=1, cap=3, random=lambda: 1.0)
    assert [retry.pause(n) for n in range(1, 6)] == [1, 2, 3, 3, None]
    assert Retry(random=lambda: 0.0).pause(1) == 0
    assert Retry(attempts=10**6).pause(10**5) is not None


def test_what_the_server_asks_for_is_waited_for() -> None:
    retry = Retry(base=1, patience=60, random=lambda: 0.5)
    assert retry.pause(1, 30) == 30.5
    assert retry.pause(1, 61) is None


def test_retry_after_is_a_number_or_a_date() -> None:
    assert retry_after("7") == 7
    assert retry_after("Wed, 21 Oct 2015 07:28:00 GMT") == 0
    for text in (None, "", "soon", "-1", "1e9", "٣", "9" * 400):
        assert retry_after(text) is None


def test_the_token_shows_nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    secret = "s3cr3t-of-nobody"
    file = tmp_path / "token"
    file.write_text(secret + "\n")
    monkeypatch.setenv("EZKL_TOKEN", secret)
    for token in (Token(secret), Token.find(None, file), Token.find()):
        assert secret not in repr(token) + str(token) + f"{token!r}"
        with pytest.raises(TypeError):
            pickle.dumps(token)
    with Client("http://localhost:1", secret) as client:
        assert secret not in repr(client) + repr(client._http) + repr(vars(client))
    for bad in ("", "a b", "a\nb", "ä"):
        with pytest.raises(ValueError):
            Token(bad)
    monkeypatch.delenv("EZKL_TOKEN")
    with pytest.raises(ValueError, match="EZKL_TOKEN"):
        Token.find()


@pytest.mark.parametrize("url", ["ftp://a", "a:1", "http://", "http://u:p@localhost", "http://localhost?x", "http://10.0.0.1", "http://host"])
def test_addresses_that_would_show_the_token_are_refused(url: str) -> None:
    with pytest.raises(ValueError):
        Client(url, "x")


@pytest.mark.parametrize("url", ["http://127.0.0.1:1", "http://[::1]:1", "http://localhost", "https://host/under"])
def test_addresses_here_or_with_tls_are_taken(url: str) -> None:
    Client(url, "x").close()
    Client("http://10.0.0.1", "x", plain=True).close()


def test_sources_are_files_bytes_and_values(tmp_path: Path) -> None:
    path = tmp_path / "model.onnx"
    path.write_bytes(bytes(range(256)) * 3000)
    for source in (Source(path), Source(str(path)), Source(path.read_bytes())):
        assert b"".join(source.blocks()) == path.read_bytes() and source.size == 768000
        assert source.digest() == hashlib.sha256(path.read_bytes()).hexdigest()
    assert (Source(path).name, Source(b"").name) == ("model.onnx", "")

    class Array:
        def tolist(self) -> list[float]:
            return [1.0, 2.0]

    assert json.loads(b"".join(Source({"x": Array()}).blocks())) == {"x": [1, 2]}
    assert json.loads(b"".join(Source([Array()]).blocks())) == {"input_data": [[1, 2]]}
    with pytest.raises(TypeError):
        Source({"x": object()})
    with pytest.raises(FileNotFoundError):
        Source("no such file")


def test_a_file_that_grows_is_sent_as_it_was_announced(tmp_path: Path) -> None:
    path = tmp_path / "growing"
    path.write_bytes(b"abc")
    source = Source(path)
    path.write_bytes(b"abcdef")
    assert b"".join(source.blocks()) == b"abc"


def test_options_travel_in_camel_case_and_misspelt_ones_do_not() -> None:
    assert checked({"parameter_visibility": "hashed", "workers": 2, "deadline": None}) == {"parameterVisibility": "hashed", "workers": 2}
    with pytest.raises(TypeError, match="wrokers"):
        checked({"wrokers": 2})  # type: ignore[typeddict-unknown-key]


@pytest.mark.parametrize(
    ("status", "code", "kind"),
    [
        (404, "unknown_job", errors.UnknownJob),
        (404, "artifact", errors.NotFound),
        (422, "artifact", errors.BadArtifact),
        (422, "something_new", errors.Unacceptable),
        (429, "too_many", errors.TooMany),
        (503, "planner", errors.PlanningFailed),
        (507, "disk_full", errors.DiskFull),
        (500, "database", errors.CoordinatorFailed),
        (409, "job_failed", errors.JobFailed),
    ],
)
def test_errors_follow_from_codes(status: int, code: str, kind: type[errors.Problem]) -> None:
    body = json.dumps({"code": code, "detail": "why", "title": "what", "status": status}).encode()
    error = errors.problem(status, body)
    assert type(error) is kind and (error.code, error.status, str(error)) == (code, status, "why")


@pytest.mark.parametrize("body", [b"", b"<html>", b"[1]", b'"x"', b"\xff"])
def test_errors_of_proxies_are_errors_too(body: bytes) -> None:
    assert type(errors.problem(502, body)) is errors.Unavailable
    assert type(errors.problem(302, body)) is errors.Problem


def test_answers_of_something_else_are_refused() -> None:
    answers: list[Any] = [None, [], {}, {"id": "x"}]
    for answer in answers:
        with pytest.raises(errors.BadAnswer):
            read(Job, answer)


EVIL = "<script>alert('\"&')</script>"


def example_progress(**changes: Any) -> Progress:
    values: dict[str, Any] = dict(job=EVIL, stage="proving", step=EVIL, done=1, total=4, groups_done=0, groups=2, chunks=3, elapsed=75)
    return Progress(**{**values, "notice": EVIL, "remaining": 3700.0, "workers": (WorkerProgress(EVIL, 1, 2, 3),), **changes})


def test_notebooks_run_nothing_that_came_from_elsewhere() -> None:
    progress = example_progress()
    job = Job(EVIL, EVIL, "proving", EVIL, EVIL, 0, 1, progress=progress)
    document = {"model": {"name": EVIL}, "srs": {"kind": EVIL}, "outputs": [{"name": EVIL, "floats": [1.5, EVIL]}]}
    proof = Proof(json.dumps(document).encode(), EVIL)
    verdict = Verdict(False, {"checks": [{"name": EVIL, "detail": EVIL, "passed": False}], "warnings": [EVIL], "notEstablished": [EVIL]})
    failed = Job(EVIL, EVIL, "failed", EVIL, EVIL, 0, 1, failure=EVIL)
    for shown in (progress, job, failed, proof, verdict):
        page = shown._repr_html_()
        assert "<script" not in page and "&lt;script" in page
    assert "value='1' max='4'" in progress._repr_html_() and "1:01:40" in progress._repr_html_()


def test_a_proof_under_development_parameters_says_so() -> None:
    assert "not sound" in Proof(b'{"srs": {"kind": "development"}}', "")._repr_html_()
    assert "not sound" not in Proof(b'{"srs": {"kind": "mainnet"}}', "")._repr_html_()


def test_terminals_get_no_control_characters() -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    for stream in (io.StringIO(), Terminal()):
        bar = TextBar(stream)
        bar.show(example_progress(step="\x1b[2J", notice=""))
        bar.close()
        assert "\x1b" not in stream.getvalue() and "1:15" in stream.getvalue()


def test_notebooks_get_one_table_that_changes() -> None:
    shown: list[Any] = []

    class Handle:
        update = staticmethod(shown.append)

    def display(value: Any, display_id: bool) -> Handle:
        shown.append(value)
        return Handle()

    bar = NotebookBar(display)
    first, second = example_progress(), example_progress(done=2)
    bar.show(first)
    bar.show(second)
    assert shown == [first, second]


def test_proofs_are_saved_whole_and_compared(tmp_path: Path) -> None:
    content = b'{"outputs": [{"name": "y", "floats": [1]}, {"name": "z"}]}'
    proof = Proof.checked(content, hashlib.sha256(content).hexdigest())
    assert Proof.load(proof.save(tmp_path / "proof.json")) == proof and proof.outputs == {"y": [1]}
    assert [it.name for it in tmp_path.iterdir()] == ["proof.json"]
    with pytest.raises(errors.ProofDamaged):
        Proof.checked(content + b" ", proof.digest)


def test_what_has_no_counterpart_names_one() -> None:
    for name in ("gen_settings", "compile_circuit", "setup", "mock"):
        with pytest.raises(errors.Unsupported, match=name):
            getattr(compat, name)("model.onnx", output="x")


def test_paths_are_no_options_of_the_tool() -> None:
    assert argument("--model") == "./--model" and argument(Path("a")) == "a"


def test_errors_can_be_copied() -> None:
    error = errors.problem(429, b'{"code": "too_many", "detail": "x"}', 3)
    assert copy.copy(error).code == "too_many"
