import Dispatch
import Glibc
import Testing
import Wire

/// Real sockets on the loopback interface, honest peers.
struct ConnectionTests {
  static let echo: @Sendable (SecureConnection) throws -> PublicKey = { connection in
    connection.admit()
    while true {
      let message = try connection.receive()
      if message == .goodbye { return connection.peer }
      try connection.send(message)
    }
  }

  @Test func bothSidesKnowEachOther() throws {
    let server = try TestServer()
    let identity = StaticKey.generate()
    for round in 0..<2 {
      let serving = server.serve(Self.echo)
      // First by fingerprint with XX, then by the key itself with IK.
      let expecting: PeerExpectation =
        round == 0 ? .fingerprint(server.key.fingerprint) : .publicKey(server.key.publicKey)
      let connection = try SecureConnection.connect(
        to: server.endpoint, identity: identity, expecting: expecting)
      #expect(connection.peer == server.key.publicKey)
      for sample in MessageSamples.all where sample.message != .goodbye {
        try connection.send(sample.message)
        #expect(try connection.receive() == sample.message, "\(sample.name)")
      }
      try connection.send(.goodbye)
      #expect(try serving.value() == identity.publicKey)
    }
  }

  @Test(.enabled(if: ipv6Works, "needs IPv6 on loopback")) func ipv6() throws {
    let server = try TestServer(host: "::1")
    let serving = server.serve(Self.echo)
    #expect(server.endpoint.description.hasPrefix("[::1]:"))
    let connection = try server.connect()
    try connection.send(.goodbye)
    _ = try serving.value()
  }

  static var ipv6Works: Bool {
    (try? Listener(on: Endpoint(host: "::1", port: 0), identity: .generate())) != nil
  }

  @Test func namesAreResolved() throws {
    let server = try TestServer(host: "localhost")
    let serving = server.serve(Self.echo)
    let connection = try server.connect()
    try connection.send(.goodbye)
    _ = try serving.value()
  }

  @Test func largeMessagesCross() throws {
    let server = try TestServer()
    let serving = server.serve(Self.echo)
    let connection = try server.connect()
    let noise = Sodium.randomBytes(5_000_000)
    let regular = [UInt8](repeating: 7, count: 40_000_000)
    for payload in [noise, regular] {
      // Sent from another thread: the echo comes back while the message is still going out.
      let sending = Background { try connection.send(.response(id: 1, json: payload)) }
      #expect(try connection.receive() == .response(id: 1, json: payload))
      try sending.value()
    }
    try connection.send(.goodbye)
    _ = try serving.value()
    // Random bytes cross as they are, regular ones shrink to next to nothing.
    #expect(connection.traffic.sent > 5_000_000 && connection.traffic.sent < 5_200_000)
  }

  @Test func trafficIsCountedOnBothSides() throws {
    let server = try TestServer()
    let serving = server.serve { connection -> Traffic in
      connection.admit()
      _ = try connection.receive()
      try connection.send(.heartbeat)
      _ = try connection.receive()
      return connection.traffic
    }
    let connection = try server.connect()
    try connection.send(.heartbeat)
    _ = try connection.receive()
    try connection.send(.goodbye)
    let other = try serving.value()
    #expect(connection.traffic.sent == other.received && connection.traffic.received == other.sent)
    // Preamble, Noise XX (32, 96, 64 bytes and prefixes), records of 2 + 16 + 16 bytes.
    #expect(connection.traffic.sent == 8 + 34 + 66 + 68)
    #expect(connection.traffic.received == 8 + 98 + 34)
  }

  @Test func manyThreadsMaySend() throws {
    let server = try TestServer()
    let serving = server.serve { connection -> Set<UInt64> in
      connection.admit()
      var seen: Set<UInt64> = []
      while case .result(let id, let payload) = try connection.receive() {
        #expect(payload == [UInt8](repeating: UInt8(id & 255), count: Int(id % 3000)))
        seen.insert(id)
      }
      return seen
    }
    let connection = try server.connect()
    let senders = (0..<4).map { thread in
      Background {
        for i in 0..<250 {
          let id = UInt64(thread * 250 + i)
          try connection.send(
            .result(
              taskID: id, payload: [UInt8](repeating: UInt8(id & 255), count: Int(id % 3000))))
        }
      }
    }
    for sender in senders { try sender.value() }
    try connection.send(.goodbye)
    #expect(try serving.value() == Set(0..<1000))
  }

