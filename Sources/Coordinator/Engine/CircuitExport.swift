import Foundation
import Model
import ProofAggregation
import R1CSImport
import Varuna
import Wire

/// A model's circuits and witnesses as iden3 files, so that others' tools can look at what is proven.
public struct CircuitExport: Sendable {
  /// A circuit of the plan.
  public struct Circuit: Sendable {
    /// The `.r1cs` file.
    public let file: [UInt8]
    /// The `.wtns` files of its chunks, in the order of the data. Secret.
    public let witnesses: [[UInt8]]
  }

  /// In the order of the plan.
  public let circuits: [Circuit]

  /// Plans and evaluates the model as a job would; salts are random and differ from any job's.
  ///
  /// - Throws: what a job would fail for.
  public init(
    model: [UInt8], input: [UInt8], calibration: [UInt8]?, options: SubmitOptions, home: URL,
    threads: Int
  ) throws(CoordinatorError) {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent(
      "ezkl-export-\(SystemRandom.name())")
    defer { try? FileManager.default.removeItem(at: folder) }
    let engine: VarunaEngine
    let request: JobRequest
    do {
      let artifacts = try ArtifactStore(directory: folder.path)
      engine = VarunaEngine(home: HomeFolder(home), artifacts: artifacts, threads: threads)
      var calibrationDigest: Digest?
      if let calibration { calibrationDigest = try artifacts.add(calibration) }
      request = JobRequest(
        id: "export", modelName: "model", model: try artifacts.add(model),
        input: try artifacts.add(input), calibration: calibrationDigest, options: options,
        seed: SystemRandom.bytes(32))
    } catch {
      throw CoordinatorError(error)
    }
    try engine.check(request)
    let statement = try engine.modelStatement(
      request, for: Workforce(workers: options.workers ?? 1)
    ) { _ in }
    var circuits: [Circuit] = []
    for (number, planned) in statement.plan.circuits.enumerated() {
      var witnesses: [[UInt8]] = []
      for chunk in planned.chunks {
        let witness = try statement.witness(ofInstance: chunk, circuit: number)
        witnesses.append(
          CircuitWriter.witness(
            publicInputs: witness.publicInputs, privateValues: witness.privateValues))
      }
      circuits.append(
        Circuit(
          file: CircuitWriter.circuit(try statement.r1cs(ofCircuit: number)), witnesses: witnesses))
    }
    self.circuits = circuits
  }
}
