/// Why a circuit or witness file cannot be used.
///
/// No case carries values of a witness: wires are named, what they hold is not.
public enum ImportError: Error, Equatable, Sendable {
  /// The bytes are not what the format demands at this place.
  case malformed(file: String, section: String, offset: Int, expected: String, found: String)
  /// The numbers are elements of another field; `found` names it where it is known.
  case wrongPrime(file: String, offset: Int, found: String)
  /// The circuit uses custom gates, which are no rank-1 constraints.
  case customGates(file: String, offset: Int)
  /// The witness has another number of values than the circuit has wires.
  case witnessLength(circuit: String, witness: String, expected: Int, found: Int)
  /// Value 0 of the witness, the constant, is not 1.
  case constantNotOne(witness: String)
  /// The witness does not satisfy a constraint; `wires` are those that occur in its A, B and C.
  case unsatisfied(circuit: String, witness: String, constraint: Int, wires: [[Int]])
}

extension ImportError: CustomStringConvertible {
  /// One line for a person.
  public var description: String {
    switch self {
    case .malformed(let file, let section, let offset, let expected, let found):
      "\(file): \(section), byte \(offset): expected \(expected), found \(found)"
    case .wrongPrime(let file, let offset, let found):
      "\(file): header, byte \(offset): expected the scalar field of BLS12-377, found \(found); "
        + "compile the circuit with 'circom --prime bls12377'"
    case .customGates(let file, let offset):
      "\(file): byte \(offset): the circuit uses custom gates; only rank-1 constraints can be proven"
    case .witnessLength(let circuit, let witness, let expected, let found):
      "\(witness): expected \(expected) values, one per wire of \(circuit), found \(found)"
    case .constantNotOne(let witness): "\(witness): value 0 is the constant and must be 1"
    case .unsatisfied(let circuit, let witness, let constraint, let wires):
      "\(witness) does not satisfy constraint \(constraint) of \(circuit) "
        + "(A: \(Self.text(wires[0])); B: \(Self.text(wires[1])); C: \(Self.text(wires[2])))"
    }
  }

  private static func text(_ wires: [Int]) -> String {
    guard !wires.isEmpty else { return "no wires" }
    let shown = wires.prefix(8).map(String.init).joined(separator: " ")
    return "wires \(shown)" + (wires.count > 8 ? " and \(wires.count - 8) more" : "")
  }
}
