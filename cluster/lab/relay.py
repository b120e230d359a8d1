#!/usr/bin/env python3
"""A long cable in user space: forwards TCP connections with a round trip and a rate.

usage: cluster/lab/relay.py --listen HOST:PORT --to HOST:PORT [--rtt 20ms] [--rate 100mbit]

For kernels without netem. Every address that connects is a machine with a cable of its own: a token bucket for each direction,
which all of its connections share, and half of the round trip in each. A connection begins with one round trip, as TCP's does.
It is a cable without loss and reordering; TCP's slow start happens at both ends of it and does not see its length.
"""

import argparse
import asyncio
import contextlib
import signal

from units import rate, seconds

PIECE = 16 * 1024
# What may wait for the bucket: beyond it the sender is not read from, and notices.
AHEAD = 0.05


class Cable:
    """One direction of a machine's cable: when bytes that come now have left it."""

    def __init__(self, rate):
        self.rate, self.free = rate, 0.0

    def departure(self, size, now):
        self.free = max(self.free, now) + (size / self.rate if self.rate else 0)
        return self.free


async def carry(reader, writer, cable, delay):
    """Carries one direction of a connection until its end."""
    loop = asyncio.get_running_loop()
    under_way = asyncio.Queue()

    async def receive():
        try:
            while piece := await reader.read(PIECE):
                due = cable.departure(len(piece), loop.time())
                under_way.put_nowait((due + delay, piece))
                await asyncio.sleep(max(0, due - AHEAD - loop.time()))
        finally:
            under_way.put_nowait((max(loop.time(), cable.free) + delay, b""))

    receiving = asyncio.create_task(receive())
    try:
        while True:
            due, piece = await under_way.get()
            await asyncio.sleep(max(0, due - loop.time()))
            if not piece:
                break
            writer.write(piece)
            await writer.drain()
        if writer.can_write_eof():
            writer.write_eof()
    finally:
        receiving.cancel()
        with contextlib.suppress(asyncio.CancelledError, OSError):
            await receiving


async def serve(listen, to, rtt, rate):
    cables = {}

    async def connected(reader, writer):
        machine = writer.get_extra_info("peername")[0]
        there, back = cables.setdefault(machine, (Cable(rate), Cable(rate)))
        far = None
        try:
            await asyncio.sleep(rtt)
            far_reader, far = await asyncio.open_connection(*to)
            await asyncio.gather(carry(reader, far, there, rtt / 2), carry(far_reader, writer, back, rtt / 2))
        except OSError:
            pass  # One side is gone: so is the other, below.
        finally:
            for side in filter(None, (writer, far)):
                side.close()

    server = await asyncio.start_server(connected, *listen)
    loop = asyncio.get_running_loop()
    ended = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, ended.set)
    print("relaying at %s:%d" % server.sockets[0].getsockname()[:2], flush=True)
    await ended.wait()


def address(text):
    host, _, port = text.rpartition(":")
    return host, int(port)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--listen", type=address, required=True, help="port 0: any; it is printed")
    parser.add_argument("--to", type=address, required=True)
    parser.add_argument("--rtt", type=seconds, default=0, help="such as 20ms (default: none)")
    parser.add_argument("--rate", type=rate, help="such as 100mbit, each way (default: as fast as it goes)")
    options = parser.parse_args()
    asyncio.run(serve(options.listen, options.to, options.rtt, options.rate))


if __name__ == "__main__":
    main()
