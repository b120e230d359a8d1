import Model
import Varuna

/// Where the chunks of a plan stand in a proof document, once the circuits' keys are known.
///
/// snarkVM orders the circuits of a proof by circuit id; instances keep the plan's order.
public struct DocumentLayout: Sendable {
  /// The plan in question.
  public let plan: Plan
  /// Per group the circuits of the plan in the proof's order.
  public let circuits: [[Int]]
  /// Per group the keys in the proof's order.
  public let keys: [[VerifyingKey]]
  private let circuitPlace: [[Int: Int]]

  /// - Parameters:
  ///   - plan: chunks, circuits and groups.
  ///   - keys: for every circuit of the plan its verifying key.
  public init(plan: Plan, keys: [VerifyingKey]) {
    precondition(keys.count == plan.circuits.count)
    self.plan = plan
    circuits = plan.groups.map { group in
      group.circuits.map(\.circuit).sorted {
        keys[$0].circuitID.lexicographicallyPrecedes(keys[$1].circuitID)
      }
    }
    self.keys = circuits.map { $0.map { keys[$0] } }
    circuitPlace = circuits.map { order in
      Dictionary(uniqueKeysWithValues: order.enumerated().map { ($1, $0) })
    }
  }

  /// The layout with the circuits of each group in the plan's order: for drafts, before there are keys.
  public init(plan: Plan) {
    self.plan = plan
    circuits = plan.groups.map { $0.circuits.map(\.circuit) }
    keys = circuits.map { _ in [] }
    circuitPlace = circuits.map { order in
      Dictionary(uniqueKeysWithValues: order.enumerated().map { ($1, $0) })
    }
  }

  /// The document's position of a public input of a chunk.
  public func position(_ position: Plan.Position) -> PublicInputPosition {
    let chunk = plan.chunks[position.chunk]
    return PublicInputPosition(
      group: chunk.group, circuit: circuitPlace[chunk.group][chunk.circuit]!,
      instance: chunk.instance, index: position.index)
  }

  /// Per circuit of a group, in the proof's order, the chunks that are its instances.
  public func chunks(ofGroup group: Int) -> [[Int]] {
    circuits[group].map { circuit in
      plan.groups[group].circuits.first { $0.circuit == circuit }!.chunks
    }
  }

  /// The chunks as a document names them.
  public var chunks: [ProofDocument.ChunkReference] {
    plan.chunks.map { chunk in
      ProofDocument.ChunkReference(
        group: chunk.group, circuit: circuitPlace[chunk.group][chunk.circuit]!,
        instance: chunk.instance,
        operators: chunk.operations.map { plan.graph.operations[$0].name },
        reads: chunk.inputs.count)
    }
  }

  /// Every equality of public inputs that the plan demands.
  public var links: [ProofDocument.Link] {
    plan.links.map { ProofDocument.Link(from: position($0.from), to: position($0.to)) }
  }

  /// The public inputs that commit to a boundary.
  public func positions(of boundary: Plan.Boundary) -> [PublicInputPosition] {
    ([boundary.producer].compactMap { $0 } + boundary.consumers).map(position)
  }
}
