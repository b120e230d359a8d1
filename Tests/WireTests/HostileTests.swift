import Glibc
import Testing
import Wire

/// Real sockets, peers that lie, stall, replay and flood.
struct HostileTests {
  static let expired = WireError.timedOut(.handshake)

  static func quick() -> WireLimits {
    var limits = WireLimits()
    limits.handshakeDeadline = .seconds(1)
    return limits
  }

  /// A served connection under a short deadline; longer where the machine is too busy to shake hands in time.
  static func underDeadline(
    _ body: @escaping @Sendable (SecureConnection) throws -> Void
  ) throws -> (serving: Background<Void>, connection: SecureConnection) {
    var limits = quick()
    while true {
      let server = try TestServer(limits: limits)
      let serving = server.serve(body)
      do {
        return (serving, try server.connect())
      } catch  where limits.handshakeDeadline < .seconds(60) {
        limits.handshakeDeadline *= 2
      }
    }
  }

  @Test(arguments: [
    Array("GET / HTTP/1.1\r\nHost: a\r\n\r\n".utf8), [UInt8](repeating: 0, count: 64),
    [0x16, 3, 1, 2, 0, 1, 0, 1, 0xfc, 3],
  ])
  func otherProtocolsAreTurnedAway(_ opening: [UInt8]) throws {
    let server = try TestServer()
    let serving = server.serve { _ in }
    let stranger = RawSocket(port: server.endpoint.port)
    stranger.send(opening)
    #expect(throws: WireError.notThisProtocol) { try serving.value() }
    #expect(stranger.isClosedByPeer())
  }

  @Test func versionAndPatternAreNamed() throws {
    let faults: [([UInt8], WireError)] = [
      (Array("EZKL".utf8) + [2, 1, 0, 0], .unsupportedTransport(expected: 1, found: 2)),
      (Array("EZKL".utf8) + [1, 9, 0, 0], .handshakeFailed(.unknownPattern)),
      (Array("EZKL".utf8) + [1, 1, 0, 1], .handshakeFailed(.unknownPattern)),
    ]
    for (opening, fault) in faults {
      let server = try TestServer()
      let serving = server.serve { _ in }
      RawSocket(port: server.endpoint.port).send(opening)
      #expect(throws: fault) { try serving.value() }
    }
  }

  @Test(arguments: [UInt64(1), 2, 3, 4, 5, 6])
  func garbageInsteadOfAHandshake(_ seed: UInt64) throws {
    var generator = Seeded(state: seed)
    let server = try TestServer(limits: Self.quick())
    let serving = server.serve { _ in }
    let stranger = RawSocket(port: server.endpoint.port)
    let pattern: HandshakePattern = seed % 2 == 0 ? .xx : .ik
    let length = seed < 3 ? Int.random(in: 97...65535, using: &generator) : 96
    stranger.send(Preamble(pattern: pattern).bytes)
    stranger.send([UInt8(length >> 8), UInt8(length & 255)] + generator.bytes(length))
    #expect(throws: WireError.self, "seed \(seed)") { try serving.value() }
  }

  @Test func messagesAboveTheHandshakeLimitAreRefusedByTheirLength() throws {
    let server = try TestServer()
    let serving = server.serve { _ in }
    let stranger = RawSocket(port: server.endpoint.port)
    stranger.send(Preamble(pattern: .xx).bytes + [0, 97])
    #expect(throws: WireError.handshakeFailed(.wrongLength)) { try serving.value() }
  }

  @Test func payloadsInTheHandshakeAreRefused() throws {
    let server = try TestServer()
    let serving = server.serve { _ in }
    let stranger = RawSocket(port: server.endpoint.port)
    stranger.send(Preamble(pattern: .xx).bytes + [0, 33] + Sodium.randomBytes(33))
    #expect(throws: WireError.handshakeFailed(.wrongLength)) { try serving.value() }
  }

  @Test func smallOrderKeysAreRefused() throws {
    let server = try TestServer()
    let serving = server.serve { _ in }
    let stranger = RawSocket(port: server.endpoint.port)
    stranger.send(Preamble(pattern: .xx).bytes + [0, 32] + [UInt8](repeating: 0, count: 32))
    #expect(throws: WireError.handshakeFailed(.lowOrderPoint)) { try serving.value() }
  }

  @Test func hangingUpInTheHandshake() throws {
    for opening in [
      [], Array(Preamble(pattern: .xx).bytes.prefix(5)), Preamble(pattern: .xx).bytes,
    ] {
      let server = try TestServer()
      let serving = server.serve { _ in }
      let stranger = RawSocket(port: server.endpoint.port)
      stranger.send(opening)
      stranger.finish()
      #expect(throws: WireError.handshakeFailed(.hungUp)) { try serving.value() }
    }
  }

  @Test func silenceRunsIntoTheDeadline() throws {
    let server = try TestServer(limits: Self.quick())
    let serving = server.serve { _ in }
    let stranger = RawSocket(port: server.endpoint.port)
    #expect(throws: Self.expired) { try serving.value() }
    #expect(stranger.isClosedByPeer())
  }

