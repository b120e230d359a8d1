import Algebra
import Varuna

/// A proof document chunk by chunk, for an auditor: what each proves, what stands at the ends of its statement, and the
/// verdict of every check about it.
public struct DocumentExplanation: Codable, Equatable, Sendable {
  /// One instance of a circuit.
  public struct Chunk: Codable, Equatable, Sendable {
    /// Index of the group.
    public var group: Int
    /// Index of the circuit in its group.
    public var circuit: Int
    /// Index of the instance of its circuit.
    public var instance: Int
    /// Names of the operators as the document lists them; empty if it does not.
    public var operators: [String]
    /// The circuit's id as its key says, in hexadecimal.
    public var circuitID: String
    /// The verdict about the group's proof.
    public var proof: DocumentCheck
    /// Every public input but the leading 1.
    public var boundaries: [Boundary]
  }

  /// The commitment to a tensor that a chunk reads or makes.
  public struct Boundary: Codable, Equatable, Sendable {
    /// Where it stands.
    public var position: PublicInputPosition
    /// What the chunk does with the tensor.
    public var role: Role
    /// The commitment as the document has it.
    public var value: String
    /// What else must hold the same value.
    public var ends: [End]
  }

  /// What a chunk does with a tensor.
  public enum Role: String, Codable, Sendable {
    case reads, makes
    /// The document does not say.
    case unknown
  }

  /// Something that must have a boundary's value, and whether it has.
  public struct End: Codable, Equatable, Sendable {
    /// Another public input, or an input or output of the model.
    public var what: String
    /// Its value; nil where the document has none.
    public var value: String?
    /// Whether the values are equal field elements.
    public var isEqual: Bool
  }

  /// In the order of the data where the document lists its chunks, else in the order of the proofs.
  public var chunks: [Chunk]
  /// All verdicts about the document.
  public var checks: [DocumentCheck]
  /// What the verdict rests on and what it says; see ``DocumentVerdict``.
  public var choices: [DocumentVerdict.Choice]
  /// What holds if the document is accepted.
  public var established: [String]
  /// What a reader might believe, and the verdict does not say.
  public var notEstablished: [String]
  /// What a reader must know even if every check holds.
  public var warnings: [String]
  /// Whether every check holds.
  public var accepted: Bool

  /// Explains a document under the report that a verifier made about it.
  public init(_ document: ProofDocument, _ report: DocumentVerdict) {
    let ends = Ends(document)
    let listed = document.chunks ?? []
    var known = Set<[Int]>()
    var all: [ProofDocument.ChunkReference] = []
    for chunk in listed + document.unnamedChunks {
      let place = [chunk.group, chunk.circuit, chunk.instance]
      if document.publicInputs(of: chunk) != nil, known.insert(place).inserted {
        all.append(chunk)
      }
    }
    chunks = all.map { reference in
      let inputs = document.publicInputs(of: reference)!
      return Chunk(
        group: reference.group, circuit: reference.circuit, instance: reference.instance,
        operators: reference.operators, circuitID: document.circuitID(of: reference),
        proof: report.checks.first { $0.name == DocumentVerifier.proofCheckName(reference.group) }
          ?? DocumentCheck("proof", ["it was not checked"], otherwise: ""),
        boundaries: inputs.indices.dropFirst().map { index in
          let position = PublicInputPosition(
            group: reference.group, circuit: reference.circuit, instance: reference.instance,
            index: index)
          return Boundary(
            position: position,
            role: reference.operators.isEmpty
              ? .unknown : index <= reference.reads ? .reads : .makes,
            value: inputs[index].decimal, ends: ends.of(position, value: inputs[index]))
        })
    }
    checks = report.checks
    choices = report.choices
    established = report.established
    notEstablished = report.notEstablished
    warnings = report.warnings
    accepted = report.accepted
  }
}

/// For every public input what the document demands to be equal to it.
private struct Ends {
  private var found: [PublicInputPosition: [(what: String, value: Fr?)]] = [:]

  init(_ document: ProofDocument) {
    var numbers: [[Int]: Int] = [:]
    for (number, chunk) in (document.chunks ?? []).enumerated() {
      numbers[[chunk.group, chunk.circuit, chunk.instance]] = number
    }
    func chunk(_ position: PublicInputPosition) -> String {
      numbers[[position.group, position.circuit, position.instance]].map { " of chunk \($0)" } ?? ""
    }
    let statement = DocumentStatement(document)
    for link in statement.links {
      found[link.from, default: []].append(
        ("to \(link.to)\(chunk(link.to))", statement.publicInput(link.to)))
      found[link.to, default: []].append(
        ("from \(link.from)\(chunk(link.from))", statement.publicInput(link.from)))
    }
    for (kind, tensors) in statement.tensors {
      for tensor in tensors {
        for commitment in tensor.commitments {
          let what =
            "\(tensor.visibility)\(commitment.salted ? ", salted" : "") commitment to \(kind.rawValue) "
            + "'\(tensor.name)', \(commitment.count) elements from \(commitment.start)"
          for position in commitment.positions {
            found[position, default: []].append((what, commitment.value))
          }
        }
      }
    }
  }

  func of(_ position: PublicInputPosition, value: Fr) -> [DocumentExplanation.End] {
    (found[position] ?? []).map { what, other in
      DocumentExplanation.End(what: what, value: other?.decimal, isEqual: other == value)
    }
  }
}

extension ProofDocument {
  /// All public inputs of a chunk, nil if the document has no such instance.
  fileprivate func publicInputs(of chunk: ChunkReference) -> [Fr]? {
    guard groups.indices.contains(chunk.group) else { return nil }
    let circuits = groups[chunk.group].publicInputs
    guard circuits.indices.contains(chunk.circuit) else { return nil }
    let instances = circuits[chunk.circuit]
    return instances.indices.contains(chunk.instance) ? instances[chunk.instance] : nil
  }

  /// Every instance of every proof, without operators.
  fileprivate var unnamedChunks: [ChunkReference] {
    groups.enumerated().flatMap { group, content in
      content.publicInputs.enumerated().flatMap { circuit, instances in
        instances.indices.map {
          ChunkReference(group: group, circuit: circuit, instance: $0, operators: [], reads: 0)
        }
      }
    }
  }

  fileprivate func circuitID(of chunk: ChunkReference) -> String {
    let keys = groups[chunk.group].verifyingKeys
    return keys.indices.contains(chunk.circuit)
      ? Hexadecimal.encode(keys[chunk.circuit].circuitID) : ""
  }
}
