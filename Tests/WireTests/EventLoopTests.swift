import Foundation
import Synchronization
import TestSupport
import Testing
import Wire

/// Many connections on few threads: what `SecureConnection` promises holds on an event loop too.
@Suite(.serialized) struct EventLoopTests {
  /// Admits everybody as a client and answers every request with its own contents.
  private final class Echo: PeerHandler {
    let store: ArtifactStore
    let ends = Mutex<[WireError]>([])
    let versions = Mutex<[UInt16]>([])
    /// For each slow request the bytes that had been read when it was handled.
    let readings = Mutex<[UInt64]>([])
    private let resumer = Resumer()

    init(_ store: ArtifactStore) { self.store = store }

    func received(_ message: Message, on channel: PeerChannel) {
      switch message {
      case .hello:
        channel.pause()
        #expect(channel.admit(as: .client, artifacts: store, handler: self))
        channel.post(.drain)
        channel.resume()
      case .request(let id, "stop", _):
        channel.pause()
        DispatchQueue.global().asyncAfter(deadline: .now() + 0.2) {
          channel.post(.response(id: id, json: []))
          channel.resume()
        }
      case .request(let id, "flood", _):
        for _ in 0..<100 { channel.post(.response(id: id, json: Sodium.randomBytes(1 << 20))) }
      case .request(_, "slow", _):
        channel.pause()
        readings.withLock { $0.append(channel.traffic.received) }
        resumer.resume(channel)
      case .request(_, "leave", _): channel.finish(saying: .goodbye)
      case .request(let id, _, let json): channel.post(.response(id: id, json: json))
      case .artifactWant(let digest, let offset, let length):
        channel.post(artifact: digest, offset: offset, length: length)
      default: channel.post(.error(id: 0, code: "unexpected", text: "\(message)"))
      }
    }

    func receivedOtherVersion(expected: UInt16, found: UInt16, on channel: PeerChannel) {
      versions.withLock { $0.append(found) }
      channel.finish(saying: .refused(.versionMismatch, text: "\(found)"))
    }

    func closed(_ channel: PeerChannel, because error: WireError) {
      ends.withLock { $0.append(error) }
    }
  }

  /// Resumes a channel while its loop has hardly paused it, at all times within a microsecond: no sooner, no later does it show
  /// whether a loop reads on.
  private final class Resumer: Sendable {
    private let paused = Mutex<PeerChannel?>(nil)

    init() {
      Thread.detachNewThread { [weak self] in
        var random: UInt32 = 1
        while let self {
          guard let channel = self.paused.withLock({ $0.take() }) else {
            sched_yield()
            continue
          }
          random = random &* 1_664_525 &+ 1_013_904_223
          for _ in 0..<random >> 27 { _ = channel.isOpen }
          channel.resume()
        }
      }
    }

    func resume(_ channel: PeerChannel) { paused.withLock { $0 = channel } }
  }

  private let folder: TemporaryDirectory
  private let echo: Echo
  private let key = StaticKey.generate()
  private let lines: Lines

  private final class Lines: Sendable {
    let all = Mutex<[String]>([])
  }

  init() throws {
    folder = try TemporaryDirectory()
    echo = Echo(try ArtifactStore(directory: folder.path + "/artifacts"))
    lines = Lines()
  }

  private func listen(_ limits: WireLimits = .standard) throws -> PeerListener {
    let listener = try PeerListener(
      on: Endpoint(host: "127.0.0.1", port: 0), identity: key, limits: limits,
      report: { [lines] line in lines.all.withLock { $0.append(line) } })
    listener.start { [echo] in echo }
    return listener
  }

  private func connect(_ listener: PeerListener, ik: Bool = false) throws -> SecureConnection {
    let connection = try SecureConnection.connect(
      to: listener.endpoint, identity: .generate(),
      expecting: ik ? .publicKey(key.publicKey) : .fingerprint(key.fingerprint))
    try connection.send(.hello(Hello(productVersion: "1", role: .client, name: "t")))
    #expect(try connection.receive() == .drain)
    return connection
  }

