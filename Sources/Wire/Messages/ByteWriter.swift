/// Builds a message body: little-endian integers, length-prefixed bytes and texts.
struct ByteWriter {
  /// What has been written so far.
  private(set) var bytes: [UInt8] = []

  /// Appends the little-endian bytes of an integer.
  mutating func integer<T: FixedWidthInteger>(_ value: T) {
    withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) }
  }

  /// Appends a byte that is 0 or 1.
  mutating func flag(_ value: Bool) { bytes.append(value ? 1 : 0) }

  /// Appends bytes of a length that both sides know.
  mutating func fixed(_ value: [UInt8]) { bytes.append(contentsOf: value) }

  /// Appends a 32-bit length and the bytes.
  mutating func block(_ value: [UInt8]) {
    integer(UInt32(value.count))
    bytes.append(contentsOf: value)
  }

  /// Appends a 16-bit length and the UTF-8 bytes; throws where there are more than `limit`.
  mutating func text(_ value: String, field: String, limit: Int) throws(WireError) {
    let utf8 = Array(value.utf8)
    guard utf8.count <= limit else {
      throw .fieldTooLong(field: field, found: utf8.count, limit: limit)
    }
    integer(UInt16(utf8.count))
    bytes.append(contentsOf: utf8)
  }

  /// Like `text`, but cuts an overlong text at a character boundary: for explanations to people.
  mutating func clippedText(_ value: String, limit: Int) {
    var end = value.endIndex
    var count = value.utf8.count
    while count > limit {
      let previous = value.index(before: end)
      count -= value[previous..<end].utf8.count
      end = previous
    }
    let utf8 = Array(value[..<end].utf8)
    integer(UInt16(utf8.count))
    bytes.append(contentsOf: utf8)
  }
}
