import Algebra
import R1CSImport
import TestSupport

/// The files that `Tests/Interop/iden3.py` wrote, and what they hold.
struct Vectors: Decodable {
  struct Circuit: Decodable {
    let name: String
    let r1cs: String
    let wtns: String
    let wires: Int
    let outputs: Int
    let `public`: Int
    let rows: [[[Term]]]
    let witness: [Element<Fr>]
    let violated: Int?

    func file() throws -> CircuitFile { try CircuitFile(bytes(r1cs), name: "c.r1cs") }
    func witnessFile() throws -> WitnessFile { try WitnessFile(bytes(wtns), name: "w.wtns") }
  }

  /// A wire and its coefficient.
  struct Term: Decodable, Equatable {
    let wire: Int
    let coefficient: Fr

    init(wire: Int, coefficient: Fr) { (self.wire, self.coefficient) = (wire, coefficient) }

    init(from decoder: any Decoder) throws {
      var values = try decoder.unkeyedContainer()
      wire = try values.decode(Int.self)
      coefficient = try values.decode(Element<Fr>.self).value
    }
  }

  struct Unsupported: Decodable {
    let name: String
    let r1cs: String
  }

  let circuits: [Circuit]
  let reordered: String
  let empty_gates: String
  let unsupported: [Unsupported]
  let witness_of_bn128: String

  static let all = Result { try VectorFiles.load("r1cs", as: Vectors.self) }
  static let names = [
    "square", "square of a wrong value", "linear only", "random", "random with a wrong value",
  ]

  static func circuit(_ name: String) throws -> Circuit {
    try all.get().circuits.first { $0.name == name } ?? { throw Missing() }()
  }

  struct Missing: Error {}
}

/// The bytes of a hexadecimal text of a vector.
func bytes(_ hex: String) -> [UInt8] { [UInt8](hex: hex) ?? [] }
