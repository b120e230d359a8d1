import Algebra

/// Reads a byte string from the front; every failure is a `VarunaError.encoding` that names the whole.
struct ByteReader {
  private let bytes: [UInt8]
  private(set) var offset = 0
  private let what: String

  init(_ bytes: some Collection<UInt8>, of what: String) {
    self.bytes = Array(bytes)
    self.what = what
  }

  var remaining: Int { bytes.count - offset }

  func failure(_ reason: String) -> VarunaError {
    .encoding(what: what, reason: "\(reason) at byte \(offset)")
  }

  mutating func take(_ count: Int) throws(VarunaError) -> ArraySlice<UInt8> {
    guard count >= 0, count <= remaining else { throw failure("truncated") }
    offset += count
    return bytes[offset - count..<offset]
  }

  mutating func byte() throws(VarunaError) -> UInt8 {
    guard remaining > 0 else { throw failure("truncated") }
    offset += 1
    return bytes[offset - 1]
  }

  mutating func expect(_ value: UInt8, _ name: String) throws(VarunaError) {
    let found = try byte()
    guard found == value else { throw failure("\(name) is \(found), expected \(value)") }
  }

  mutating func uint64() throws(VarunaError) -> UInt64 {
    try take(8).reversed().reduce(0) { $0 << 8 | UInt64($1) }
  }

  /// A count of things that take at least `unit` bytes each in what remains.
  mutating func count(atMost limit: Int, unit: Int, of name: String) throws(VarunaError) -> Int {
    let value = try uint64()
    guard value <= UInt64(limit), value <= UInt64(remaining / unit) else {
      throw failure("too many \(name) (\(value))")
    }
    return Int(value)
  }

  mutating func flag() throws(VarunaError) -> Bool {
    let value = try byte()
    guard value <= 1 else { throw failure("a flag is neither 0 nor 1") }
    return value == 1
  }

  mutating func scalar() throws(VarunaError) -> Fr {
    guard let value = Fr(canonicalBytes: try take(32)) else {
      throw failure("a scalar is not canonical")
    }
    return value
  }

  mutating func point() throws(VarunaError) -> G1Affine {
    let piece = try take(48)
    do {
      return try G1Affine(compressed: Array(piece))
    } catch {
      throw failure("a point is malformed (\(error))")
    }
  }

  mutating func scalars(_ count: Int) throws(VarunaError) -> [Fr] {
    var out: [Fr] = []
    for _ in 0..<count { out.append(try scalar()) }
    return out
  }

  mutating func points(_ count: Int) throws(VarunaError) -> [G1Affine] {
    var out: [G1Affine] = []
    for _ in 0..<count { out.append(try point()) }
    return out
  }

  func end() throws(VarunaError) {
    guard remaining == 0 else { throw failure("\(remaining) trailing bytes") }
  }
}
