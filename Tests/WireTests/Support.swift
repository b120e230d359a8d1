import Foundation
import Synchronization
import Wire

/// The bytes of a hexadecimal literal.
func bytes(_ hex: String) -> [UInt8] {
  guard let bytes = Hex.decode(hex) else { preconditionFailure("not hexadecimal: \(hex)") }
  return bytes
}

/// Folders of the package.
enum Package {
  static let root = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()
  static let vectors = root.appending(path: "Tests/Vectors")
}

/// A directory that is removed at the end of a test.
final class TemporaryDirectory {
  let path: String

  init() throws {
    let url = FileManager.default.temporaryDirectory.appending(
      path: "ezkl-wire-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    path = url.path()
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }
}

/// Blocking work on a thread of its own, so that it does not occupy the pool that runs the tests.
final class Background<Value: Sendable>: Sendable {
  private let outcome = Mutex<Result<Value, any Error>?>(nil)
  private let done = DispatchSemaphore(value: 0)

  init(_ body: @escaping @Sendable () throws -> Value) {
    Thread.detachNewThread { [self] in
      let result = Result { try body() }
      outcome.withLock { $0 = result }
      done.signal()
    }
  }

  /// Waits for the work; call it once.
  func value() throws -> Value {
    done.wait()
    return try outcome.withLock { try $0!.get() }
  }
}

/// A deterministic generator, so that a failing case can be repeated.
struct Seeded: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var z = state
    z = (z ^ z >> 30) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ z >> 27) &* 0x94d0_49bb_1331_11eb
    return z ^ z >> 31
  }

  mutating func bytes(_ count: Int) -> [UInt8] {
    (0..<count).map { _ in .random(in: 0...255, using: &self) }
  }
}

/// A listener whose connections are handled one after the other.
final class TestServer: Sendable {
  let key = StaticKey.generate()
  let listener: Listener

  init(limits: WireLimits = .standard, host: String = "127.0.0.1") throws {
    listener = try Listener(on: Endpoint(host: host, port: 0), identity: key, limits: limits)
  }

  deinit { listener.close() }

  var endpoint: Endpoint { listener.endpoint }

  /// Accepts one connection on a thread of its own, shakes hands and lets `body` use it.
  func serve<Value: Sendable>(
    _ body: @escaping @Sendable (SecureConnection) throws -> Value
  ) -> Background<Value> {
    Background { [listener] in
      let connection = try listener.accept().handshake()
      defer { connection.close() }
      return try body(connection)
    }
  }

  /// Connects with a fresh identity and the right pin.
  func connect(
    identity: StaticKey = .generate(), limits: WireLimits = .standard
  ) throws -> SecureConnection {
    try SecureConnection.connect(
      to: endpoint, identity: identity, expecting: .fingerprint(key.fingerprint), limits: limits)
  }
}
