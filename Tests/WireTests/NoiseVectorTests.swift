import Foundation
import Testing
import Wire

/// The published vectors of the two patterns: every message, payload and hash, in both roles.
struct NoiseVectorTests {
  struct File: Decodable {
    var vectors: [Vector]
  }

  struct Vector: Decodable, CustomTestStringConvertible {
    struct Message: Decodable {
      var payload: String
      var ciphertext: String
    }

    var protocol_name: String
    var init_prologue: String
    var init_static: String
    var init_ephemeral: String
    var init_remote_static: String?
    var resp_prologue: String
    var resp_static: String
    var resp_ephemeral: String
    var handshake_hash: String
    var messages: [Message]

    var testDescription: String { protocol_name }

    func state(_ side: HandshakeState.Side, _ pattern: HandshakePattern) throws -> HandshakeState {
      let isInitiator = side == .initiator
      return HandshakeState(
        pattern, side: side,
        staticKey: try #require(
          StaticKey(privateBytes: bytes(isInitiator ? init_static : resp_static))),
        prologue: bytes(isInitiator ? init_prologue : resp_prologue),
        responderKey: init_remote_static.flatMap { PublicKey(hex: $0) },
        ephemeral: try #require(
          StaticKey(privateBytes: bytes(isInitiator ? init_ephemeral : resp_ephemeral))))
    }
  }

  static let vectors: [Vector] = {
    let url = Package.vectors.appending(path: "noise.json")
    return (try? JSONDecoder().decode(File.self, from: Data(contentsOf: url)))?.vectors ?? []
  }()

  @Test func everyPatternHasAVector() {
    #expect(
      Set(Self.vectors.map(\.protocol_name))
        == Set(HandshakePattern.allCases.map(\.protocolName)))
  }

  @Test(arguments: vectors)
  func reproducesPublishedHandshake(_ vector: Vector) throws {
    let pattern = try #require(
      HandshakePattern.allCases.first { $0.protocolName == vector.protocol_name })
    var sides = [try vector.state(.initiator, pattern), try vector.state(.responder, pattern)]
    var ciphers: [(send: CipherState, receive: CipherState)] = []
    for (index, message) in vector.messages.enumerated() {
      let (sender, receiver) = (index % 2, 1 - index % 2)
      let payload = bytes(message.payload)
      if !sides[0].isComplete {
        #expect(sides[sender].sendsNext)
        let written = try sides[sender].write(payload: payload)
        #expect(Hex.encode(written) == message.ciphertext)
        #expect(try sides[receiver].read(written) == payload)
        if sides[0].isComplete { ciphers = try sides.map { side in try side.split() } }
      } else {
        var written: [UInt8] = []
        try ciphers[sender].send.encrypt(payload[...], into: &written)
        #expect(Hex.encode(written) == message.ciphertext)
        var read: [UInt8] = []
        try ciphers[receiver].receive.decrypt(written[...], into: &read)
        #expect(read == payload)
      }
    }
    for side in sides {
      #expect(side.isComplete)
      #expect(Hex.encode(side.transcriptHash) == vector.handshake_hash)
    }
    #expect(sides[0].remoteStatic == StaticKey(privateBytes: bytes(vector.resp_static))?.publicKey)
    #expect(sides[1].remoteStatic == StaticKey(privateBytes: bytes(vector.init_static))?.publicKey)
  }
}
