"""What goes wrong on the way, by a server that does it on purpose."""

from __future__ import annotations

import asyncio
import hashlib
import json
import time
from typing import Any

import pytest
from scripted import Drop, Heard, Reply, ScriptedServer, answer, events, problem

from aleo_ezkl import AsyncClient, Client, Event, Retry, errors

QUICK = Retry(attempts=4, base=0.01, cap=0.02, patience=5)
SUMMARY = {"id": "j", "model": "m", "stage": "done", "detail": "", "owner": "o", "submitted": 1, "updated": 2, "options": {}, "dropped": []}
DIGEST = "a" * 64
HERE = answer({"digest": DIGEST, "bytes": 1})


def progress(number: int, done: int = 0) -> str:
    data = {"job": "j", "stage": "proving", "step": "s", "done": done, "total": 9, "groupsDone": 0, "groups": 1, "chunks": 1, "elapsed": 1, "workers": []}
    return f"id: e-{number}\nevent: progress\ndata: {json.dumps(data)}\n\n"


def end(**changes: Any) -> str:
    return f"id: end\nevent: end\ndata: {json.dumps({**SUMMARY, **changes})}\n\n"


def posts(server: ScriptedServer) -> list[Heard]:
    return [heard for heard in server.heard if heard.method == "POST"]


# Submission


@pytest.mark.parametrize("fault", [Drop(), problem(503, "not_ready"), problem(429, "too_many"), problem(409, "under_way"), Reply(502), Reply(201, b"{}", {}, cut=0)])
def test_a_job_that_is_sent_again_has_the_same_key_and_body(server: ScriptedServer, scripted: Client, fault: Any) -> None:
    server.script = [HERE, HERE, fault, fault, answer({"job": SUMMARY}, 200, **{"Idempotent-Replayed": "true"})]
    assert scripted.submit(b"model", b"{}", workers=2).id == "j"
    first, *others = posts(server)
    assert len(others) == 2 and all(it.body == first.body for it in others)
    assert {it.headers["idempotency-key"] for it in posts(server)} == {first.headers["idempotency-key"]}
    assert json.loads(first.body)["options"] == {"workers": 2}


def test_every_job_has_a_key_of_its_own_unless_it_is_given(server: ScriptedServer, scripted: Client) -> None:
    server.script = [HERE, HERE, answer({"job": SUMMARY}, 201)] * 3
    for key in (None, None, "mine"):
        scripted.submit(b"model", b"{}", key=key)
    keys = [it.headers["idempotency-key"] for it in posts(server)]
    assert len(set(keys)) == 3 and keys[2] == "mine"


def test_files_that_went_meanwhile_are_sent_once_more_under_the_same_key(server: ScriptedServer, scripted: Client) -> None:
    gone = problem(422, "artifact")
    server.script = [HERE, HERE, gone, HERE, HERE, answer({"job": SUMMARY}, 201)]
    scripted.submit(b"model", b"{}")
    assert [it.method for it in server.heard] == ["GET", "GET", "POST", "PUT", "PUT", "POST"]
    assert len({it.headers["idempotency-key"] for it in posts(server)}) == 1
    server.script = [HERE, HERE, gone, HERE, HERE, gone]
    with pytest.raises(errors.BadArtifact):
        scripted.submit(b"model", b"{}")


@pytest.mark.parametrize("code", ["bad_model", "key_taken", "planner"])
def test_what_will_not_get_better_is_not_tried_again(server: ScriptedServer, scripted: Client, code: str) -> None:
    server.script = [HERE, HERE, problem(503 if code == "planner" else 422, code)]
    with pytest.raises(errors.Problem) as caught:
        scripted.submit(b"model", b"{}")
    assert caught.value.code == code and len(posts(server)) == 1


# Retries


def test_the_pause_that_is_asked_for_is_kept(server: ScriptedServer, scripted: Client) -> None:
    server.script = [problem(429, "too_many", Retry_After="1"), answer({"id": "i", "name": "n", "role": "viewer"})]
    began = time.monotonic()
    assert scripted.self().name == "n"
    assert time.monotonic() - began >= 1


def test_nobody_waits_for_hours(server: ScriptedServer, scripted: Client) -> None:
    server.script = [problem(429, "too_many", Retry_After="7200")]
    with pytest.raises(errors.TooMany) as caught:
        scripted.self()
    assert caught.value.retry_after == 7200 and len(server.heard) == 1


