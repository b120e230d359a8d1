/// The sending half of a session: frames in, encrypted records out; pure.
///
/// The frames form one stream of bytes; it is cut into records of at most 65535 bytes, each preceded by
/// its length in two big-endian bytes.
package struct SessionSender: Sendable {
  private var cipher: CipherState
  private let limits: WireLimits

  /// Bytes before every record.
  static let prefixBytes = 2

  /// Sends with the given cipher.
  package init(cipher: CipherState, limits: WireLimits) {
    self.cipher = cipher
    self.limits = limits
  }

  /// The records that carry the frame; after an error the session must be closed.
  package mutating func seal(_ frame: Frame) throws(WireError) -> [UInt8] {
    guard frame.payload.count <= limits.maximumDecompressedPayload else {
      throw .frameTooLarge(
        found: frame.payload.count, limit: limits.maximumDecompressedPayload)
    }
    let packed =
      frame.payload.count >= limits.compressionThreshold
      ? Compression.compress(frame.payload) : nil
    let stored = packed ?? frame.payload
    guard stored.count <= limits.maximumFramePayload else {
      throw .frameTooLarge(found: stored.count, limit: limits.maximumFramePayload)
    }
    let header = FrameHeader(
      length: UInt32(stored.count), type: frame.type, isCompressed: packed != nil,
      requestID: frame.requestID)
    return try sealStream(header.bytes + stored)
  }

  /// The records that carry the given bytes of the stream.
  package mutating func sealStream(_ bytes: [UInt8]) throws(WireError) -> [UInt8] {
    let perRecord = CipherState.maximumPlaintext
    let records = (bytes.count + perRecord - 1) / perRecord
    var output: [UInt8] = []
    output.reserveCapacity(bytes.count + records * (Sodium.tagBytes + Self.prefixBytes))
    for start in stride(from: 0, to: bytes.count, by: perRecord) {
      let part = bytes[start..<min(start + perRecord, bytes.count)]
      let length = UInt16(part.count + Sodium.tagBytes)
      output.append(UInt8(length >> 8))
      output.append(UInt8(truncatingIfNeeded: length))
      try cipher.encrypt(part, into: &output)
      if cipher.nonce.isMultiple(of: limits.rekeyInterval) { cipher.rekey() }
    }
    return output
  }
}
