import Foundation
import R1CSImport
import Wire

/// The two lists of a job of given circuits, read and matched, and the files they name.
struct CircuitLists {
  let circuits: [NamedArtifact]
  let witnesses: [[NamedArtifact]]
  private let artifacts: ArtifactStore

  /// - Throws: `badJob` for lists that cannot be read or do not match, `artifact` for files that were not
  ///   uploaded.
  init(_ request: JobRequest, artifacts: ArtifactStore) throws(CoordinatorError) {
    self.artifacts = artifacts
    let circuits: CircuitList = try Self.decode(
      request.model, CircuitList.maximumBytes, artifacts)
    let witnesses: WitnessList = try Self.decode(
      request.input, WitnessList.maximumBytes, artifacts)
    guard circuits.format == CircuitList.format, witnesses.format == WitnessList.format else {
      throw .badJob("the lists have the unknown format '\(Admission.printable(circuits.format))'")
    }
    guard (1...CircuitList.maximumCircuits).contains(circuits.circuits.count) else {
      throw .badJob(
        "a job has 1 to \(CircuitList.maximumCircuits) circuits, not \(circuits.circuits.count)")
    }
    guard circuits.circuits.count == witnesses.witnesses.count,
      !witnesses.witnesses.contains(where: \.isEmpty)
    else { throw .badJob("every circuit needs a witness") }
    let instances = witnesses.witnesses.reduce(0) { $0 + $1.count }
    guard instances <= WitnessList.maximumInstances else {
      throw .badJob(
        "a job has at most \(WitnessList.maximumInstances) witnesses, not \(instances)")
    }
    self.circuits = circuits.circuits.map(\.printable)
    self.witnesses = witnesses.witnesses.map { $0.map(\.printable) }
    for file in self.circuits + self.witnesses.joined() where !artifacts.contains(file.digest) {
      // The same words as for one that somebody else uploaded.
      throw .artifact(digest: file.digest.hex, reason: "was not uploaded")
    }
  }

  /// The bytes of a file.
  func read(_ file: NamedArtifact) throws(CoordinatorError) -> [UInt8] {
    do { return try artifacts.read(file.digest) } catch { throw CoordinatorError(error) }
  }

  /// A circuit of the list.
  func circuit(_ file: NamedArtifact) throws(CoordinatorError) -> CircuitFile {
    let bytes = try read(file)
    return try Self.imported { () throws(ImportError) in try CircuitFile(bytes, name: file.name) }
  }

  /// Does something with files; what is wrong with them makes the job a bad one.
  static func imported<T>(
    _ body: () throws(ImportError) -> T
  ) throws(CoordinatorError) -> T {
    do { return try body() } catch { throw .badJob(error.description) }
  }

  private static func decode<List: Decodable>(
    _ digest: Digest, _ limit: UInt64, _ artifacts: ArtifactStore
  ) throws(CoordinatorError) -> List {
    let bytes: [UInt8]
    let size = artifacts.size(of: digest) ?? 0
    guard size <= limit else {
      throw .badJob(
        "a job's list of circuits or witnesses has \(size) bytes; one of as many files as may be has at most \(limit)"
      )
    }
    do { bytes = try artifacts.read(digest) } catch { throw CoordinatorError(error) }
    do {
      return try JSONDecoder().decode(List.self, from: Data(bytes))
    } catch {
      throw .badJob("the job's lists of circuits and witnesses cannot be read")
    }
  }
}

extension NamedArtifact {
  /// The same with a name that can be shown.
  fileprivate var printable: NamedArtifact {
    NamedArtifact(name: Admission.printable(name), digest: digest)
  }
}
