"""A hundred clients ask at once, and one connection asks without end: everybody is answered."""

import subprocess
import time

from harness import expect

SMOKE = False
COUNT = 100


def run(cluster):
    cluster.serve()
    cluster.join("a")
    job = cluster.submit("--workers", "1")
    began = time.monotonic()
    clients = [
        subprocess.Popen(
            [str(cluster.program("ezkl-coord")), *words, "--home", str(cluster.home)], stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for number in range(COUNT) for words in ((("jobs",), ("job", job), ("worker", "list"), ("job", job, "--follow"))[number % 4],)]
    for client in clients:
        output, errors = client.communicate(timeout=120)
        expect(client.returncode == 0, f"a client was not served: {errors}{output}")
    taken = time.monotonic() - began
    cluster.wait(job)
    return taken
