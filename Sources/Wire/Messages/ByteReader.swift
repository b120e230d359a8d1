/// Reads a message body strictly: every length is checked before it is used, nothing may be left over.
struct ByteReader {
  /// The message's name, for errors.
  let name: String
  private var rest: ArraySlice<UInt8>

  /// Reads `bytes` as the body of the message called `name`.
  init(_ bytes: [UInt8], name: String) {
    self.name = name
    rest = bytes[...]
  }

  /// The error of this message with the given reason.
  func malformed(_ reason: String) -> WireError { .malformedMessage(name: name, reason: reason) }

  /// The next little-endian integer.
  mutating func integer<T: FixedWidthInteger & UnsignedInteger>(
    _ field: String
  ) throws(WireError) -> T {
    let bytes = try fixed(T.bitWidth / 8, field)
    return bytes.reversed().reduce(0) { $0 << 8 | T($1) }
  }

  /// The next 64-bit integer, as an `Int` of at most `limit`.
  mutating func size(_ field: String, limit: Int = .max) throws(WireError) -> Int {
    let value: UInt64 = try integer(field)
    guard value <= UInt64(limit) else { throw malformed("\(field) is \(value), above \(limit)") }
    return Int(value)
  }

  /// The next byte, which must be 0 or 1.
  mutating func flag(_ field: String) throws(WireError) -> Bool {
    let value: UInt8 = try integer(field)
    switch value {
    case 0: return false
    case 1: return true
    case let other: throw malformed("\(field) is \(other), not 0 or 1")
    }
  }

  /// The next `count` bytes.
  mutating func fixed(_ count: Int, _ field: String) throws(WireError) -> ArraySlice<UInt8> {
    guard rest.count >= count else {
      throw malformed("\(field) needs \(count) bytes, \(rest.count) are left")
    }
    defer { rest = rest.dropFirst(count) }
    return rest.prefix(count)
  }

  /// The next digest.
  mutating func digest(_ field: String) throws(WireError) -> Digest {
    Digest(bytes: try fixed(Digest.byteCount, field))!
  }

  /// The next length-prefixed bytes.
  mutating func block(_ field: String, limit: Int = .max) throws(WireError) -> [UInt8] {
    let length: UInt32 = try integer(field)
    let count = Int(length)
    guard count <= limit else { throw malformed("\(field) has \(count) bytes, above \(limit)") }
    return Array(try fixed(count, field))
  }

  /// The next length-prefixed text, which must be UTF-8 of at most `limit` bytes.
  mutating func text(_ field: String, limit: Int) throws(WireError) -> String {
    let length: UInt16 = try integer(field)
    let count = Int(length)
    guard count <= limit else { throw malformed("\(field) has \(count) bytes, above \(limit)") }
    guard let text = String(validating: try fixed(count, field), as: UTF8.self) else {
      throw malformed("\(field) is not UTF-8")
    }
    return text
  }

  /// Throws if anything is left.
  func end() throws(WireError) {
    guard rest.isEmpty else { throw malformed("\(rest.count) bytes too many") }
  }
}