def test_tries_end(server: ScriptedServer, scripted: Client) -> None:
    server.script = [problem(503, "not_ready")] * 9
    with pytest.raises(errors.Unavailable):
        scripted.self()
    assert len(server.heard) == 4
    server.script, server.heard = [Drop()] * 9, []
    with pytest.raises(errors.ConnectionLost) as caught:
        scripted.self()
    assert len(server.heard) == 4 and caught.value.sent and "a-token" not in repr(caught.value)


def test_nobody_there_is_said_so(server: ScriptedServer) -> None:
    with Client("http://127.0.0.1:1", "x", retry=Retry(attempts=2, base=0.01)) as client:
        with pytest.raises(errors.ConnectionLost, match="cannot be reached") as caught:
            client.self()
    assert not caught.value.sent


def test_a_deletion_whose_answer_was_lost_has_happened(server: ScriptedServer, scripted: Client) -> None:
    server.script = [Drop(), problem(404, "unknown_job")]
    scripted.delete("j")
    server.script = [problem(404, "unknown_job")]
    with pytest.raises(errors.UnknownJob):
        scripted.delete("j")


def test_redirections_are_not_followed_and_are_no_success(server: ScriptedServer, scripted: Client) -> None:
    server.script = [Reply(302, b"", {"Location": server.url + "/elsewhere"})]
    with pytest.raises(errors.Problem, match="302"):
        scripted.cancel("j")
    assert len(server.heard) == 1


def test_ids_stay_one_step_of_the_path(server: ScriptedServer, scripted: Client) -> None:
    server.script = [problem(404, "unknown_job")]
    with pytest.raises(errors.UnknownJob):
        scripted.job("../workers?x#y")
    assert server.heard[0].target == "/v1/jobs/..%2Fworkers%3Fx%23y"
    for id in ("", ".", ".."):
        with pytest.raises(ValueError):
            scripted.job(id)


