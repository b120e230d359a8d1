import Testing
import Wire

struct SessionTests {
  /// Both ends of one direction.
  static func pair(
    _ limits: WireLimits = .standard, policy: PayloadPolicy = .any
  ) -> (SessionSender, SessionReceiver) {
    let cipher = CipherState(keyBytes: Sodium.randomBytes(32), nonce: 0)
    return (
      SessionSender(cipher: cipher, limits: limits),
      SessionReceiver(cipher: cipher, limits: limits, policy: policy)
    )
  }

  static func frame(_ payload: [UInt8], type: UInt8 = 0x31, id: UInt64 = 77) -> Frame {
    Frame(type: type, requestID: id, payload: payload)
  }

  /// A header with any contents, unless said otherwise of a response.
  static func header(
    length: Int, type: UInt8 = 0x31, flags: UInt8 = 0, reserved: UInt8 = 0
  ) -> [UInt8] {
    (0..<4).map { UInt8(truncatingIfNeeded: length >> (8 * $0)) } + [type, flags, reserved, 0]
      + [77, 0, 0, 0, 0, 0, 0, 0]
  }

  @Test(arguments: [0, 1, 511, 512, 65503, 65504, 65519, 65520, 65535, 65536, 300_000])
  func framesOfEverySizeComeBack(_ count: Int) throws {
    var (sender, receiver) = Self.pair()
    for payload in [Sodium.randomBytes(count), [UInt8](repeating: 3, count: count)] {
      let records = try sender.seal(Self.frame(payload))
      try receiver.receive(records[...])
      #expect(try receiver.nextFrame() == Self.frame(payload))
      #expect(try receiver.nextFrame() == nil)
      #expect(!receiver.isMidFrame)
    }
  }

  @Test func recordsAreAtMost65535Bytes() throws {
    var (sender, _) = Self.pair()
    var rest = try sender.seal(Self.frame(Sodium.randomBytes(200_000)))[...]
    var lengths: [Int] = []
    while let high = rest.popFirst(), let low = rest.popFirst() {
      lengths.append(Int(high) << 8 | Int(low))
      rest = rest.dropFirst(lengths.last!)
    }
    #expect(lengths == [65535, 65535, 65535, 200_016 - 3 * 65519 + 16])
  }

  @Test func arrivesByteByByte() throws {
    var (sender, receiver) = Self.pair()
    let frames = [Self.frame([1, 2, 3]), Self.frame([], type: 2, id: 0), Self.frame([9])]
    let records = try frames.flatMap { frame in try sender.seal(frame) }
    var got: [Frame] = []
    for byte in records {
      try receiver.receive([byte])
      while let frame = try receiver.nextFrame() { got.append(frame) }
    }
    #expect(got == frames)
  }

  @Test func manyFramesInOneRead() throws {
    var (sender, receiver) = Self.pair()
    let frames = (0..<500).map {
      Self.frame([UInt8](repeating: UInt8($0 & 255), count: $0), id: UInt64($0))
    }
    try receiver.receive(frames.flatMap { frame in try sender.seal(frame) }[...])
    for frame in frames { #expect(try receiver.nextFrame() == frame) }
    #expect(try receiver.nextFrame() == nil)
  }

  @Test func everyFlippedBitIsNoticed() throws {
    let (sender, receiver) = Self.pair()
    var sealing = sender
    let records = try sealing.seal(Self.frame([1, 2, 3]))
    for place in 2..<records.count {
      var changed = records
      changed[place] ^= 1 << UInt8(place % 8)
      var fresh = receiver
      #expect(throws: WireError.decryptionFailed) { try fresh.receive(changed[...]) }
    }
    // A changed length either cuts the record, or waits for bytes that never come.
    var shorter = records
    shorter[1] -= 1
    var fresh = receiver
    #expect(throws: WireError.decryptionFailed) { try fresh.receive(shorter[...]) }
    var longer = records
    longer[1] += 1
    fresh = receiver
    try fresh.receive(longer[...])
    #expect(fresh.isMidFrame)
  }

  @Test func replayAndReorderingAreNoticed() throws {
    var (sender, receiver) = Self.pair()
    let first = try sender.seal(Self.frame([1]))
    let second = try sender.seal(Self.frame([2]))
    var reordered = receiver
    #expect(throws: WireError.decryptionFailed) { try reordered.receive(second[...]) }
    try receiver.receive(first[...])
    #expect(throws: WireError.decryptionFailed) { try receiver.receive(first[...]) }
  }

  @Test(arguments: [0, 1, 16])
  func recordsWithoutContentAreRefused(_ length: Int) {
    var (_, receiver) = Self.pair()
    #expect(throws: WireError.malformedRecord(length: length)) {
      try receiver.receive([0, UInt8(length)])
    }
  }

