"""Against a real coordinator and worker, on examples/digits_mlp."""

from __future__ import annotations

import asyncio
import hashlib
import json
from pathlib import Path

import pytest
from conftest import INPUT, MODEL, TOOL, Network

from aleo_ezkl import AsyncClient, Client, Job, Proof, Progress, calibrate, compat, errors, verify


@pytest.fixture(scope="module")
def done(network: Network) -> Job:
    """A job that is done."""
    with Client(network.url, network.token) as client:
        return client.wait(client.submit(MODEL, INPUT, workers=1), timeout=300)


def test_a_model_is_proven(client: Client) -> None:
    seen: list[Progress] = []
    job = client.submit(MODEL, INPUT, workers=1)
    assert not job.has_ended and job.model == "digits_mlp.onnx" and job.options["workers"] == 1
    ended = client.wait(job, timeout=300, progress=seen.append)
    assert ended.stage == "done" and ended.id == job.id
    assert "proving" in {it.stage for it in seen} and seen[-1].stage == "done"
    proof = client.proof(job)
    assert len(proof.outputs["scores"]) == 10 and proof.digest == hashlib.sha256(proof.content).hexdigest()
    assert "digits_mlp.onnx" in proof._repr_html_()
    verdict = verify(proof, model=MODEL, tool=TOOL)
    assert verdict and verdict.established and any("development" in it for it in verdict.warnings)


def test_a_changed_proof_is_rejected(client: Client, done: Job, tmp_path: Path) -> None:
    document = client.proof(done).document
    document["outputs"][0]["integers"][0] += 1
    path = tmp_path / "changed.json"
    path.write_text(json.dumps(document))
    verdict = verify(path, model=MODEL, tool=TOOL)
    assert not verdict and not verdict.accepted
    with pytest.raises(errors.ToolFailed) as caught:
        verify(path, model=tmp_path / "nothing", tool=TOOL)
    assert caught.value.exit_code == 3
    with pytest.raises(errors.ToolMissing):
        verify(path, tool="no-such-tool")


def test_the_same_key_gives_the_same_job(client: Client) -> None:
    first = client.submit(MODEL, INPUT, workers=1, key="test-key")
    assert client.submit(MODEL, INPUT, workers=1, key="test-key").id == first.id
    with pytest.raises(errors.KeyTaken):
        client.submit(MODEL, INPUT, workers=2, key="test-key")
    client.cancel(first)


def test_inputs_are_values_as_well(client: Client, done: Job) -> None:
    numbers = json.loads(INPUT.read_bytes())["input_data"]
    plan = client.plan(MODEL.read_bytes(), numbers, workers=1)
    assert plan["digest"] == client.job_plan(done)["digest"] and len(plan["chunks"]) == 1
    assert "chunks" in plan._repr_html_()
    with pytest.raises(errors.BadInput):
        client.plan(MODEL, [[1.0, 2.0]])
    with pytest.raises(errors.BadModel):
        client.plan(b"no model", numbers)


def test_settings_are_calibrated_taken_and_pinned(client: Client, done: Job, tmp_path: Path) -> None:
    found = calibrate(MODEL, INPUT, out=tmp_path / "settings.json", target="accuracy", tool=TOOL)
    assert found.report["report"]["samples"] == 1
    settings = json.loads(found.settings.read_bytes())
    assert client.plan(MODEL, INPUT, calibration=found.settings, workers=1)["activationBits"] == settings["activationBits"]
    assert not verify(client.proof(done), model=MODEL, settings=found.settings, tool=TOOL)


def test_uploads_are_kept(client: Client) -> None:
    upload = client.upload(MODEL)
    assert upload.digest == hashlib.sha256(MODEL.read_bytes()).hexdigest() and upload.bytes == MODEL.stat().st_size
    assert client.upload(MODEL) == upload


def test_jobs_come_in_pages(client: Client, done: Job) -> None:
    everything = [it.id for it in client.jobs(page=1)]
    assert done.id in everything and everything == [it.id for it in client.jobs()]
    assert done.id in [it.id for it in client.jobs(stage=["done"], model="digits_mlp.onnx", owner=done.owner)]
    assert list(client.jobs(stage="failed")) == []
    with pytest.raises(errors.BadRequest):
        next(client.jobs(stage="nothing"))


def test_a_job_has_a_history(client: Client, done: Job) -> None:
    detail = client.job(done.id, attempts=True)
    assert detail.attempts and all(it.outcome == "done" and it.worker_id for it in detail.attempts)
    assert client.job(done).attempts is None and "done" in detail._repr_html_()


def test_an_ended_job_says_its_end_and_no_more(client: Client, done: Job) -> None:
    assert [it.name for it in client.events(done)] == ["end"]
    assert list(client.events(done, last_event_id="end")) == []
    assert client.wait(done).stage == "done"


