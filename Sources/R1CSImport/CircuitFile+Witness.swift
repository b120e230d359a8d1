import Algebra

extension CircuitFile {
  /// An assignment of the system: what a prover needs of a witness.
  public struct Assignment: Sendable {
    /// 1, then outputs and public inputs.
    public let publicInputs: [Fr]
    /// All other wires. Secret.
    public let privateValues: [Fr]
  }

  /// The witness as the two parts of an assignment, once it satisfies every constraint.
  ///
  /// - Throws: `witnessLength`, `constantNotOne`, or `unsatisfied` with the first constraint that fails.
  public func assignment(_ witness: WitnessFile) throws(ImportError) -> Assignment {
    guard witness.values.count == wires else {
      throw .witnessLength(
        circuit: name, witness: witness.name, expected: wires, found: witness.values.count)
    }
    guard witness.values[0] == .one else { throw .constantNotOne(witness: witness.name) }
    let assignment = Assignment(
      publicInputs: Array(witness.values[..<r1cs.publicCount]),
      privateValues: Array(witness.values[r1cs.publicCount...]))
    let z = r1cs.assignment(
      publicInputs: assignment.publicInputs, privateValues: assignment.privateValues,
      randomizer: (.zero, .zero))
    if let row = r1cs.firstViolation(z) {
      throw .unsatisfied(
        circuit: name, witness: witness.name, constraint: row, wires: wires(ofConstraint: row))
    }
    return assignment
  }

  /// The wires that occur in A, B and C of a constraint.
  private func wires(ofConstraint row: Int) -> [[Int]] {
    let padding = r1cs.paddedPublicCount - r1cs.publicCount
    return r1cs.matrices.map { matrix in
      matrix.variables[matrix.rowStarts[row]..<matrix.rowStarts[row + 1]].map { variable in
        Int(variable) < r1cs.publicCount ? Int(variable) : Int(variable) - padding
      }
    }
  }
}
