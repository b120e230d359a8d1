import Algebra

/// The values of a circuit's wires from iden3's binary `.wtns` format, version 2. Secret.
public struct WitnessFile: Sendable {
  /// The first bytes of every such file.
  public static let magic = "wtns"

  /// The name that errors carry.
  public let name: String
  /// One value per wire, the constant 1 first.
  public let values: [Fr]

  /// Reads a file; `name` appears in errors only.
  ///
  /// Memory is bounded by a small multiple of the bytes given.
  public init(_ bytes: [UInt8], name: String) throws(ImportError) {
    let file = try SectionedFile(bytes, name: name, magic: Self.magic, version: 2)
    var header = try file.reader(1, "header")
    try header.scalarField()
    let count = try header.uint32("number of values")
    try header.finish()
    var reader = try file.reader(2, "values")
    guard reader.remaining == count * Fr.byteCount else {
      throw reader.malformed(
        expected: "\(count) values, \(count * Fr.byteCount) bytes",
        found: "\(reader.remaining) bytes")
    }
    var values: [Fr] = []
    values.reserveCapacity(count)
    for _ in 0..<count { values.append(try reader.element("a value")) }
    self.name = name
    self.values = values
  }
}
