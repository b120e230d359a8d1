"""One side of a connection, on the independent Noise implementation `noiseprotocol`.

usage: noise_peer.py client|server PATTERN PORT PRIVATE_KEY PEER_KEY

PATTERN is xx or ik; keys are hexadecimal, PEER_KEY is "-" where the pattern does not need it. A server prints
its port. Either side sends a heartbeat, expects it back, sends a request of 200,000 bytes, expects it back,
changes both keys after every REKEY records, sends goodbye, and prints the peer's key and the transcript hash.
"""
import socket
import struct
import sys

from noise.connection import Keypair, NoiseConnection

REKEY = 5
PATTERNS = {"xx": (1, b"Noise_XX_25519_ChaChaPoly_SHA256"), "ik": (2, b"Noise_IK_25519_ChaChaPoly_SHA256")}
HEARTBEAT, GOODBYE, RESULT = 0x04, 0x06, 0x13


def exactly(stream, count):
    data = b""
    while len(data) < count:
        more = stream.recv(count - len(data))
        if not more:
            raise EOFError("the peer hung up")
        data += more
    return data


def read_record(stream):
    return exactly(stream, struct.unpack(">H", exactly(stream, 2))[0])


def write_record(stream, record):
    stream.sendall(struct.pack(">H", len(record)) + record)


class Session:
    def __init__(self, stream, noise):
        self.stream, self.noise, self.sent, self.received, self.buffer = stream, noise, 0, 0, b""

    def send(self, kind, request, payload=b""):
        data = struct.pack("<IBBHQ", len(payload), kind, 0, 0, request) + payload
        for start in range(0, len(data), 65519):
            write_record(self.stream, self.noise.encrypt(data[start:start + 65519]))
            self.sent += 1
            if self.sent % REKEY == 0:
                self.noise.rekey_outbound_cipher()

    def take(self, count):
        while len(self.buffer) < count:
            self.buffer += self.noise.decrypt(read_record(self.stream))
            self.received += 1
            if self.received % REKEY == 0:
                self.noise.rekey_inbound_cipher()
        data, self.buffer = self.buffer[:count], self.buffer[count:]
        return data

    def receive(self):
        length, kind, flags, reserved, request = struct.unpack("<IBBHQ", self.take(16))
        if flags or reserved:
            raise ValueError("unexpected flags")
        return kind, request, self.take(length)


def main():
    role, pattern, port, private, peer = sys.argv[1:]
    number, name = PATTERNS[pattern]
    preamble = b"EZKL" + bytes([1, number, 0, 0])
    if role == "client":
        stream = socket.create_connection(("127.0.0.1", int(port)))
        stream.sendall(preamble)
    else:
        listener = socket.create_server(("127.0.0.1", 0))
        print(listener.getsockname()[1], flush=True)
        stream = listener.accept()[0]
    stream.settimeout(30)
    theirs = exactly(stream, 8)
    if role == "server":
        stream.sendall(preamble)
    if theirs != preamble:
        raise ValueError("unexpected preamble")
    noise = NoiseConnection.from_name(name)
    noise.set_prologue(preamble + preamble)
    noise.set_keypair_from_private_bytes(Keypair.STATIC, bytes.fromhex(private))
    if peer != "-":
        noise.set_keypair_from_public_bytes(Keypair.REMOTE_STATIC, bytes.fromhex(peer))
    noise.set_as_initiator() if role == "client" else noise.set_as_responder()
    noise.start_handshake()
    state, writing = noise.noise_protocol.handshake_state, role == "client"
    while not noise.handshake_finished:
        if writing:
            write_record(stream, bytes(noise.write_message()))
        elif noise.read_message(read_record(stream)):
            raise ValueError("unexpected payload")
        writing = not writing
    session = Session(stream, noise)
    session.send(HEARTBEAT, 0)
    assert session.receive() == (HEARTBEAT, 0, b"")
    body = bytes(i * i * 31 >> 3 & 255 for i in range(200_000))
    large = struct.pack("<I", len(body)) + body
    for request in range(1, 6):
        session.send(RESULT, request, large)
        assert session.receive() == (RESULT, request, large)
    session.send(GOODBYE, 0)
    print(bytes(state.rs.public_bytes).hex(), bytes(noise.get_handshake_hash()).hex(), flush=True)


main()
