"""A job that takes more memory than its workers have kills each of them a few times and fails with a table; a small job
beside it ends."""

import time

from harness import expect, limit_address_space, squares

SMOKE = False


def run(cluster):
    cluster.serve()

    def worker(number):
        # It says it has 8 GiB and cannot have a twentieth of that.
        cluster.join(f"w{number}", "--memory", "8G", wait=False, preexec_fn=limit_address_space(300 << 20))

    for number in range(3):
        worker(number)
    circuit, witness = squares(cluster.folder, 62000)
    large = cluster.submit_circuits([circuit] + [witness] * 16)
    small = cluster.submit("--workers", "1")
    began = time.monotonic()
    ended = {}
    deadline = began + 240
    while len(ended) < 2 and time.monotonic() < deadline:
        for number in range(3):
            if not cluster.workers[f"w{number}"].is_alive:
                worker(number)
        for job in (large, small):
            stage = cluster.job(job)["stage"]
            if stage in ("done", "failed", "cancelled"):
                ended.setdefault(job, time.monotonic() - began)
        time.sleep(0.5)
    expect(small in ended and cluster.job(small)["stage"] == "done", f"the small job: {cluster.job(small)}")
    summary = cluster.job(large)
    expect(large in ended, f"the large job goes on: {summary}")
    expect(summary["stage"] == "failed" and "w" in summary["detail"], str(summary))
    return max(ended.values())
