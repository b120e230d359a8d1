import Algebra
import Varuna

/// A constraint system from iden3's binary `.r1cs` format, version 1, as circom writes it.
///
/// Wire 0 is the constant 1; outputs, public inputs, private inputs and inner wires follow in this
/// order, so wire i is variable i of Varuna's system and only padding and the randomizing row are added.
/// Format: https://github.com/iden3/r1csfile/blob/master/doc/r1cs_bin_format.md
public struct CircuitFile: Sendable {
  /// The first bytes of every such file.
  public static let magic = "r1cs"
  /// Circuits with more wires are beyond any universal parameters.
  public static let maximumWires = 1 << 28

  /// The name that errors carry.
  public let name: String
  /// All wires, the constant included.
  public let wires: Int
  /// Public outputs; they are wires 1 to `outputs`.
  public let outputs: Int
  /// Public inputs; they follow the outputs.
  public let publicInputs: Int
  /// Constraints of the file; `r1cs` has the randomizing one and perhaps a filling one more.
  public let constraints: Int
  /// The system as Varuna proves it.
  public let r1cs: R1CS

  /// Whether bytes look like a circuit file.
  public static func recognises(_ bytes: [UInt8]) -> Bool { bytes.starts(with: magic.utf8) }

  /// Reads a file; `name` appears in errors only.
  ///
  /// Memory is bounded by a small multiple of the bytes given.
  public init(_ bytes: [UInt8], name: String) throws(ImportError) {
    let file = try SectionedFile(bytes, name: name, magic: Self.magic, version: 1)
    for type in [4, 5] {
      if let gates = file.sections[type], try Self.usesGates(file, type) {
        throw .customGates(file: name, offset: gates.lowerBound)
      }
    }
    let header = try Header(file)
    self.name = name
    (wires, constraints) = (header.wires, header.constraints)
    (outputs, publicInputs) = (header.outputs, header.publicInputs)
    try Self.checkWireMap(file, wires: wires)
    r1cs = R1CS(
      publicCount: 1 + outputs + publicInputs, privateCount: wires - 1 - outputs - publicInputs,
      matrices: try Self.matrices(file, header))
  }

  private struct Header {
    let wires, outputs, publicInputs, constraints: Int

    init(_ file: SectionedFile) throws(ImportError) {
      var reader = try file.reader(1, "header")
      try reader.scalarField()
      let start = reader.offset
      wires = try reader.uint32("number of wires")
      outputs = try reader.uint32("number of outputs")
      publicInputs = try reader.uint32("number of public inputs")
      let privateInputs = try reader.uint32("number of private inputs")
      _ = try reader.uint64("number of labels")
      constraints = try reader.uint32("number of constraints")
      try reader.finish()
      guard (1...CircuitFile.maximumWires).contains(wires) else {
        throw reader.malformed(
          expected: "1 to \(CircuitFile.maximumWires) wires", found: "\(wires)", at: start)
      }
      guard outputs + publicInputs + privateInputs < wires else {
        throw reader.malformed(
          expected: "fewer inputs and outputs than the \(wires) wires",
          found: "\(outputs) + \(publicInputs) + \(privateInputs)", at: start + 4)
      }
    }
  }

  /// The sections of custom gates may be there and empty; their first word is a number of gates.
  private static func usesGates(_ file: SectionedFile, _ type: Int) throws(ImportError) -> Bool {
    var reader = try file.reader(type, "custom gates")
    guard reader.remaining > 0 else { return false }
    return try reader.uint32("number of custom gates") > 0
  }

  /// The map has one label per wire. Its labels name signals and are not needed, its length bounds what
  /// the number of wires may make this program allocate.
  private static func checkWireMap(
    _ file: SectionedFile, wires: Int
  ) throws(ImportError) {
    let reader = try file.reader(3, "wire map")
    guard reader.remaining == 8 * wires else {
      throw reader.malformed(
        expected: "\(8 * wires) bytes, 8 per wire", found: "\(reader.remaining)")
    }
  }

  private static func matrices(
    _ file: SectionedFile, _ header: Header
  ) throws(ImportError) -> [SparseMatrix] {
    var reader = try file.reader(2, "constraints")
    guard header.constraints <= reader.remaining / 12 else {
      throw reader.malformed(
        expected: "\(header.constraints) constraints of at least 12 bytes",
        found: "\(reader.remaining) bytes")
    }
    var matrices = [SparseMatrix](repeating: SparseMatrix(), count: 3)
    for constraint in 0..<header.constraints {
      for m in 0..<3 {
        let terms = try Self.terms(&reader, wires: header.wires, constraint: constraint)
        matrices[m].append(terms)
      }
    }
    try reader.finish()
    // The randomizing row gives every matrix one nonzero, a degree bound takes two.
    if matrices.contains(where: { $0.nonzeros == 0 }) {
      for m in 0..<3 { matrices[m].append([(variable: 0, coefficient: .one)]) }
    }
    return matrices
  }

  private static func terms(
    _ reader: inout SectionReader, wires: Int, constraint: Int
  ) throws(ImportError) -> [(variable: Int, coefficient: Fr)] {
    let start = reader.offset
    let count = try reader.uint32("number of terms")
    guard count <= reader.remaining / (4 + Fr.byteCount) else {
      throw reader.malformed(
        expected: "\(count) terms of constraint \(constraint)",
        found: "the end after \(reader.remaining) bytes", at: start)
    }
    var terms: [(variable: Int, coefficient: Fr)] = []
    terms.reserveCapacity(count)
    for _ in 0..<count {
      let place = reader.offset
      let wire = try reader.uint32("wire")
      guard wire < wires else {
        throw reader.malformed(
          expected: "a wire below \(wires) in constraint \(constraint)", found: "\(wire)",
          at: place)
      }
      terms.append((wire, try reader.element("a coefficient")))
    }
    return terms
  }
}
