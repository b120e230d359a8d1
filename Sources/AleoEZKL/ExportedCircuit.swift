import Model
import R1CSImport
import Varuna

/// A circuit of a plan and the witnesses of its chunks as iden3 files, so that others' tools can look at what is proven.
public struct ExportedCircuit: Sendable {
  /// The `.r1cs` file.
  public let file: [UInt8]
  /// The `.wtns` files of its chunks, in the order of the data. Secret.
  public let witnesses: [[UInt8]]
}

extension PlannedRun {
  /// All circuits in the order of the plan; salts are random and differ from any proof's.
  ///
  /// - Throws: what `prove` would throw before it proves.
  public func exportedCircuits() throws(RunError) -> [ExportedCircuit] {
    _ = try targetPrograms()
    let statement = try ModelStatement(self, salts: .random())
    var circuits: [ExportedCircuit] = []
    for (number, planned) in plan.circuits.enumerated() {
      var witnesses: [[UInt8]] = []
      for chunk in planned.chunks {
        let witness = try statement.witness(ofChunk: chunk)
        witnesses.append(
          CircuitWriter.witness(
            publicInputs: witness.publicInputs, privateValues: witness.privateValues))
      }
      circuits.append(
        ExportedCircuit(
          file: CircuitWriter.circuit(try statement.r1cs(ofCircuit: number)), witnesses: witnesses))
    }
    return circuits
  }
}
