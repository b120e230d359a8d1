import Foundation
import Wire

/// An `.r1cs` file and the `.wtns` files that satisfy it.
public struct CircuitFiles: Equatable, Sendable {
  /// The circuit.
  public var circuit: URL
  /// One instance each.
  public var witnesses: [URL]

  /// Collects the fields.
  public init(circuit: URL, witnesses: [URL]) {
    self.circuit = circuit
    self.witnesses = witnesses
  }
}

extension JobClient {
  /// Uploads circuits and witnesses and submits them as one batch; returns the job's id.
  ///
  /// `progress` is that of `submit(model:)`.
  /// - Throws: `refused` with the reason where a list, an option or a circuit is not acceptable. What is wrong with a witness
  ///   ends the job while it is planned.
  public func submit(
    circuits: [CircuitFiles], options: SubmitOptions = SubmitOptions(),
    progress: (String, UInt64, UInt64) -> Void = { _, _, _ in }
  ) throws(CoordinatorError) -> String {
    var files: [NamedArtifact] = []
    var witnesses: [[NamedArtifact]] = []
    for entry in circuits {
      files.append(try named(entry.circuit, progress))
      var list: [NamedArtifact] = []
      for witness in entry.witnesses { list.append(try named(witness, progress)) }
      witnesses.append(list)
    }
    let first = files.first?.name ?? "no circuit"
    let request = SubmitRequest(
      kind: .circuits,
      modelName: files.count > 1 ? "\(first) and \(files.count - 1) more" : first,
      model: try send(list: CircuitList(circuits: files)),
      input: try send(list: WitnessList(witnesses: witnesses)), calibration: nil, options: options)
    return try connection.call(id(), .submit, request, Name.self).name
  }

  private func named(
    _ file: URL, _ progress: (String, UInt64, UInt64) -> Void
  ) throws(CoordinatorError) -> NamedArtifact {
    NamedArtifact(name: file.lastPathComponent, digest: try send(file, progress))
  }

  private func send(list: some Encodable) throws(CoordinatorError) -> Digest {
    try connection.upload(Array(Store.encode(list).utf8)) { _ in }
  }
}
