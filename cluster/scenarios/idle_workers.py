"""Two thousand idle workers cost the coordinator less than 200 MB and next to no processor time."""

import os
import time

from harness import Running, Skipped, expect, until

SMOKE = False
COUNT = 2000


def run(cluster):
    import resource

    if resource.getrlimit(resource.RLIMIT_NOFILE)[1] < COUNT + 100:
        raise Skipped(f"a process may not have {COUNT} connections here")
    # The defaults of serve; what makes other scenarios quick would have this one measure heartbeats.
    cluster.serve(heartbeat="3s", lease="30s")
    pid = cluster.server.process.pid

    def measure():
        with open(f"/proc/{pid}/status") as file:
            fields = dict(line.split(":", 1) for line in file)
        with open(f"/proc/{pid}/stat") as file:
            times = file.read().rsplit(")", 1)[1].split()
        seconds = (int(times[11]) + int(times[12])) / os.sysconf("SC_CLK_TCK")
        return int(fields["VmRSS"].split()[0]) / 1024, int(fields["Threads"]), seconds

    before = measure()
    token = cluster.folder / "token"
    token.write_text(cluster.run("token", "create"))
    began = time.monotonic()
    crowd = Running(
        cluster, "crowd",
        ["bash", "-c", f"exec {cluster.program('light-workers')} {COUNT} 600 < {token}"])
    until("all workers", 240, lambda: f"live {COUNT} " in crowd.text, pause=0.5)
    joined = time.monotonic() - began
    time.sleep(5)
    first = measure()
    time.sleep(30)
    last = measure()
    load = (last[2] - first[2]) / 30
    print(f"         {COUNT} joined in {joined:.0f} s; memory {before[0]:.0f} -> {last[0]:.0f} MiB, threads {before[1]} -> "
          f"{last[1]}, {100 * load:.1f} % of a core", flush=True)
    expect(last[0] - before[0] < 200, f"they cost {last[0] - before[0]:.0f} MiB")
    expect(last[1] - before[1] < 20, f"they cost {last[1] - before[1]} threads")
    return joined
