"""The wall clock of a coordinator and a worker jumps by an hour and back during jobs: no lease is lost, the jobs succeed."""

import datetime
import os
import shutil
import subprocess
import time

from harness import Skipped, expect

SMOKE = False
# The programs' wall clock, moved by the seconds in a file; the monotonic clock stays.
LIBRARY = r"""
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>
static long offset(void) {
  char text[32] = {0};
  int file = open(getenv("CLOCK_OFFSET"), O_RDONLY);
  if (file < 0) return 0;
  if (read(file, text, 31) < 0) text[0] = 0;
  close(file);
  return atol(text);
}
int clock_gettime(clockid_t clock, struct timespec *now) {
  static int (*real)(clockid_t, struct timespec *);
  if (!real) real = dlsym(RTLD_NEXT, "clock_gettime");
  int status = real(clock, now);
  if (clock == CLOCK_REALTIME) now->tv_sec += offset();
  return status;
}
int gettimeofday(struct timeval *restrict now, void *restrict zone) {
  struct timespec time;
  clock_gettime(CLOCK_REALTIME, &time);
  now->tv_sec = time.tv_sec;
  now->tv_usec = time.tv_nsec / 1000;
  return 0;
}
time_t time(time_t *now) {
  struct timespec time;
  clock_gettime(CLOCK_REALTIME, &time);
  if (now) *now = time.tv_sec;
  return time.tv_sec;
}
"""


def run(cluster):
    compiler = shutil.which("cc") or shutil.which("clang")
    if not compiler:
        raise Skipped("there is no C compiler")
    source, library, offset = (cluster.folder / name for name in ("clock.c", "clock.so", "offset"))
    source.write_text(LIBRARY)
    subprocess.run([compiler, "-shared", "-fPIC", "-o", library, source, "-ldl"], check=True)
    offset.write_text("0")
    moved = dict(os.environ, LD_PRELOAD=str(library), CLOCK_OFFSET=str(offset))
    shown = subprocess.run(["date", "+%s"], env=moved, capture_output=True, text=True).stdout
    expect(abs(int(shown) - time.time()) < 60, "the clock is moved from the beginning")
    cluster.serve(env=moved)
    worker = cluster.join("a", env=moved)
    longest = 0
    for seconds in (3600, -3600, 0):
        job = cluster.submit("--workers", "1")
        offset.write_text(str(seconds))
        began = time.monotonic()
        cluster.wait(job)
        longest = max(longest, time.monotonic() - began)
        # Some heartbeats under the new time.
        time.sleep(5)
    log = cluster.server.text
    times = [datetime.datetime.fromisoformat(line.split()[0].rstrip("Z")) for line in log.splitlines() if line.startswith("20")]
    expect(max(times) - min(times) > datetime.timedelta(minutes=110), "the coordinator's clock did not move")
    expect(worker.text.count("joined") == 1, f"the worker lost its connection: {worker.text[-500:]}")
    expect("no heartbeat" not in log, "the coordinator lost patience by the wrong clock")
    return longest