  @Test func keysChangeWhileBothTalk() throws {
    var limits = WireLimits()
    limits.rekeyInterval = 7
    let server = try TestServer(limits: limits)
    let serving = server.serve(Self.echo)
    let connection = try server.connect(limits: limits)
    for i in 0..<50 {
      try connection.send(.release(taskID: UInt64(i)))
      #expect(try connection.receive() == .release(taskID: UInt64(i)))
    }
    try connection.send(.goodbye)
    _ = try serving.value()
  }

  @Test func wrongPinIsRefusedBeforeTheClientSaysWhoItIs() throws {
    let server = try TestServer()
    let serving = server.serve { _ in }
    let other = StaticKey.generate().fingerprint
    #expect(
      throws: WireError.wrongPeerKey(expected: other, found: server.key.fingerprint)
    ) {
      try SecureConnection.connect(
        to: server.endpoint, identity: .generate(), expecting: .fingerprint(other))
    }
    #expect(throws: WireError.handshakeFailed(.hungUp)) { _ = try serving.value() }
  }

  @Test func wrongKnownKeyIsRefused() throws {
    let server = try TestServer()
    let serving = server.serve { _ in }
    #expect(throws: WireError.handshakeFailed(.hungUp)) {
      try SecureConnection.connect(
        to: server.endpoint, identity: .generate(),
        expecting: .publicKey(StaticKey.generate().publicKey))
    }
    #expect(throws: WireError.handshakeFailed(.notAuthentic)) { _ = try serving.value() }
  }

  @Test func timeoutLeavesTheConnectionUsable() throws {
    let server = try TestServer()
    let serving = server.serve(Self.echo)
    let connection = try server.connect()
    #expect(throws: WireError.timedOut(.receive)) {
      try connection.receive(timeout: .milliseconds(30))
    }
    #expect(throws: WireError.timedOut(.receive)) { try connection.receive(timeout: .zero) }
    try connection.send(.drain)
    #expect(try connection.receive() == .drain)
    try connection.send(.goodbye)
    _ = try serving.value()
  }

  @Test func idleTimeoutIsTheDefault() throws {
    var limits = WireLimits()
    limits.idleTimeout = .milliseconds(50)
    let server = try TestServer()
    let serving = server.serve(Self.echo)
    let connection = try server.connect(limits: limits)
    #expect(throws: WireError.timedOut(.receive)) { try connection.receive() }
    try connection.send(.goodbye)
    _ = try serving.value()
  }

  @Test func closingWakesTheReader() throws {
    let server = try TestServer()
    let serving = server.serve(Self.echo)
    let connection = try server.connect()
    let reader = Background { try connection.receive(timeout: .seconds(60)) }
    usleep(50_000)
    connection.close()
    #expect(throws: WireError.closedLocally) { _ = try reader.value() }
    #expect(throws: WireError.closedLocally) { try connection.send(.heartbeat) }
    #expect(throws: WireError.closedLocally) { try connection.receive() }
    #expect(!connection.isOpen)
    #expect(throws: WireError.closedByPeer) { _ = try serving.value() }
  }

  @Test func whatArrivedBeforeCloseIsNotDelivered() throws {
    let server = try TestServer()
    let serving = server.serve { connection in
      for _ in 0..<3 { try connection.send(.heartbeat) }
      _ = try? connection.receive()
    }
    let connection = try server.connect()
    #expect(try connection.receive() == .heartbeat)
    usleep(20_000)
    connection.close()
    #expect(throws: WireError.closedLocally) { try connection.receive() }
    try serving.value()
  }

  @Test func lastWordsAreHeard() throws {
    // The client keeps talking while the server, which has read nothing of it, turns it away.
    // The server lingers until the client closes; on a busy machine that may be long.
    var limits = WireLimits()
    limits.lingerDeadline = .seconds(300)
    for _ in 0..<20 {
      let server = try TestServer(limits: limits)
      let serving = server.serve { connection in
        connection.admit()
        _ = try connection.receive()
        connection.close(saying: .refused(.revoked, text: "no"))
      }
      let connection = try server.connect()
      for _ in 0..<20 { try? connection.send(.request(id: 1, method: "m", json: [1, 2, 3])) }
      #expect(try connection.receive() == .refused(.revoked, text: "no"))
      connection.close()
      try serving.value()
    }
  }

  @Test func lastWordsDoNotWaitForEver() throws {
    var limits = WireLimits()
    limits.lingerDeadline = .milliseconds(100)
    let server = try TestServer(limits: limits)
    let serving = server.serve { $0.close(saying: .goodbye) }
    let connection = try server.connect()
    try serving.value()
    #expect(try connection.receive() == .goodbye)
    #expect(throws: WireError.closedByPeer) { try connection.receive() }
  }

  @Test func closingWakesTheListener() throws {
    let server = try TestServer()
    let accepting = Background { [listener = server.listener] in _ = try listener.accept() }
    usleep(50_000)
    server.listener.close()
    #expect(throws: WireError.closedLocally) { _ = try accepting.value() }
  }

  @Test func aPeerThatDoesNotReadIsGivenUp() throws {
    var limits = WireLimits()
    limits.sendDeadline = .milliseconds(200)
    let server = try TestServer()
    let gate = DispatchSemaphore(value: 0)
    let serving = server.serve { _ in gate.wait() }
    let connection = try server.connect(limits: limits)
    let payload = Sodium.randomBytes(15_000_000)
    #expect(throws: WireError.timedOut(.send)) {
      while true { try connection.send(.response(id: 1, json: payload)) }
    }
    #expect(!connection.isOpen)
    gate.signal()
    try serving.value()
  }

  @Test func nobodyListens() throws {
    let port: UInt16
    do {
      let listener = try Listener(on: Endpoint(host: "127.0.0.1", port: 0), identity: .generate())
      port = listener.endpoint.port
      listener.close()
    }
    let endpoint = Endpoint(host: "127.0.0.1", port: port)
    #expect(
      throws: WireError.cannotConnect(endpoint: "\(endpoint)", reason: "Connection refused")
    ) {
      try SecureConnection.connect(
        to: endpoint, identity: .generate(), expecting: .fingerprint(Digest(of: [])))
    }
  }

  @Test func anUnansweredConnectionAttemptIsGivenUp() throws {
    // Nobody accepts: once the system's queue is full, further attempts get no answer.
    let crowded = try CrowdedPort()
    var limits = WireLimits()
    limits.connectDeadline = .milliseconds(150)
    limits.handshakeDeadline = .milliseconds(10)
    var faults: [WireError] = []
    while faults.count < 8, faults.last != .timedOut(.connect) {
      do {
        _ = try SecureConnection.connect(
          to: Endpoint(host: "127.0.0.1", port: crowded.port), identity: .generate(),
          expecting: .fingerprint(Digest(of: [])), limits: limits)
      } catch {
        faults.append(error)
      }
    }
    #expect(faults.last == .timedOut(.connect))
  }

  @Test func thePortIsTaken() throws {
    let server = try TestServer()
    #expect(
      throws: WireError.cannotListen(
        endpoint: "\(server.endpoint)", reason: "Address already in use")
    ) { try Listener(on: server.endpoint, identity: .generate()) }
  }

  @Test func unknownHostsAreNamed() throws {
    #expect {
      try Listener(on: Endpoint(host: "no such host", port: 1), identity: .generate())
    } throws: { error in
      guard case .cannotResolve("no such host", _)? = error as? WireError else { return false }
      return true
    }
  }

  @Test func artifactsCrossAConnection() throws {
    let folder = try TemporaryDirectory()
    let source = try ArtifactStore(directory: folder.path + "/source")
    let target = try ArtifactStore(directory: folder.path + "/target")
    let digest = try source.add(Sodium.randomBytes(20 << 20))
    let server = try TestServer()
    let serving = server.serve { connection in
      connection.admit()
      while case .artifactWant(let digest, let offset, let length) = try connection.receive() {
        try source.answer(digest, offset: offset, length: length) { message throws(WireError) in
          try connection.send(message)
        }
      }
    }
    let connection = try server.connect()
    let transfer = try target.transfer(digest)
    try connection.send(transfer.start())
    receiving: while true {
      guard
        case .artifactPiece(digest, let offset, let total, let bytes) =
          try connection.receive()
      else {
        Issue.record("not a piece")
        break
      }
      switch try transfer.receive(offset: offset, total: total, bytes: bytes) {
      case .wants(let messages): for message in messages { try connection.send(message) }
      case .complete: break receiving
      }
    }
    try connection.send(.goodbye)
    try serving.value()
    #expect(try target.read(digest) == source.read(digest))
  }
}
