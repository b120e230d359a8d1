import Foundation
import Testing
import Wire

/// The interpreter that `make test` prepares.
enum PythonPeer {
  /// Nil where the interpreter or its package is missing.
  static let path: String? = {
    let path = Package.root.appending(path: ".venv/bin/python").path()
    guard FileManager.default.isExecutableFile(atPath: path) else { return nil }
    let check = Process()
    check.executableURL = URL(filePath: path)
    check.arguments = ["-c", "import noise.connection"]
    check.standardError = FileHandle.nullDevice
    guard (try? check.run()) != nil else { return nil }
    check.waitUntilExit()
    return check.terminationStatus == 0 ? path : nil
  }()
}

/// Both roles and both patterns against the Python package `noiseprotocol`, over real TCP.
@Suite(
  .enabled(if: PythonPeer.path != nil, "needs .venv/bin/python with noiseprotocol: run make test"))
struct InteropTests {
  /// The limits that the peer's script assumes: a short way to the next key, nothing compressed.
  static var limits: WireLimits {
    var limits = WireLimits()
    limits.rekeyInterval = 5
    limits.compressionThreshold = .max
    return limits
  }

  /// A fresh key for the peer, whose private half it is told.
  static func peerKey() throws -> (StaticKey, String) {
    let secret = Sodium.randomBytes(32)
    return (try #require(StaticKey(privateBytes: secret)), Hex.encode(secret))
  }

  static func start(_ arguments: [String]) throws -> (Process, FileHandle) {
    let process = Process()
    process.executableURL = URL(filePath: try #require(PythonPeer.path))
    process.arguments =
      [Package.root.appending(path: "Tests/Interop/noise_peer.py").path()] + arguments
    let output = Pipe()
    process.standardOutput = output
    try process.run()
    return (process, output.fileHandleForReading)
  }

  static func line(_ handle: FileHandle) throws -> String {
    var text = ""
    while let byte = try handle.read(upToCount: 1)?.first, byte != UInt8(ascii: "\n") {
      text.unicodeScalars.append(Unicode.Scalar(byte))
    }
    return text
  }

  /// Sends everything back until the peer says goodbye.
  static func echo(_ connection: SecureConnection) throws {
    while true {
      let message = try connection.receive()
      if message == .goodbye { return }
      try connection.send(message)
    }
  }

  @Test(arguments: HandshakePattern.allCases)
  func pythonConnects(_ pattern: HandshakePattern) throws {
    let server = try TestServer(limits: Self.limits)
    let (key, secret) = try Self.peerKey()
    let serving = server.serve { connection -> (PublicKey, [UInt8]) in
      connection.admit()
      try Self.echo(connection)
      return (connection.peer, connection.transcriptHash)
    }
    let (process, output) = try Self.start([
      "client", "\(pattern)", "\(server.endpoint.port)", secret,
      pattern.needsResponderKey ? server.key.publicKey.hex : "-",
    ])
    let said = try Self.line(output)
    process.waitUntilExit()
    try #require(process.terminationStatus == 0)
    let (peer, hash) = try serving.value()
    #expect(peer == key.publicKey)
    #expect(said == "\(server.key.publicKey.hex) \(Hex.encode(hash))")
  }

  @Test(arguments: HandshakePattern.allCases)
  func pythonListens(_ pattern: HandshakePattern) throws {
    let (key, secret) = try Self.peerKey()
    let identity = StaticKey.generate()
    let (process, output) = try Self.start(["server", "\(pattern)", "0", secret, "-"])
    let port = try #require(UInt16(Self.line(output)))
    let connection = try SecureConnection.connect(
      to: Endpoint(host: "127.0.0.1", port: port), identity: identity,
      expecting: pattern.needsResponderKey
        ? .publicKey(key.publicKey) : .fingerprint(key.fingerprint),
      limits: Self.limits)
    try Self.echo(connection)
    let said = try Self.line(output)
    process.waitUntilExit()
    #expect(process.terminationStatus == 0)
    #expect(connection.peer == key.publicKey)
    #expect(said == "\(identity.publicKey.hex) \(Hex.encode(connection.transcriptHash))")
  }
}
