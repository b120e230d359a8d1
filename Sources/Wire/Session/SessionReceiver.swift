/// The receiving half of a session: encrypted records in, frames out; pure.
///
/// Memory grows only with bytes that have arrived and are authentic, never with announced lengths.
package struct SessionReceiver: Sendable {
  private var cipher: CipherState
  private let limits: WireLimits
  private var records = StreamBuffer()
  private var stream = StreamBuffer()
  /// What the peer may send.
  package var policy: PayloadPolicy

  /// Receives with the given cipher; `policy` says what the peer may send.
  package init(cipher: CipherState, limits: WireLimits, policy: PayloadPolicy) {
    self.cipher = cipher
    self.limits = limits
    self.policy = policy
  }

  /// Takes bytes as they come from the network; after an error the session must be closed.
  package mutating func receive(_ bytes: ArraySlice<UInt8>) throws(WireError) {
    records.append(bytes)
    while let prefix = records.peek(SessionSender.prefixBytes) {
      let length = Int(prefix[prefix.startIndex]) << 8 | Int(prefix[prefix.startIndex + 1])
      guard length > Sodium.tagBytes else { throw .malformedRecord(length: length) }
      guard let whole = records.peek(SessionSender.prefixBytes + length) else { return }
      try stream.append { (plain: inout [UInt8]) throws(WireError) in
        try cipher.decrypt(whole.dropFirst(SessionSender.prefixBytes), into: &plain)
      }
      records.consume(SessionSender.prefixBytes + length)
      if cipher.nonce.isMultiple(of: limits.rekeyInterval) { cipher.rekey() }
    }
  }

  /// The next complete frame, if there is one; after an error the session must be closed.
  package mutating func nextFrame() throws(WireError) -> Frame? {
    guard let bytes = stream.peek(FrameHeader.byteCount) else { return nil }
    let header = try FrameHeader(bytes: Array(bytes))
    let whole = try policy.limit(ofType: header.type)
    let limit = min(whole, limits.maximumFramePayload)
    guard header.length <= limit else {
      throw .frameTooLarge(found: Int(header.length), limit: limit)
    }
    guard policy != .stranger || !header.isCompressed else {
      throw .malformedFrame(reason: "compressed before admission")
    }
    guard let frame = stream.peek(FrameHeader.byteCount + Int(header.length)) else { return nil }
    var payload = Array(frame.dropFirst(FrameHeader.byteCount))
    stream.consume(FrameHeader.byteCount + Int(header.length))
    if header.isCompressed {
      payload = try Compression.decompress(
        payload, limit: min(whole, limits.maximumDecompressedPayload))
    }
    return Frame(type: header.type, requestID: header.requestID, payload: payload)
  }

  /// Whether part of a record or frame has arrived and the rest has not.
  package var isMidFrame: Bool { !records.isEmpty || !stream.isEmpty }
}

/// A queue of bytes that is read from the front.
struct StreamBuffer {
  /// Bytes of memory that an empty buffer keeps, at most.
  private static let keptCapacity = 4096

  private var bytes: [UInt8] = []
  private var start = 0

  var isEmpty: Bool { start == bytes.count }

  mutating func append(_ more: ArraySlice<UInt8>) { bytes.append(contentsOf: more) }

  /// Lets `body` append to the end.
  mutating func append(_ body: (inout [UInt8]) throws(WireError) -> Void) throws(WireError) {
    try body(&bytes)
  }

  /// The first `count` bytes, or nil where fewer are there.
  func peek(_ count: Int) -> ArraySlice<UInt8>? {
    bytes.count - start >= count ? bytes[start..<start + count] : nil
  }

  /// Drops the first `count` bytes; memory is given back once most of it is behind.
  mutating func consume(_ count: Int) {
    start += count
    assert(start <= bytes.count)
    if start == bytes.count {
      // Most connections are idle most of the time: what a large message needed is given back.
      bytes.removeAll(keepingCapacity: bytes.capacity <= Self.keptCapacity)
      start = 0
    } else if start >= 1 << 20, start >= bytes.count / 2 {
      bytes.removeFirst(start)
      start = 0
    }
  }
}