  @Test func keysChangeAfterTheInterval() throws {
    var limits = WireLimits()
    limits.rekeyInterval = 3
    var (sender, receiver) = Self.pair(limits)
    for i in 0..<10 {
      try receiver.receive(sender.seal(Self.frame([UInt8(i)]))[...])
      #expect(try receiver.nextFrame()?.payload == [UInt8(i)])
    }
    // A peer that does not change its key is not understood any more.
    var other = limits
    other.rekeyInterval = 4
    let cipher = CipherState(keyBytes: Sodium.randomBytes(32), nonce: 0)
    var fast = SessionSender(cipher: cipher, limits: limits)
    var slow = SessionReceiver(cipher: cipher, limits: other, policy: .any)
    for _ in 0..<3 { try slow.receive(fast.seal(Self.frame([1]))[...]) }
    #expect(throws: WireError.decryptionFailed) {
      try slow.receive(fast.seal(Self.frame([1]))[...])
    }
  }

  @Test func frameLimitHoldsOnBothSides() throws {
    var limits = WireLimits()
    limits.maximumFramePayload = 1000
    var (small, receiver) = Self.pair(limits)
    #expect(throws: WireError.frameTooLarge(found: 1001, limit: 1000)) {
      try small.seal(Self.frame(Sodium.randomBytes(1001)))
    }
    try receiver.receive(small.seal(Self.frame(Sodium.randomBytes(1000)))[...])
    #expect(try receiver.nextFrame()?.payload.count == 1000)
    // Only the header has arrived: refused before the payload is even sent.
    try receiver.receive(small.sealStream(Self.header(length: 1001))[...])
    #expect(throws: WireError.frameTooLarge(found: 1001, limit: 1000)) {
      try receiver.nextFrame()
    }
  }

  @Test func compressionStartsAtTheThreshold() throws {
    var (sender, receiver) = Self.pair()
    let threshold = WireLimits.standard.compressionThreshold
    for (count, isCompressed) in [(threshold - 1, false), (threshold, true)] {
      let records = try sender.seal(Self.frame([UInt8](repeating: 0, count: count)))
      #expect((records.count < count) == isCompressed)
      try receiver.receive(records[...])
      #expect(try receiver.nextFrame()?.payload.count == count)
    }
  }

  @Test func decompressedLimitHoldsOnBothSides() throws {
    var limits = WireLimits()
    limits.maximumDecompressedPayload = 10_000
    let plain = [UInt8](repeating: 0, count: 10_001)
    var (sender, receiver) = Self.pair(limits)
    #expect(throws: WireError.frameTooLarge(found: 10_001, limit: 10_000)) {
      try sender.seal(Self.frame(plain))
    }
    let bomb = try #require(Compression.compress(plain))
    try receiver.receive(
      sender.sealStream(Self.header(length: bomb.count, flags: 1) + bomb)[...])
    #expect(throws: WireError.decompressedTooLarge(found: 10_001, limit: 10_000)) {
      try receiver.nextFrame()
    }
  }

  @Test func strangersAreKeptSmall() throws {
    var (sender, receiver) = Self.pair(policy: .stranger)
    let limit = 2048
    try receiver.receive(sender.seal(Self.frame(Sodium.randomBytes(limit), type: 1))[...])
    #expect(try receiver.nextFrame()?.payload.count == limit)
    var greedy = receiver
    var greedySender = sender
    try greedy.receive(greedySender.sealStream(Self.header(length: limit + 1, type: 1))[...])
    #expect(throws: WireError.frameTooLarge(found: limit + 1, limit: limit)) {
      try greedy.nextFrame()
    }
    var other = receiver
    var otherSender = sender
    try other.receive(otherSender.seal(Message.heartbeat.encoded())[...])
    #expect(throws: WireError.messageNotAllowed(name: "heartbeat")) { try other.nextFrame() }
    try receiver.receive(
      sender.seal(Self.frame([UInt8](repeating: 0, count: 2000), type: 1))[...])
    #expect(throws: WireError.malformedFrame(reason: "compressed before admission")) {
      try receiver.nextFrame()
    }
  }

  /// A frame of two kilobytes used to get the 64 MiB that it declared, whatever it was and whoever sent it.
  @Test(arguments: [PayloadPolicy.worker, .client]) func whatAFrameMayCostDependsOnItsSender(
    policy: PayloadPolicy
  ) throws {
    let bomb = try #require(Compression.compress([UInt8](repeating: 0, count: 64 << 20)))
    #expect(bomb.count < 1 << 16)
    var types: [String] = []
    for type in UInt8.min...UInt8.max {
      var (sender, receiver) = Self.pair(policy: policy)
      try receiver.receive(
        sender.sealStream(Self.header(length: min(bomb.count, 60), type: type, flags: 1))[...])
      try receiver.receive(sender.sealStream(Array(bomb.prefix(60)))[...])
      let refusal = #expect(throws: WireError.self, "type \(type) may cost 64 MiB") {
        _ = try receiver.nextFrame()
      }
      switch refusal {
      case .decompressedTooLarge(_, let limit)?:
        #expect(limit <= 4 << 20)
        types.append("\(type)")
      case .frameTooLarge(_, let limit)?:
        #expect(limit == 0)
        types.append("\(type)")
      default:
        break
      }
    }
    #expect(types.count == 7)
  }

  @Test func unknownHeaderBitsAreRefused() throws {
    for (header, reason) in [
      (Self.header(length: 0, flags: 2), "unknown flags 2"),
      (Self.header(length: 0, flags: 0x81), "unknown flags 129"),
      (Self.header(length: 0, reserved: 1), "reserved bytes are not zero"),
    ] {
      var (sender, receiver) = Self.pair()
      try receiver.receive(sender.sealStream(header)[...])
      #expect(throws: WireError.malformedFrame(reason: reason)) { try receiver.nextFrame() }
    }
  }
}
