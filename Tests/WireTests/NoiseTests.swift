import Testing
import Wire

struct NoiseTests {
  /// Two sides of a fresh handshake.
  static func pair(_ pattern: HandshakePattern) -> [HandshakeState] {
    let responder = StaticKey.generate()
    return [
      HandshakeState(
        pattern, side: .initiator, staticKey: .generate(), prologue: [1, 2],
        responderKey: responder.publicKey),
      HandshakeState(pattern, side: .responder, staticKey: responder, prologue: [1, 2]),
    ]
  }

  @Test(arguments: HandshakePattern.allCases)
  func everyBitOfAHandshakeMatters(_ pattern: HandshakePattern) throws {
    let count = pattern == .xx ? 3 : 2
    for message in 0..<count {
      // The length is the same in every run; only the last bit of each byte is flipped to save time.
      var place = 0
      while true {
        var sides = Self.pair(pattern)
        for earlier in 0..<message {
          _ = try sides[1 - earlier % 2].read(sides[earlier % 2].write())
        }
        var bytes = try sides[message % 2].write()
        guard place < bytes.count else { break }
        bytes[place] ^= 1
        var failed = false
        do {
          _ = try sides[1 - message % 2].read(bytes)
          // The first ephemeral key is not authenticated by itself: the next message must fail.
          for later in message + 1..<count {
            _ = try sides[1 - later % 2].read(sides[later % 2].write())
          }
        } catch {
          failed = true
        }
        #expect(failed, "message \(message), byte \(place)")
        place += 1
      }
      #expect(place >= 32)
    }
  }

  @Test(arguments: HandshakePattern.allCases)
  func anotherPrologueFails(_ pattern: HandshakePattern) throws {
    let responder = StaticKey.generate()
    var first = HandshakeState(
      pattern, side: .initiator, staticKey: .generate(), prologue: [1],
      responderKey: responder.publicKey)
    var second = HandshakeState(pattern, side: .responder, staticKey: responder, prologue: [2])
    #expect(throws: WireError.handshakeFailed(.notAuthentic)) {
      _ = try second.read(first.write())
      _ = try first.read(second.write())
    }
  }

  /// Points whose product with every private key is zero (https://cr.yp.to/ecdh.html#validate).
  @Test(arguments: [
    "0000000000000000000000000000000000000000000000000000000000000000",
    "0100000000000000000000000000000000000000000000000000000000000000",
    "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
    "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
  ])
  func pointsOfSmallOrderAreRefused(_ point: String) throws {
    var responder = Self.pair(.xx)[1]
    _ = try responder.read(bytes(point))
    #expect(throws: WireError.handshakeFailed(.lowOrderPoint)) { try responder.write() }
  }

  @Test func driverMistakesAreErrors() throws {
    var sides = Self.pair(.xx)
    #expect(throws: WireError.handshakeFailed(.outOfOrder)) { try sides[1].write() }
    #expect(throws: WireError.handshakeFailed(.outOfOrder)) { try sides[0].split() }
    #expect(throws: WireError.handshakeFailed(.wrongLength)) {
      try sides[1].read([UInt8](repeating: 1, count: 31))
    }
    _ = try sides[0].write()
    #expect(throws: WireError.handshakeFailed(.outOfOrder)) { try sides[0].write() }
  }

  @Test func nothingGoesOnAfterAFailure() throws {
    var sides = Self.pair(.ik)
    var first = try sides[0].write()
    first[40] ^= 1
    #expect(throws: WireError.handshakeFailed(.notAuthentic)) { try sides[1].read(first) }
    #expect(!sides[1].sendsNext && !sides[1].isComplete)
    #expect(throws: WireError.handshakeFailed(.outOfOrder)) { try sides[1].read(first) }
    #expect(throws: WireError.handshakeFailed(.outOfOrder)) { try sides[1].write() }
    // Also when the last message fails, which leaves none to wait for.
    sides = Self.pair(.ik)
    _ = try sides[1].read(sides[0].write())
    var second = try sides[1].write()
    second[second.count - 1] ^= 1
    #expect(throws: WireError.handshakeFailed(.notAuthentic)) { try sides[0].read(second) }
    #expect(!sides[0].isComplete)
    #expect(throws: WireError.handshakeFailed(.outOfOrder)) { try sides[0].split() }
  }

  @Test func lastNonceIsReserved() throws {
    var cipher = CipherState(
      keyBytes: [UInt8](repeating: 7, count: 32), nonce: CipherState.reservedNonce - 1)
    var output: [UInt8] = []
    try cipher.encrypt([1, 2, 3], into: &output)
    #expect(throws: WireError.nonceExhausted) { try cipher.encrypt([1], into: &output) }
    #expect(throws: WireError.nonceExhausted) { try cipher.decrypt(output[...], into: &output) }
  }

  @Test func rekeyingKeepsTheCounterAndChangesTheKey() throws {
    let key = [UInt8](repeating: 9, count: 32)
    var sender = CipherState(keyBytes: key, nonce: 5)
    var receiver = sender
    let stale = sender
    sender.rekey()
    receiver.rekey()
    #expect(sender.nonce == 5)
    var sealed: [UInt8] = []
    try sender.encrypt([1, 2, 3], into: &sealed)
    var plain: [UInt8] = []
    try receiver.decrypt(sealed[...], into: &plain)
    #expect(plain == [1, 2, 3])
    var old = stale
    #expect(throws: WireError.decryptionFailed) { try old.decrypt(sealed[...], into: &plain) }
    #expect(old.nonce == 5)
  }

  @Test func forgeriesChangeNothing() throws {
    var sender = CipherState(keyBytes: [UInt8](repeating: 3, count: 32), nonce: 0)
    var receiver = sender
    var sealed: [UInt8] = []
    try sender.encrypt([1, 2, 3], associatedData: [4], into: &sealed)
    var plain: [UInt8] = [0xaa]
    for place in sealed.indices {
      var forged = sealed
      forged[place] ^= 0x80
      #expect(throws: WireError.decryptionFailed) {
        try receiver.decrypt(forged[...], associatedData: [4], into: &plain)
      }
    }
    #expect(throws: WireError.decryptionFailed) {
      try receiver.decrypt(sealed[...], associatedData: [5], into: &plain)
    }
    #expect(throws: WireError.decryptionFailed) {
      try receiver.decrypt(sealed.prefix(15), associatedData: [4], into: &plain)
    }
    #expect(plain == [0xaa])
    try receiver.decrypt(sealed[...], associatedData: [4], into: &plain)
    #expect(plain == [0xaa, 1, 2, 3])
  }
}
