import Wire

/// What a job's artifacts are.
package enum JobKind: String, Codable, Sendable, CaseIterable {
  /// An ONNX model and its input.
  case model
  /// A `CircuitList` and a `WitnessList`: constraint systems proven as they are.
  case circuits
}

/// An artifact and the name of the file it was, for messages to people.
package struct NamedArtifact: Codable, Equatable, Sendable {
  package var name: String
  package var digest: Digest

  /// Bytes of one in a list: a digest in hexadecimal, the longest name of a file, and what is around them.
  static let longestEntry: UInt64 = 384

  /// Collects the fields.
  package init(name: String, digest: Digest) {
    self.name = name
    self.digest = digest
  }
}

/// The circuits of a job, each the artifact of an `.r1cs` file; stands where the model stands in other jobs.
package struct CircuitList: Codable, Equatable, Sendable {
  /// The only format.
  package static let format = "ezkl-circuits/1"
  /// More circuits than this are refused; no chain verifies more than 32 at once.
  package static let maximumCircuits = 256
  /// A list of more bytes is not read: no list of so many circuits needs them.
  package static let maximumBytes = 256 + UInt64(maximumCircuits) * NamedArtifact.longestEntry

  package var format: String
  package var circuits: [NamedArtifact]

  /// A list of this format.
  package init(circuits: [NamedArtifact]) {
    format = Self.format
    self.circuits = circuits
  }
}

/// For every circuit of a `CircuitList` its witnesses, each the artifact of a `.wtns` file; stands where the
/// input stands in other jobs.
package struct WitnessList: Codable, Equatable, Sendable {
  /// The only format.
  package static let format = "ezkl-witnesses/1"
  /// More instances of all circuits than this are refused.
  package static let maximumInstances = 4096
  /// A list of more bytes is not read: no list of so many witnesses needs them.
  package static let maximumBytes = 4096 + UInt64(maximumInstances) * NamedArtifact.longestEntry

  package var format: String
  package var witnesses: [[NamedArtifact]]

  /// A list of this format.
  package init(witnesses: [[NamedArtifact]]) {
    format = Self.format
    self.witnesses = witnesses
  }
}
