"""One line about this machine, for tables of measured numbers."""
import os
import pathlib

NOTED_FLAGS = {"adx": "adx", "avx512ifma": "AVX-512 IFMA"}


def describe():
    fields = {}
    for text in pathlib.Path("/proc/cpuinfo").read_text().splitlines():
        name, _, value = text.partition(":")
        fields.setdefault(name.strip(), value.strip())
    flags = [shown for flag, shown in NOTED_FLAGS.items() if flag in fields.get("flags", "").split()]
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    cores = os.cpu_count()
    name = f"{fields.get('model name', 'unknown processor')} ({', '.join(flags) or 'no adx'})"
    return f"{name}, {cores} virtual cores, {memory:.0f} GiB"
