import Algebra
import Foundation
import Model
import ProofAggregation
import Varuna
import Wire

/// What a job proves, as a plain value: circuits, instances, groups, and the document but for its proofs.
///
/// Planning makes it, in a process of its own. From then on nothing of the model is needed: circuits and witnesses are read
/// from their artifacts, as workers read them. Secret: instances name witnesses.
struct JobStatement: Codable, Sendable {
  /// A circuit of one proof and the instances that it proves.
  struct Member: Codable, Equatable, Sendable {
    /// Index into `circuits`.
    var circuit: Int
    /// Indices into `instances`.
    var instances: [Int]
  }

  /// SHA-256 of everything that decides the statement's form.
  var digest: [UInt8]
  /// The plan as JSON of a `PlanReport`.
  var planText: String
  /// Distinct circuits.
  var circuits: [ProvenCircuit]
  /// All instances; groups refer to them by index.
  var instances: [ProvenInstance]
  /// Circuits and instances of each batch proof.
  var groups: [[Member]]
  /// The document with the circuits of each group in the plan's order, and without keys and proofs.
  var draft: ProofDocument

  /// Whether every index is one: what comes out of another process is looked at before it is used.
  var isConsistent: Bool {
    let members = groups.joined()
    return digest.count == 32 && !groups.contains(where: \.isEmpty)
      && members.allSatisfy { member in
        circuits.indices.contains(member.circuit) && !member.instances.isEmpty
          && member.instances.allSatisfy(instances.indices.contains)
      }
      && draft.positions.allSatisfy { position in
        groups.indices.contains(position.group)
          && groups[position.group].indices.contains(position.circuit)
      }
  }
}

/// A circuit of a job as workers know it.
struct ProvenCircuit: Codable, Sendable {
  /// The artifact that the circuit is made from.
  let program: Digest
  /// Its sizes.
  let domains: CostModel.Domains
}

/// One instance of a job.
struct ProvenInstance: Sendable {
  /// The artifact that its witness is made from.
  let witness: Digest
  /// 1, then the public inputs.
  let publicInputs: [Fr]
}

extension ProvenInstance: Codable {
  private enum Key: String, CodingKey { case witness, publicInputs }

  init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: Key.self)
    witness = try container.decode(Digest.self, forKey: .witness)
    publicInputs = try container.decode([String].self, forKey: .publicInputs).map { text in
      guard let value = Fr(decimal: text) else {
        throw DecodingError.dataCorruptedError(
          forKey: .publicInputs, in: container, debugDescription: "not an element of the field")
      }
      return value
    }
  }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Key.self)
    try container.encode(witness, forKey: .witness)
    try container.encode(publicInputs.map(\.decimal), forKey: .publicInputs)
  }
}

/// What all documents have in common: how their proofs were made.
struct DocumentMaking: Sendable {
  let version: VarunaVersion
  let srs: ProofDocument.SRSReference
  let timings: ProofDocument.Timings
}
