import Algebra
import Varuna

/// Writes a constraint system and its assignments in iden3's formats, for other tools to look at.
public enum CircuitWriter {
  /// The `.r1cs` file of a system: without padding and randomizing row, which reading it adds again.
  ///
  /// All public variables but the constant become public inputs.
  public static func circuit(_ r1cs: R1CS) -> [UInt8] {
    let randomizers = r1cs.randomized ? 1 : 0
    let padding = r1cs.paddedPublicCount - r1cs.publicCount
    let wires = r1cs.variableCount - padding - 3 * randomizers
    let rows = r1cs.constraintCount - randomizers
    var header = fieldHeader
    for count in [wires, 0, r1cs.publicCount - 1, 0] { header += little(count, bytes: 4) }
    header += little(wires, bytes: 8) + little(rows, bytes: 4)
    var constraints: [UInt8] = []
    for row in 0..<rows {
      for matrix in r1cs.matrices {
        let entries = matrix.rowStarts[row]..<matrix.rowStarts[row + 1]
        constraints += little(entries.count, bytes: 4)
        for k in entries {
          let variable = Int(matrix.variables[k])
          let wire = variable < r1cs.publicCount ? variable : variable - padding
          constraints += little(wire, bytes: 4) + matrix.coefficients[k].canonicalBytes
        }
      }
    }
    let labels = (0..<wires).flatMap { little($0, bytes: 8) }
    return file(CircuitFile.magic, version: 1, [header, constraints, labels])
  }

  /// The `.wtns` file of an assignment. Secret.
  public static func witness(publicInputs: [Fr], privateValues: [Fr]) -> [UInt8] {
    let values = publicInputs + privateValues
    return file(
      WitnessFile.magic, version: 2,
      [fieldHeader + little(values.count, bytes: 4), values.flatMap(\.canonicalBytes)])
  }

  private static var fieldHeader: [UInt8] {
    little(Fr.byteCount, bytes: 4) + SectionReader.modulusBytes
  }

  private static func file(_ magic: String, version: Int, _ sections: [[UInt8]]) -> [UInt8] {
    var bytes = Array(magic.utf8) + little(version, bytes: 4) + little(sections.count, bytes: 4)
    for (place, section) in sections.enumerated() {
      bytes += little(place + 1, bytes: 4) + little(section.count, bytes: 8) + section
    }
    return bytes
  }

  private static func little(_ value: Int, bytes count: Int) -> [UInt8] {
    (0..<count).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
  }
}