def test_cancelled_jobs_are_not_waited_for_and_can_be_deleted(client: Client) -> None:
    job = client.submit(MODEL, INPUT, workers=64)
    with pytest.raises(errors.WaitTimeout):
        client.wait(job, timeout=0.5)
    with pytest.raises(errors.JobNotFinished):
        client.proof(job)
    with pytest.raises(errors.Conflict):
        client.delete(job)
    client.cancel(job)
    with pytest.raises(errors.JobCancelled):
        client.wait(job, timeout=60)
    client.delete(job)
    with pytest.raises(errors.UnknownJob):
        client.job(job)


def test_a_coordinator_that_is_killed_meanwhile_is_waited_for(network: Network, client: Client) -> None:
    job = client.submit(MODEL, INPUT, workers=64)
    stream = client.events(job)
    assert next(stream).progress is not None
    network.restart()
    after = next(it for it in stream if it.progress is not None)
    assert after.progress is not None and after.progress.job == job.id
    client.cancel(job)
    assert [it.job.stage for it in stream if it.job is not None] == ["cancelled"]


def test_workers_are_steered(client: Client) -> None:
    (worker,) = [it for it in client.workers() if it.name == "first"]
    assert client.worker(worker).id == worker.id and worker.threads > 0
    client.cordon(worker, "new disk")
    cordoned = client.worker(worker.id)
    assert cordoned.state == "cordoned" and cordoned.record is not None and cordoned.record.reason == "new disk"
    client.uncordon(worker)
    assert client.worker(worker).state == "live"
    with pytest.raises(errors.UnknownWorker):
        client.cordon("nobody")


def test_drained_workers_leave(network: Network, client: Client) -> None:
    process = network.join("second")
    (worker,) = [it for it in client.workers() if it.name == "second"]
    client.drain(worker, deadline=3600)
    assert process.wait(30) == 0


def test_the_network_and_its_audit(client: Client, done: Job) -> None:
    me = client.self()
    assert (me.name, me.role) == ("tests", "operator")
    cluster = client.cluster()
    assert cluster.threads > 0 and cluster.jobs["done"] >= 1
    entries = list(client.audit(page=2))
    assert len(entries) > 2 and entries == sorted(entries, key=lambda it: -it.number)
    assert any(it.action == "submit" and it.name == "tests" for it in entries)


def test_roles_hold(network: Network) -> None:
    with Client(network.url, network.make_token("looker", "viewer")) as viewer:
        assert viewer.self().role == "viewer"
        with pytest.raises(errors.NotAllowed):
            viewer.submit(MODEL, INPUT)
    with Client(network.url, "wrong") as nobody:
        with pytest.raises(errors.Unauthenticated):
            nobody.self()


def test_the_token_is_in_no_log(network: Network, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(0)
    with Client(network.url, network.token) as client:
        client.cluster()
        with pytest.raises(errors.UnknownJob) as caught:
            client.job("nothing")
    assert network.token not in caplog.text + repr(caught.value) + network.log.read_text()


def test_the_asynchronous_client(network: Network) -> None:
    async def run() -> Proof:
        async with AsyncClient(network.url, network.token) as client:
            assert (await client.self()).name == "tests"
            jobs = await asyncio.gather(*(client.submit(MODEL, INPUT, workers=1, key=f"async-{n % 2}") for n in range(4)))
            assert len({it.id for it in jobs}) == 2
            first, second = jobs[:2]
            await client.cancel(second)
            ended = await client.wait(first, timeout=300)
            assert [it.name async for it in client.events(ended)] == ["end"]
            workers, cluster, plan = await asyncio.gather(client.workers(), client.cluster(), client.job_plan(ended))
            assert workers and cluster.version and plan["circuits"]
            assert first.id in [it.id async for it in client.jobs(page=1)]
            assert [it async for it in client.audit(page=500)]
            return await client.proof(ended)

    assert verify(asyncio.run(run()), model=MODEL, tool=TOOL)


def test_the_names_that_users_of_ezkl_know(network: Network, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", f"{TOOL.parent}:/usr/bin:/bin")
    compat.calibrate_settings(INPUT, MODEL, "settings.json", "resources")
    folder = compat.gen_witness(INPUT, MODEL, "witness", settings="settings.json")
    assert sorted(it.name for it in folder.iterdir()) == ["circuit0-0.wtns", "circuit0.r1cs"]
    proof = compat.prove(INPUT, MODEL, "local.json", settings="settings.json", workers=1, output_visibility="hashed", deadline=300.0)
    assert proof == Proof.load("local.json")
    verdict = compat.verify("local.json", "settings.json", model=MODEL)
    assert verdict and "outputs hashed" in json.dumps(verdict.report["choices"])
    with pytest.raises(errors.Unsupported, match="limits"):
        compat.prove(INPUT, MODEL, limits={"constraints": 9})