def test_a_plan_that_takes_too_long_is_not_begun_again(server: ScriptedServer, scripted: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def slow(_: Heard) -> Reply:
        time.sleep(0.5)
        return answer({})

    server.script = [HERE, HERE, slow, slow]
    monkeypatch.setattr("aleo_ezkl.calls.PLAN_SECONDS", 0.1)
    with pytest.raises(errors.ConnectionLost, match="did not answer"):
        scripted.plan(b"model", b"{}")
    assert len(posts(server)) == 1
    server.script = [HERE, HERE, Drop(), answer({"digest": "d"})]
    monkeypatch.setattr("aleo_ezkl.calls.PLAN_SECONDS", 5)
    assert scripted.plan(b"model", b"{}") == {"digest": "d"}


# Files


def test_an_upload_that_breaks_off_is_sent_again(server: ScriptedServer, scripted: Client) -> None:
    content = b"x" * 700_000
    server.script = [problem(404, "artifact"), Drop(), problem(503, "not_ready"), answer({"digest": DIGEST, "bytes": 700_000}, 201)]
    assert scripted.upload(content).bytes == 700_000
    puts = [it for it in server.heard if it.method == "PUT"]
    assert len(puts) == 3 and all(it.body == content for it in puts)
    assert puts[0].target == "/v1/artifacts/" + hashlib.sha256(content).hexdigest()
    assert puts[0].headers["content-length"] == "700000" and "transfer-encoding" not in puts[0].headers


def test_what_is_there_is_not_sent(server: ScriptedServer, scripted: Client) -> None:
    server.script = [HERE]
    scripted.upload(b"x")
    assert [it.method for it in server.heard] == ["GET"]


def test_proofs_are_compared_with_their_digest_and_fetched_again_if_cut(server: ScriptedServer, scripted: Client) -> None:
    content = b'{"format": "ezkl-proof/3"}'
    tag = {"ETag": f'"{hashlib.sha256(content).hexdigest()}"'}
    server.script = [Reply(200, content, tag, cut=5), Reply(200, content, tag)]
    assert scripted.proof("j").content == content and len(server.heard) == 2
    for headers in (tag, {}):
        server.script = [Reply(200, content + b" ", headers)]
        with pytest.raises(errors.ProofDamaged):
            scripted.proof("j")


# Events


def test_a_stream_that_is_cut_goes_on_where_it_was(server: ScriptedServer, scripted: Client) -> None:
    half = progress(2)[:40]
    server.script = [
        events(progress(1) + half, cut=True),
        Drop(),
        events(progress(1) + progress(2)),
        problem(503, "not_ready"),
        events(": \n\n" + end()),
    ]
    found = list(scripted.events("j"))
    assert [it.id for it in found] == ["e-1", "e-2", "end"]
    assert [it.headers.get("last-event-id") for it in server.heard] == [None, "e-1", "e-1", "e-2", "e-2"]
    assert found[-1].job is not None and found[-1].job.stage == "done"


def test_an_end_that_was_heard_is_an_end(server: ScriptedServer, scripted: Client) -> None:
    server.script = [Reply(204)]
    assert list(scripted.events("j", last_event_id="end")) == []


def test_gaps_are_told(server: ScriptedServer, scripted: Client) -> None:
    server.script = [events("id: e-7\nevent: gap\ndata: {}\n\n" + progress(8))]
    stream = scripted.events(last_event_id="old-1")
    assert [next(stream).name, next(stream).name] == ["gap", "progress"]


def test_a_stream_that_only_ends_is_given_up(server: ScriptedServer, scripted: Client) -> None:
    server.script = [events("")] * 9
    with pytest.raises(errors.ConnectionLost):
        list(scripted.events("j"))
    assert len(server.heard) == 4


def test_a_token_that_ended_ends_the_stream(server: ScriptedServer, scripted: Client) -> None:
    server.script = [events(progress(1)), problem(401, "unauthenticated")]
    stream = scripted.events()
    next(stream)
    with pytest.raises(errors.Unauthenticated):
        next(stream)


def test_waiting_tells_what_became_of_the_job(server: ScriptedServer, scripted: Client) -> None:
    seen: list[int] = []
    server.script = [events(progress(1, 3) + progress(2, 4) + end())]
    assert scripted.wait("j", progress=lambda it: seen.append(it.done)).stage == "done" and seen == [3, 4]
    server.script = [events(progress(1, 3) + end(stage="failed", detail="no room", failure="bad_model"))]
    with pytest.raises(errors.JobFailed, match="no room") as caught:
        scripted.wait("j", progress=True)
    assert caught.value.code == "bad_model"
    server.script = [Reply(204), answer({"job": {**SUMMARY, "stage": "cancelled"}})]
    with pytest.raises(errors.JobCancelled):
        scripted.wait("j")


def test_waiting_has_an_end_of_its_own(server: ScriptedServer, scripted: Client) -> None:
    server.script = [events(progress(number)) for number in range(99)]
    with pytest.raises(errors.WaitTimeout):
        scripted.wait("j", timeout=0.3)
    # Also while a connection has much to tell.
    server.script = [events("".join(progress(number) for number in range(20)), pace=0.1)]
    began = time.monotonic()
    with pytest.raises(errors.WaitTimeout):
        scripted.wait("j", timeout=0.3)
    assert time.monotonic() - began < 1.5


# The same with coroutines


def test_the_asynchronous_client_does_the_same(server: ScriptedServer) -> None:
    content = b"x" * 300_000

    async def run() -> "list[Event]":
        async with AsyncClient(server.url, "t", retry=QUICK) as client:
            server.script = [problem(404, "artifact"), Drop(), answer({"digest": DIGEST, "bytes": 1}, 201)]
            await client.upload(content)
            server.script = [HERE, HERE, Drop(), problem(429, "too_many"), answer({"job": SUMMARY})]
            await client.submit(b"m", b"{}")
            server.script = [events(progress(1) + progress(2)[:30], cut=True), events(progress(1) + end())]
            found = [it async for it in client.events("j")]
            server.script = [answer({"jobs": [SUMMARY], "next": "n"}), answer({"jobs": [SUMMARY]})]
            assert len([it async for it in client.jobs(stage=["done", "failed"], page=1)]) == 2
            server.script = [problem(404, "unknown_worker")]
            with pytest.raises(errors.UnknownWorker):
                await client.cordon("w", "why")
            server.script = [events(progress(number)) for number in range(99)]
            with pytest.raises(errors.WaitTimeout):
                await client.wait("j", timeout=0.2)
            return found

    assert [it.id for it in asyncio.run(run())] == ["e-1", "end"]
    assert [it.body for it in server.heard if it.method == "PUT"] == [content] * 2
    jobs = [it for it in posts(server) if it.target == "/v1/jobs"]
    assert len(jobs) == 3 and len({it.headers["idempotency-key"] for it in jobs}) == 1
    pages = [it.target for it in server.heard if it.target.startswith("/v1/jobs?")]
    assert pages == ["/v1/jobs?limit=1&stage=done%2Cfailed", "/v1/jobs?limit=1&stage=done%2Cfailed&after=n"]
    assert json.loads(posts(server)[-1].body) == {"reason": "why"}
