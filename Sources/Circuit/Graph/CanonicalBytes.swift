/// Writes the canonical byte form: unsigned numbers as LEB128, signed ones zigzag first, strings with their length.
package struct CanonicalWriter {
  /// What was written so far.
  package var bytes: [UInt8] = []

  /// Nothing, so far.
  package init() {}

  /// An unsigned number.
  package mutating func write(unsigned value: UInt64) {
    var rest = value
    while rest >= 0x80 {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    bytes.append(UInt8(rest))
  }

  /// A number that is not negative.
  package mutating func write(count: Int) {
    write(unsigned: UInt64(count))
  }

  /// A signed number.
  package mutating func write(signed value: Int64) {
    write(unsigned: UInt64(bitPattern: (value << 1) ^ (value >> 63)))
  }

  /// Both ends of a range.
  package mutating func write(_ range: ClosedRange<Int64>) {
    write(signed: range.lowerBound)
    write(signed: range.upperBound)
  }

  /// A text with its length.
  package mutating func write(_ text: String) {
    write(count: text.utf8.count)
    bytes += text.utf8
  }

  /// One byte, 0 or 1.
  package mutating func write(_ flag: Bool) {
    bytes.append(flag ? 1 : 0)
  }
}

/// Reads the canonical byte form; never traps, and takes counts only if that many bytes are left.
package struct CanonicalReader {
  private let bytes: [UInt8]
  private(set) var offset = 0

  /// Begins at the first byte.
  package init(_ bytes: [UInt8]) {
    self.bytes = bytes
  }

  /// The error for what stands here.
  package func malformed(_ what: String) -> CircuitError {
    .malformed(what: what, offset: offset)
  }

  /// An unsigned number in its shortest form.
  package mutating func unsigned(_ what: String) throws(CircuitError) -> UInt64 {
    var value: UInt64 = 0
    var shift: UInt64 = 0
    while true {
      guard offset < bytes.count else { throw malformed("\(what) is cut off") }
      let byte = bytes[offset]
      guard shift < 63 || byte <= 1 else { throw malformed("\(what) exceeds 64 bits") }
      value |= UInt64(byte & 0x7f) << shift
      offset += 1
      if byte < 0x80 {
        guard byte != 0 || shift == 0 else { throw malformed("\(what) is not in shortest form") }
        return value
      }
      shift += 7
    }
  }

  /// A signed number.
  package mutating func signed(_ what: String) throws(CircuitError) -> Int64 {
    let value = try unsigned(what)
    return Int64(bitPattern: value >> 1) ^ -Int64(bitPattern: value & 1)
  }

  /// A number that must not exceed `limit`.
  package mutating func integer(_ what: String, limit: Int) throws(CircuitError) -> Int {
    let value = try unsigned(what)
    guard value <= UInt64(limit) else { throw malformed("\(what) \(value) exceeds \(limit)") }
    return Int(value)
  }

  /// The count of items that follow, each taking at least one byte: memory is bounded by the input's size.
  package mutating func count(_ what: String) throws(CircuitError) -> Int {
    let value = try unsigned(what)
    guard value <= UInt64(bytes.count - offset) else {
      throw malformed("\(what) \(value) exceeds the bytes that are left")
    }
    return Int(value)
  }

  /// Both ends of a range that is not empty.
  package mutating func range(_ what: String) throws(CircuitError) -> ClosedRange<Int64> {
    let lower = try signed(what)
    let upper = try signed(what)
    guard lower <= upper else { throw malformed("\(what) is an empty range") }
    return lower...upper
  }

  /// A text with its length.
  package mutating func text(_ what: String) throws(CircuitError) -> String {
    let length = try count(what)
    guard let text = String(validating: bytes[offset..<offset + length], as: UTF8.self) else {
      throw malformed("\(what) is not UTF-8")
    }
    offset += length
    return text
  }

  mutating func bytes(_ count: Int, _ what: String) throws(CircuitError) -> ArraySlice<UInt8> {
    guard count <= bytes.count - offset else { throw malformed("\(what) is cut off") }
    offset += count
    return bytes[offset - count..<offset]
  }

  /// One byte, 0 or 1.
  package mutating func flag(_ what: String) throws(CircuitError) -> Bool {
    try integer(what, limit: 1) == 1
  }

  /// All bytes that have not been read.
  package var rest: [UInt8] { Array(bytes[offset...]) }

  /// Nothing may follow.
  package func finish() throws(CircuitError) {
    guard offset == bytes.count else { throw malformed("\(bytes.count - offset) trailing bytes") }
  }
}
