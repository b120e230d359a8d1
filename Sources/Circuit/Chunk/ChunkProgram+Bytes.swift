import Varuna

extension ChunkProgram {
  /// First bytes of the byte form, naming format and version.
  private static let magic = "ezkl-chunk/3"

  /// What determines the circuit, in the only byte form that decodes to it: no names, shapes or scales.
  public var canonicalBytes: [UInt8] {
    var writer = CanonicalWriter()
    writer.write(Self.magic)
    encode(into: &writer, described: false)
    return writer.bytes
  }

  /// Writes the program.
  ///
  /// - Parameter described: whether names, shapes and scales are written, or only what determines the circuit.
  package func encode(into writer: inout CanonicalWriter, described: Bool) {
    graph.encode(into: &writer, described: described)
    for encoding in encodings { encoding.encode(into: &writer) }
    writer.write(count: checked.count)
    for index in checked { writer.write(count: index) }
  }

  /// Decodes a program; names become "operation 3" and "tensor 5".
  ///
  /// Memory is bounded by a small multiple of the bytes given.
  /// - Throws: `malformed` for anything but the canonical form, and what the initialisers of the parts throw.
  public init(canonicalBytes: [UInt8]) throws(CircuitError) {
    var reader = CanonicalReader(canonicalBytes)
    guard try reader.text("format") == Self.magic else { throw reader.malformed("format") }
    try self.init(from: &reader, described: false)
    try reader.finish()
  }

  /// Reads what `encode` wrote.
  ///
  /// - Throws: `malformed`, and what the initialisers of the parts throw.
  package init(
    from reader: inout CanonicalReader, described: Bool
  ) throws(CircuitError) {
    let graph = try IntegerGraph(from: &reader, described: described)
    let inputs = try Self.decodeEncodings(graph.inputs.count, from: &reader)
    let outputs = try Self.decodeEncodings(graph.outputs.count, from: &reader)
    var checked = [Int]()
    for _ in 0..<(try reader.count("checked operations")) {
      checked.append(try reader.integer("checked operation", limit: graph.operations.count))
    }
    try self.init(
      graph: graph, inputEncodings: inputs, outputEncodings: outputs, checked: checked)
  }

  /// SHA-256 of `canonicalBytes`: equal digests mean one circuit.
  public var digest: [UInt8] { SHA256.digest(canonicalBytes) }

  private static func decodeEncodings(
    _ count: Int, from reader: inout CanonicalReader
  ) throws(CircuitError) -> [BoundaryEncoding] {
    var encodings = [BoundaryEncoding]()
    for _ in 0..<count { encodings.append(try BoundaryEncoding(from: &reader)) }
    return encodings
  }
}

extension BoundaryEncoding {
  /// Writes width, offset and whether there is a salt.
  package func encode(into writer: inout CanonicalWriter) {
    writer.write(count: bitWidth)
    writer.write(signed: offset)
    writer.write(salted)
  }

  /// Reads what `encode` wrote.
  ///
  /// - Throws: `malformed`.
  package init(from reader: inout CanonicalReader) throws(CircuitError) {
    let bitWidth = try reader.integer("bit width", limit: 64)
    let offset = try reader.signed("offset")
    guard Self.isValid(bitWidth: bitWidth, offset: offset) else {
      throw reader.malformed("encoding of \(bitWidth) bits from \(offset)")
    }
    self.init(bitWidth: bitWidth, offset: offset, salted: try reader.flag("salted"))
  }
}
