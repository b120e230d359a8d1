import Algebra
import R1CSImport
import TestSupport
import Testing
import Varuna

/// Files of an independent writer, read as they should be.
@Suite struct CircuitFileTests {
  /// The rows of a system with wires instead of variables; without rows that the import added.
  private func rows(_ file: CircuitFile) -> [[[Vectors.Term]]] {
    let padding = file.r1cs.paddedPublicCount - file.r1cs.publicCount
    return (0..<file.constraints).map { row in
      file.r1cs.matrices.map { matrix in
        (matrix.rowStarts[row]..<matrix.rowStarts[row + 1]).map { k in
          let variable = Int(matrix.variables[k])
          return Vectors.Term(
            wire: variable < file.r1cs.publicCount ? variable : variable - padding,
            coefficient: matrix.coefficients[k])
        }
      }
    }
  }

  @Test(arguments: Vectors.names)
  func circuitsAreReadAsWritten(_ name: String) throws {
    let vector = try Vectors.circuit(name)
    let file = try vector.file()
    #expect(file.wires == vector.wires && file.constraints == vector.rows.count)
    #expect(file.outputs == vector.outputs && file.publicInputs == vector.public)
    #expect(rows(file) == vector.rows)
    #expect(file.r1cs.publicCount == 1 + vector.outputs + vector.public)
    #expect(file.r1cs.randomized)
    #expect(try vector.witnessFile().values == vector.witness.map(\.value))
  }

  @Test(arguments: Vectors.names)
  func witnessesAreChecked(_ name: String) throws {
    let vector = try Vectors.circuit(name)
    let file = try vector.file()
    guard let row = vector.violated else {
      let assignment = try file.assignment(vector.witnessFile())
      let values = vector.witness.map(\.value)
      #expect(assignment.publicInputs + assignment.privateValues == values)
      #expect(assignment.publicInputs.count == file.r1cs.publicCount)
      return
    }
    let expected = ImportError.unsatisfied(
      circuit: "c.r1cs", witness: "w.wtns", constraint: row,
      wires: vector.rows[row].map { $0.map(\.wire) })
    #expect(throws: expected) { try file.assignment(vector.witnessFile()) }
  }

  @Test func aWrongValueAnywhereIsRefused() throws {
    let vector = try Vectors.circuit("square")
    let file = try vector.file()
    let header = bytes(vector.wtns).count - 32 * vector.wires
    for wire in 0..<vector.wires {
      var changed = bytes(vector.wtns)
      changed[header + 32 * wire] ^= 1
      let witness = try WitnessFile(changed, name: "w")
      #expect(throws: ImportError.self, "wire \(wire)") { try file.assignment(witness) }
    }
    #expect(throws: ImportError.constantNotOne(witness: "w")) {
      var changed = bytes(vector.wtns)
      changed[header] = 2
      _ = try file.assignment(WitnessFile(changed, name: "w"))
    }
    let other = try Vectors.circuit("random").witnessFile()
    #expect(
      throws: ImportError.witnessLength(
        circuit: "c.r1cs", witness: "w.wtns", expected: 4, found: 14)
    ) { try file.assignment(other) }
  }

  @Test func sectionsMayComeInAnyOrder() throws {
    let square = try Vectors.circuit("square").file()
    for text in [try Vectors.all.get().reordered, try Vectors.all.get().empty_gates] {
      let file = try CircuitFile(bytes(text), name: "c")
      #expect(rows(file) == rows(square) && file.wires == square.wires)
    }
  }

  /// What is written is what was read.
  @Test(arguments: ["square", "random"])
  func writtenCircuitsAreReadAgain(_ name: String) throws {
    let vector = try Vectors.circuit(name)
    let file = try vector.file()
    let copy = try CircuitFile(CircuitWriter.circuit(file.r1cs), name: "copy")
    #expect(copy.r1cs.encoded == file.r1cs.encoded)
    #expect(copy.wires == file.wires && copy.publicInputs == file.outputs + file.publicInputs)
    let assignment = try file.assignment(vector.witnessFile())
    let witness = CircuitWriter.witness(
      publicInputs: assignment.publicInputs, privateValues: assignment.privateValues)
    #expect(witness == bytes(vector.wtns))
  }

  /// Imported systems are proven like any other, those too whose A and B are empty.
  @Test(arguments: ["square", "linear only", "random"], VarunaVersion.allCases.dropFirst())
  func importedCircuitsAreProven(_ name: String, _ version: VarunaVersion) throws {
    let vector = try Vectors.circuit(name)
    let file = try vector.file()
    let assignment = try file.assignment(vector.witnessFile())
    let srs = SRS.development(seed: "import", degree: 64, threads: 1)
    let circuit = try IndexedCircuit(file.r1cs)
    let key = try circuit.verifyingKey(srs)
    let seed = GroupSeed([UInt8](repeating: 3, count: 32))
    let z = file.r1cs.assignment(
      publicInputs: assignment.publicInputs, privateValues: assignment.privateValues,
      randomizer: (Fr(5), Fr(7)))
    let proof = try OneMachineProver.prove(
      srs, version: version, jobs: [(circuit, key, [z])], seed: seed, threads: 1)
    func verdict(_ inputs: [Fr]) throws -> Verdict {
      Verifier.verify(
        proof, try Statement([(key, [inputs])]), version: version, parameters: srs.verifier)
    }
    #expect(try verdict(assignment.publicInputs) == .accepted)
    var other = assignment.publicInputs
    other[1] += .one
    #expect(try verdict(other) != .accepted)
  }
}
