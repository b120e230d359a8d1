/// The unit inside a session: a type, an id that ties answers to questions, and a payload.
package struct Frame: Equatable, Sendable {
  /// Which message this is.
  package var type: UInt8
  /// The task or request it belongs to; 0 where it belongs to none.
  package var requestID: UInt64
  /// The message's body, uncompressed.
  package var payload: [UInt8]

  /// Collects the fields.
  package init(type: UInt8, requestID: UInt64, payload: [UInt8]) {
    self.type = type
    self.requestID = requestID
    self.payload = payload
  }
}

/// The 16 bytes before every payload: length (4), type (1), flags (1), zero (2), request id (8).
struct FrameHeader: Equatable {
  /// Bytes in a header.
  static let byteCount = 16

  /// Bits of the flags byte; all others must be zero.
  enum Flag {
    /// The payload is a 4-byte decompressed size and a zstd frame.
    static let compressed: UInt8 = 1
  }

  /// Stored bytes that follow the header.
  var length: UInt32
  /// Which message this is.
  var type: UInt8
  /// Whether the payload is compressed.
  var isCompressed: Bool
  /// The task or request the frame belongs to.
  var requestID: UInt64

  /// The 16 bytes.
  var bytes: [UInt8] {
    var writer = ByteWriter()
    writer.integer(length)
    writer.integer(type)
    writer.integer(isCompressed ? Flag.compressed : 0)
    writer.integer(UInt16(0))
    writer.integer(requestID)
    return writer.bytes
  }

  /// Collects the fields.
  init(length: UInt32, type: UInt8, isCompressed: Bool, requestID: UInt64) {
    self.length = length
    self.type = type
    self.isCompressed = isCompressed
    self.requestID = requestID
  }

  /// Reads exactly 16 bytes.
  init(bytes: [UInt8]) throws(WireError) {
    var reader = ByteReader(bytes, name: "frame header")
    length = try reader.integer("length")
    type = try reader.integer("type")
    let flags: UInt8 = try reader.integer("flags")
    let reserved: UInt16 = try reader.integer("reserved")
    requestID = try reader.integer("request id")
    try reader.end()
    guard flags & ~Flag.compressed == 0 else {
      throw .malformedFrame(reason: "unknown flags \(flags)")
    }
    guard reserved == 0 else { throw .malformedFrame(reason: "reserved bytes are not zero") }
    isCompressed = flags & Flag.compressed != 0
  }
}