  @Test(arguments: [false, true]) func messagesOfAllSizesComeBack(ik: Bool) throws {
    let listener = try listen()
    let connection = try connect(listener, ik: ik)
    for (number, count) in [0, 1, 511, 512, 65_519, 65_536, 1_000_000].enumerated() {
      let json = Sodium.randomBytes(count)
      try connection.send(.request(id: UInt64(number), method: "echo", json: json))
      #expect(try connection.receive() == .response(id: UInt64(number), json: json))
    }
    connection.close()
    try eventually("its end") { echo.ends.withLock { $0 } == [.closedByPeer] }
    listener.close()
  }

  @Test func hundredsOfConnectionsShareTheThreads() throws {
    let listener = try listen()
    let connections = try (0..<200).map { _ in try connect(listener) }
    for round in 0..<3 as Range<UInt64> {
      for (number, connection) in connections.enumerated() {
        try connection.send(.request(id: round, method: "echo", json: [UInt8(number)]))
      }
      for (number, connection) in connections.enumerated() {
        #expect(try connection.receive() == .response(id: round, json: [UInt8(number)]))
      }
    }
    for connection in connections { connection.close() }
    try eventually("all ends") { echo.ends.withLock { $0.count } == 200 }
    listener.close()
  }

  @Test func artifactsAreServedInPieces() throws {
    let listener = try listen()
    let connection = try connect(listener)
    let contents = Sodium.randomBytes(5 << 20 + 3)
    let digest = try echo.store.add(contents)
    var place: UInt64 = 0
    var found: [UInt8] = []
    while place < UInt64(contents.count) {
      try connection.send(.artifactWant(digest, offset: place, length: 4 << 20))
      let end = min(place + 4 << 20, UInt64(contents.count))
      while place < end {
        guard
          case .artifactPiece(digest, place, UInt64(contents.count), let bytes) =
            try connection.receive()
        else {
          Issue.record("no piece at \(place)")
          return
        }
        found += bytes
        place += UInt64(bytes.count)
      }
    }
    #expect(found == contents)
    try connection.send(.artifactWant(digest, offset: place + 5, length: 9))
    #expect(
      try connection.receive()
        == .artifactPiece(digest, offset: place, total: place, bytes: []))
    try connection.send(.artifactWant(Digest(of: []), offset: 0, length: 9))
    #expect(try connection.receive() == .artifactMissing(Digest(of: [])))
    listener.close()
  }

  @Test func aPausedChannelKeepsTheOrder() throws {
    let listener = try listen()
    let connection = try connect(listener)
    try connection.send(.request(id: 1, method: "stop", json: []))
    for id in 2...50 as ClosedRange<UInt64> {
      try connection.send(.request(id: id, method: "echo", json: [1]))
    }
    for id in 1...50 as ClosedRange<UInt64> {
      #expect(try connection.receive() == .response(id: id, json: id == 1 ? [] : [1]))
    }
    listener.close()
  }

  /// Who sends small requests faster than they are handled is read no further than one portion ahead, however soon its channel
  /// is resumed. Whether a loop is met at the wrong moment is chance: several rounds leave little of it.
  @Test func whatIsNotHandledIsNotRead() throws {
    let listener = try listen()
    let count: UInt64 = 20_000
    for round in 0..<8 {
      let connection = try connect(listener)
      echo.readings.withLock { $0 = [] }
      for id in 1...count { try connection.send(.request(id: id, method: "slow", json: [1])) }
      try connection.send(.request(id: count + 1, method: "echo", json: [7]))
      #expect(try connection.receive() == .response(id: count + 1, json: [7]))
      let readings = echo.readings.withLock { $0 }
      try #require(readings.count == Int(count))
      // All requests are alike: what had been read less those that were handled is what was read ahead.
      let size = Double(readings.last! - readings[0]) / Double(count)
      let ahead = readings.enumerated().map { Double($1 - readings[0]) - Double($0) * size }
      #expect(ahead.max()! < Double(2 << 16), "round \(round)")
      connection.close()
    }
    listener.close()
  }

  @Test func aPeerThatDoesNotReadIsCutOffAndTakesNoMemory() throws {
    let listener = try listen()
    let connection = try connect(listener)
    let bystander = try connect(listener)
    try connection.send(.request(id: 1, method: "flood", json: []))
    // 100 MB are posted, eight may wait.
    try eventually("its end") { echo.ends.withLock { $0 } == [.timedOut(.send)] }
    try bystander.send(.request(id: 1, method: "echo", json: [7]))
    #expect(try bystander.receive() == .response(id: 1, json: [7]))
    listener.close()
  }

  @Test func lastWordsAreHeard() throws {
    let listener = try listen()
    let connection = try connect(listener)
    try connection.send(.request(id: 1, method: "leave", json: []))
    for _ in 0..<20 { try? connection.send(.request(id: 2, method: "echo", json: [1, 2, 3])) }
    #expect(try connection.receive() == .goodbye)
    connection.close()
    try eventually("its end") { echo.ends.withLock { $0.count } == 1 }
    listener.close()
  }

  @Test func strangersHaveLittleTimeAndFewPlaces() throws {
    var limits = WireLimits()
    limits.handshakeDeadline = .seconds(1)
    limits.maximumUnauthenticatedConnections = 8
    let listener = try listen(limits)
    // A quarter of the places for one address.
    let silent = (0..<2).map { _ in RawSocket(port: listener.endpoint.port) }
    #expect(RawSocket(port: listener.endpoint.port).isClosedByPeer())
    for stranger in silent { #expect(stranger.isClosedByPeer()) }
    try eventually("their ends") {
      echo.ends.withLock { $0 } == [.timedOut(.handshake), .timedOut(.handshake)]
    }
    _ = try connect(listener)
    listener.close()
  }

  @Test func strangersOnlyIntroduceThemselves() throws {
    let listener = try listen()
    let connection = try SecureConnection.connect(
      to: listener.endpoint, identity: .generate(), expecting: .fingerprint(key.fingerprint))
    try connection.send(.request(id: 1, method: "echo", json: []))
    #expect(throws: WireError.self) { _ = try connection.receive() }
    try eventually("its end") {
      echo.ends.withLock { $0 } == [.messageNotAllowed(name: "request")]
    }
    listener.close()
  }

  @Test func otherVersionsAreToldSoOnBothSides() throws {
    let listener = try listen()
    // Another version of the messages: refused in words.
    let newer = try SecureConnection.connect(
      to: listener.endpoint, identity: .generate(), expecting: .fingerprint(key.fingerprint))
    try newer.send(
      .hello(Hello(productVersion: "9", protocolVersion: 77, role: .worker, name: "n")))
    #expect(try newer.receive() == .refused(.versionMismatch, text: "77"))
    newer.close()
    // Another version of the transport: the preamble says which one is spoken here, before the end.
    let stranger = RawSocket(port: listener.endpoint.port)
    var preamble = Preamble(pattern: .xx).bytes
    preamble[4] = 9
    stranger.send(preamble)
    #expect(stranger.read() == Preamble(pattern: .xx).bytes)
    #expect(stranger.isClosedByPeer())
    try eventually("both ends") {
      echo.ends.withLock { ends in
        ends.count == 2
          && ends.contains(
            .unsupportedTransport(expected: Preamble.transportVersion, found: 9))
      }
    }
    listener.close()
  }

  @Test func garbageAndBrokenPeersHurtNobody() throws {
    let listener = try listen()
    let witness = try connect(listener)
    var generator = Seeded(state: 42)
    for count in [1, 7, 8, 9, 100, 5000] {
      let stranger = RawSocket(port: listener.endpoint.port)
      stranger.send(generator.bytes(count))
      stranger.finish()
      #expect(stranger.isClosedByPeer())
    }
    for _ in 0..<20 { _ = RawSocket(port: listener.endpoint.port) }
    try witness.send(.request(id: 1, method: "echo", json: [9]))
    #expect(try witness.receive() == .response(id: 1, json: [9]))
    listener.close()
  }

  @Test func wildcardsAreForListeningOnly() throws {
    for (text, isWildcard, local) in [
      ("0.0.0.0:7", true, "127.0.0.1:7"), ("[::]:7", true, "[::1]:7"),
      ("[0:0:0:0:0:0:0:0]:7", true, "[::1]:7"), ("127.0.0.1:7", false, "127.0.0.1:7"),
      ("example.org:7", false, "example.org:7"),
    ] {
      let endpoint = try Endpoint(parsing: text)
      #expect(endpoint.isWildcard == isWildcard && endpoint.forThisMachine.description == local)
    }
    if let found = Endpoint(host: "0.0.0.0", port: 5).firstReachable {
      #expect(!found.isWildcard && found.port == 5 && !found.host.hasPrefix("127."))
    }
  }
}
