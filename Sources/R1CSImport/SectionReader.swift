import Algebra

/// Reads one section of a file from its front; every failure names file, section and byte.
struct SectionReader {
  let file: String
  let section: String
  private let bytes: [UInt8]
  /// The next byte, counted from the start of the file.
  private(set) var offset: Int
  private let end: Int

  init(_ bytes: [UInt8], _ range: Range<Int>, file: String, section: String) {
    self.bytes = bytes
    self.file = file
    self.section = section
    offset = range.lowerBound
    end = range.upperBound
  }

  /// Bytes that are left.
  var remaining: Int { end - offset }

  func malformed(expected: String, found: String, at place: Int? = nil) -> ImportError {
    .malformed(
      file: file, section: section, offset: place ?? offset, expected: expected, found: found)
  }

  mutating func take(_ count: Int, of what: String) throws(ImportError) -> ArraySlice<UInt8> {
    guard count >= 0, count <= remaining else {
      throw malformed(
        expected: "\(what) (\(count) bytes)", found: "the end after \(remaining) bytes")
    }
    offset += count
    return bytes[offset - count..<offset]
  }

  /// A little-endian number of 4 bytes.
  mutating func uint32(_ what: String) throws(ImportError) -> Int {
    try take(4, of: what).reversed().reduce(0) { $0 << 8 | Int($1) }
  }

  /// A little-endian number of 8 bytes.
  mutating func uint64(_ what: String) throws(ImportError) -> UInt64 {
    try take(8, of: what).reversed().reduce(0) { $0 << 8 | UInt64($1) }
  }

  /// The modulus of the scalar field as the formats write it.
  static let modulusBytes = Fr.modulus.flatMap { limb in
    (0..<8).map { UInt8(truncatingIfNeeded: limb >> (8 * $0)) }
  }

  /// The field size and the prime: anything but 32 bytes of the scalar field's modulus is refused.
  mutating func scalarField() throws(ImportError) {
    let start = offset
    let size = try uint32("field size")
    guard size > 0, size % 8 == 0, size <= 128 else {
      throw malformed(
        expected: "a field size in bytes, a multiple of 8", found: "\(size)", at: start)
    }
    let prime = Array(try take(size, of: "prime"))
    guard prime == Self.modulusBytes else {
      throw .wrongPrime(file: file, offset: start + 4, found: KnownPrime.name(littleEndian: prime))
    }
  }

  /// A field element below the modulus; its value never gets into an error.
  mutating func element(_ what: String) throws(ImportError) -> Fr {
    let start = offset
    guard let element = Fr(canonicalBytes: try take(Fr.byteCount, of: what)) else {
      throw malformed(
        expected: "\(what) below the prime", found: "a number that is not", at: start)
    }
    return element
  }

  /// Ends the section: nothing may be left.
  func finish() throws(ImportError) {
    guard remaining == 0 else {
      throw malformed(expected: "the section's end", found: "\(remaining) more bytes")
    }
  }
}

/// The fields that circom compiles for, so that an error can say which one a file is about.
private enum KnownPrime {
  private static let names: [(hex: String, name: String)] = [
    ("30644e72e131a029b85045b68181585d2833e84879b9709143e1f593f0000001", "that of BN254 (bn128)"),
    ("73eda753299d7d483339d80809a1d80553bda402fffe5bfeffffffff00000001", "that of BLS12-381"),
    ("ffffffff00000001", "the Goldilocks field"),
    ("30644e72e131a029b85045b68181585d97816a916871ca8d3c208c16d87cfd47", "that of Grumpkin"),
    ("40000000000000000000000000000000224698fc0994a8dd8c46eb2100000001", "that of Pallas or Vesta"),
    ("40000000000000000000000000000000224698fc094cf91b992d30ed00000001", "that of Pallas or Vesta"),
    ("ffffffff00000001000000000000000000000000ffffffffffffffffffffffff", "that of secq256r1"),
  ]

  static func name(littleEndian bytes: [UInt8]) -> String {
    let hex = bytes.reversed().map { byte in
      String(byte >> 4, radix: 16) + String(byte & 15, radix: 16)
    }.joined()
    return names.first { $0.hex == hex }?.name ?? "the prime 0x\(hex)"
  }
}
