import AleoEZKL
import Circuit
import Model
import R1CSImport
import Varuna

extension PlanReport {
  /// The report of given circuits: one chunk per witness, named after its file.
  init(_ statement: CircuitsStatement, witnessNames: [String], workers: Int) {
    let group = statement.groups[0]
    var circuitOf = [Int](repeating: 0, count: witnessNames.count)
    for member in group.circuits {
      for chunk in member.chunks { circuitOf[chunk] = member.circuit }
    }
    self.init(
      digest: Hexadecimal.encode(statement.digest), workers: workers,
      chunks: zip(witnessNames, circuitOf).map { Chunk(witness: $0, ofCircuit: $1) },
      circuits: group.circuits.map { member in
        Circuit(
          digest: statement.circuits[member.circuit].program.hex, instances: member.chunks.count,
          counts: CircuitCounts(statement.files[member.circuit].r1cs),
          domains: statement.circuits[member.circuit].domains)
      },
      group: Group(group, domains: statement.circuits.map(\.domains)),
      grouping: "one proof of all witnesses, as given")
  }
}

extension CircuitCounts {
  /// Sizes of an imported constraint system, the randomizing row included.
  init(_ r1cs: R1CS) {
    self.init(
      constraints: r1cs.constraintCount,
      privateVariables: r1cs.variableCount - r1cs.paddedPublicCount,
      nonzeros: r1cs.matrices.map(\.nonzeros))
  }
}

extension CostModel.Domains {
  /// Domains of an imported circuit.
  init(_ file: CircuitFile) {
    self.init(
      constraints: file.r1cs.constraintCount, variables: file.r1cs.variableCount,
      nonzeros: file.r1cs.matrices.map(\.nonzeros))
  }
}
