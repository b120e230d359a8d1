import Varuna

extension ChunkProgram {
  /// First bytes of the byte form, naming format and version.
  private static let magic = "ezkl-chunk/3"

  /// What determines the circuit, in the only byte form that decodes to it: no names, shapes or scales.
  public var canonicalBytes: [UInt8] {
    var writer = CanonicalWriter()
    writer.write(Self.magic)
    graph.encode(into: &writer, described: false)
    for encoding in encodings {
      writer.write(count: encoding.bitWidth)
      writer.write(signed: encoding.offset)
      writer.write(encoding.salted)
    }
    writer.write(count: checked.count)
    for index in checked { writer.write(count: index) }
    return writer.bytes
  }

  /// Decodes a program; names become "operation 3" and "tensor 5".
  ///
  /// Memory is bounded by a small multiple of the bytes given.
  /// - Throws: `malformed` for anything but the canonical form, and what the initialisers of the parts throw.
  public init(canonicalBytes: [UInt8]) throws(CircuitError) {
    var reader = CanonicalReader(canonicalBytes)
    guard try reader.text("format") == Self.magic else { throw reader.malformed("format") }
    let graph = try IntegerGraph(from: &reader, described: false)
    let inputs = try Self.decodeEncodings(graph.inputs.count, from: &reader)
    let outputs = try Self.decodeEncodings(graph.outputs.count, from: &reader)
    var checked = [Int]()
    for _ in 0..<(try reader.count("checked operations")) {
      checked.append(try reader.integer("checked operation", limit: graph.operations.count))
    }
    try reader.finish()
    try self.init(
      graph: graph, inputEncodings: inputs, outputEncodings: outputs, checked: checked)
  }

  /// SHA-256 of `canonicalBytes`: equal digests mean one circuit.
  public var digest: [UInt8] { SHA256.digest(canonicalBytes) }

  private static func decodeEncodings(
    _ count: Int, from reader: inout CanonicalReader
  ) throws(CircuitError) -> [BoundaryEncoding] {
    var encodings = [BoundaryEncoding]()
    for _ in 0..<count {
      let bitWidth = try reader.integer("bit width", limit: 64)
      let offset = try reader.signed("offset")
      guard BoundaryEncoding.isValid(bitWidth: bitWidth, offset: offset) else {
        throw reader.malformed("encoding of \(bitWidth) bits from \(offset)")
      }
      encodings.append(
        BoundaryEncoding(bitWidth: bitWidth, offset: offset, salted: try reader.flag("salted")))
    }
    return encodings
  }
}