  @Test func drippingBytesDoNotExtendTheDeadline() throws {
    let server = try TestServer(limits: Self.quick())
    let serving = server.serve { _ in }
    let stranger = RawSocket(port: server.endpoint.port)
    for byte in Preamble(pattern: .xx).bytes + [0, 32] + Sodium.randomBytes(31) {
      guard stranger.send([byte]) else { break }
      usleep(50_000)
    }
    #expect(throws: Self.expired) { try serving.value() }
  }

  @Test func silenceAfterTheHandshakeRunsIntoTheSameDeadline() throws {
    let (serving, connection) = try Self.underDeadline { _ = try $0.receive() }
    #expect(throws: Self.expired) { try serving.value() }
    #expect(throws: WireError.closedByPeer) { try connection.receive() }
  }

  @Test func talkingWithoutBeingAdmittedRunsIntoTheDeadline() throws {
    let (serving, connection) = try Self.underDeadline { connection in
      while true { _ = try connection.receive() }
    }
    #expect(throws: WireError.self) {
      while true {
        try connection.send(.hello(Hello(productVersion: "1", role: .worker, name: "again")))
        usleep(5_000)
      }
    }
    #expect(throws: Self.expired) { try serving.value() }
  }

  @Test func tooManyStrangersAreTurnedAway() throws {
    var limits = WireLimits()
    limits.maximumUnauthenticatedConnections = 3
    let server = try TestServer(limits: limits)
    let held = (0..<3).map { _ in RawSocket(port: server.endpoint.port) }
    let pending = try held.map { _ in try server.listener.accept() }
    let accepting = Background { [listener = server.listener] in try listener.accept() }
    let fourth = RawSocket(port: server.endpoint.port)
    #expect(fourth.isClosedByPeer())
    #expect(server.listener.turnedAwayCount == 1)
    // A place becomes free as soon as one of them is gone.
    #expect(throws: WireError.handshakeFailed(.hungUp)) {
      held[0].finish()
      _ = try pending[0].handshake()
    }
    _ = held.count
    withExtendedLifetime(pending[1]) {}
    server.listener.close()
    #expect(throws: WireError.closedLocally) { try accepting.value() }
  }

  @Test func admissionFreesThePlace() throws {
    var limits = WireLimits()
    limits.maximumUnauthenticatedConnections = 1
    let server = try TestServer(limits: limits)
    var admitted: [SecureConnection] = []
    for _ in 0..<3 {
      let serving = server.serve { connection -> Message in
        let first = try connection.receive()
        connection.admit()
        try connection.send(.heartbeat)
        return first
      }
      let connection = try server.connect()
      let hello = Message.hello(Hello(productVersion: "1", role: .worker, name: "w"))
      try connection.send(hello)
      #expect(try connection.receive() == .heartbeat)
      #expect(try serving.value() == hello)
      admitted.append(connection)
    }
    #expect(server.listener.turnedAwayCount == 0)
  }

  /// Completes a handshake by hand, lets `attack` send raw bytes, and returns what the server saw.
  static func attack(
    admitted: Bool = true, limits: WireLimits = .standard,
    _ attack: (RawSocket, inout SessionSender) throws -> Void
  ) throws -> WireError? {
    let server = try TestServer(limits: limits)
    let serving = server.serve { connection in
      if admitted { connection.admit() }
      while true { _ = try connection.receive(timeout: .seconds(300)) }
    }
    let stranger = RawSocket(port: server.endpoint.port)
    let session = try stranger.shakeHands(
      identity: .generate(), expecting: .fingerprint(server.key.fingerprint))
    var sender = SessionSender(cipher: session.send, limits: .standard)
    try attack(stranger, &sender)
    do {
      try serving.value()
    } catch {
      return error as? WireError
    }
    return nil
  }

  @Test func replayedRecordsEndTheConnection() throws {
    let seen = try Self.attack { stranger, sender in
      let record = try sender.seal(Message.heartbeat.encoded())
      stranger.send(record)
      stranger.send(record)
    }
    #expect(seen == .decryptionFailed)
  }

  @Test func recordsOfAnotherConnectionEndTheConnection() throws {
    var foreign: [UInt8] = []
    _ = try Self.attack { stranger, sender in
      foreign = try sender.seal(Message.heartbeat.encoded())
      stranger.finish()
    }
    #expect(try Self.attack { stranger, _ in stranger.send(foreign) } == .decryptionFailed)
  }

  @Test func flippedBitsEndTheConnection() throws {
    let seen = try Self.attack { stranger, sender in
      var record = try sender.seal(Message.heartbeat.encoded())
      record[record.count / 2] ^= 4
      stranger.send(record)
    }
    #expect(seen == .decryptionFailed)
  }

  @Test func droppedRecordsEndTheConnection() throws {
    let seen = try Self.attack { stranger, sender in
      _ = try sender.seal(Message.heartbeat.encoded())
      stranger.send(try sender.seal(Message.heartbeat.encoded()))
    }
    #expect(seen == .decryptionFailed)
  }

  @Test func truncationIsNotAGoodbye() throws {
    let seen = try Self.attack { stranger, sender in
      let record = try sender.seal(Message.request(id: 1, method: "m", json: [1, 2]).encoded())
      stranger.send(Array(record.dropLast()))
      stranger.finish()
    }
    #expect(seen == .truncated(.receive))
    let between = try Self.attack { stranger, sender in
      // A whole record, but only half of the frame.
      stranger.send(try sender.sealStream(Array(SessionTests.header(length: 100).prefix(9))))
      stranger.finish()
    }
    #expect(between == .truncated(.receive))
    #expect(try Self.attack { stranger, _ in stranger.finish() } == .closedByPeer)
  }

  @Test func oversizedFramesAreRefusedByTheirHeader() throws {
    let limit = WireLimits.standard.maximumFramePayload
    let seen = try Self.attack { stranger, sender in
      stranger.send(try sender.sealStream(SessionTests.header(length: limit + 1)))
    }
    #expect(seen == .frameTooLarge(found: limit + 1, limit: limit))
    let huge = try Self.attack { stranger, sender in
      stranger.send(try sender.sealStream(SessionTests.header(length: 0xffff_ffff)))
    }
    #expect(huge == .frameTooLarge(found: 0xffff_ffff, limit: limit))
  }

  @Test func strangersCannotSendLargeFrames() throws {
    let limit = 2048
    let seen = try Self.attack(admitted: false) { stranger, sender in
      stranger.send(try sender.sealStream(SessionTests.header(length: limit + 1, type: 1)))
    }
    #expect(seen == .frameTooLarge(found: limit + 1, limit: limit))
  }

  @Test func zstdBombsAreRefusedByTheirDeclaration() throws {
    // 4 GiB - 1 declared, a few bytes sent.
    let limit = WireLimits.standard.maximumDecompressedPayload
    let seen = try Self.attack { stranger, sender in
      stranger.send(
        try sender.sealStream(
          SessionTests.header(length: 8, flags: 1) + [255, 255, 255, 255, 0x28, 0xb5, 0x2f, 0xfd]))
    }
    #expect(seen == .decompressedTooLarge(found: 0xffff_ffff, limit: limit))
    // A small size declared before a frame that expands to 32 MiB.
    var bomb = try #require(Compression.compress([UInt8](repeating: 0, count: 32 << 20)))
    bomb.replaceSubrange(0..<4, with: [0, 1, 0, 0])
    let liar = try Self.attack { stranger, sender in
      stranger.send(
        try sender.sealStream(SessionTests.header(length: bomb.count, flags: 1) + bomb))
    }
    #expect(liar == .corruptCompression)
  }

  @Test func unknownMessagesEndTheConnection() throws {
    let seen = try Self.attack { stranger, sender in
      stranger.send(try sender.seal(Frame(type: 0xee, requestID: 0, payload: [])))
    }
    #expect(seen == .unknownMessage(type: 0xee))
    let malformed = try Self.attack { stranger, sender in
      stranger.send(
        try sender.seal(
          Frame(type: 0x23, requestID: 0, payload: [UInt8](repeating: 1, count: 33))))
    }
    #expect(malformed == .malformedMessage(name: "artifactMissing", reason: "1 bytes too many"))
    let filled = try Self.attack { stranger, sender in
      stranger.send(try sender.seal(Frame(type: 0x04, requestID: 0, payload: [1])))
    }
    #expect(filled == .frameTooLarge(found: 1, limit: 0))
  }

  @Test func anotherProtocolVersionCanBeAnswered() throws {
    let server = try TestServer()
    let serving = server.serve { connection in
      do {
        _ = try connection.receive()
      } catch WireError.unsupportedProtocol(_, let found) {
        try connection.send(.refused(.versionMismatch, text: "you speak \(found)"))
      }
    }
    let connection = try server.connect()
    try connection.send(
      .hello(Hello(productVersion: "0", protocolVersion: 9, role: .worker, name: "old")))
    #expect(try connection.receive() == .refused(.versionMismatch, text: "you speak 9"))
    try serving.value()
  }

  @Test func aServerThatLies() throws {
    // Garbage in place of the preamble, and a preamble for another pattern.
    for (opening, fault) in [
      (Array("220 mail.example.org ESMTP\r\n".utf8), WireError.notThisProtocol),
      (Preamble(pattern: .ik).bytes, .handshakeFailed(.unknownPattern)),
    ] {
      var client = ConnectionHandshake(
        connectingAs: .generate(), expecting: .fingerprint(Digest(of: [])))
      #expect(client.opening() == Preamble(pattern: .xx).bytes)
      #expect(throws: fault) { try client.receive(opening[...]) }
    }
  }
}
