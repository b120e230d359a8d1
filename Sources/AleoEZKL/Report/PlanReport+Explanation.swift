import Circuit
import Model

extension PlanReport {
  /// What the constraints of a circuit are for, and which argument was chosen where there was a choice.
  public struct Explanation: Codable, Equatable, Sendable {
    /// Constraints and entries of one cause.
    public struct Part: Codable, Equatable, Sendable {
      /// Operator, with the kind of its integer operation; "input k" and "output k" stand for tensors that cross a cut.
      public var name: String
      /// Rows.
      public var constraints: Int
      /// Nonzero entries of the fullest matrix.
      public var nonzeros: Int
    }

    /// A way to prove an operation, and both predictions.
    public struct Choice: Codable, Equatable, Sendable {
      /// The operator.
      public var name: String
      /// Whether all results are checked together at a challenge.
      public var isChecked: Bool
      /// Predicted points of multi-scalar multiplications if every result is constrained by itself.
      public var directPoints: Int
      /// The same if the results are checked at a challenge.
      public var checkedPoints: Int
    }

    /// In the order of the circuit; operations of one operator and kind together.
    public var parts: [Part]
    /// Operations that could be checked at a challenge.
    public var choices: [Choice]
    /// What the circuit has most of, compared with the limits: "constraints", "variables" or "nonzeros".
    public var fullest: String
    /// How much of that limit it uses, in percent.
    public var percent: Int
  }

  /// A tensor, or part of one, that goes from one chunk to others.
  public struct Cut: Codable, Equatable, Sendable {
    /// The tensor.
    public var tensor: String
    /// Number of elements.
    public var elements: Int
    /// Bits of each in the commitment.
    public var bits: Int
    /// The chunk that makes it; nil for an input of the model.
    public var maker: Int?
    /// The chunks that read it.
    public var readers: [Int]
    /// Constraints for it in the maker and in all readers together.
    public var constraints: Int
  }

  static func cuts(of plan: Plan) -> [Cut] {
    /// What a chunk's public input costs.
    func constraints(_ position: Plan.Position) -> Int {
      let chunk = plan.chunks[position.chunk]
      let counts = plan.circuits[chunk.circuit].counts
      let place = position.index - 1
      let outputs = counts.parts.count - chunk.outputs.count
      let part = place < chunk.inputs.count ? place : outputs + place - chunk.inputs.count
      return counts.parts[part].counts.constraints
    }
    return plan.boundaries.map { boundary in
      let tensor = plan.graph.tensors[boundary.tensor]
      let ends = boundary.consumers + (boundary.producer.map { [$0] } ?? [])
      return Cut(
        tensor: tensor.name, elements: tensor.count, bits: boundary.encoding.bitWidth,
        maker: boundary.producer?.chunk, readers: boundary.consumers.map(\.chunk),
        constraints: ends.reduce(0) { $0 + constraints($1) })
    }
  }
}

extension PlanReport.Explanation {
  init(_ circuit: Plan.PlannedCircuit, limits: PlanLimits) {
    let graph = circuit.program.graph
    parts = []
    var placeOf: [String: Int] = [:]
    for (index, part) in circuit.counts.parts.enumerated() {
      let operation = index - graph.inputs.count
      let name =
        graph.operations.indices.contains(operation)
        ? "\(part.name) (\(graph.operations[operation].kind.word))" : part.name
      let (constraints, nonzeros) = (part.counts.constraints, part.counts.largestNonzeros)
      guard constraints > 0 || nonzeros > 0 else { continue }
      if let place = placeOf[name] {
        parts[place].constraints += constraints
        parts[place].nonzeros += nonzeros
      } else {
        placeOf[name] = parts.count
        parts.append(Part(name: name, constraints: constraints, nonzeros: nonzeros))
      }
    }
    choices = circuit.program.choices.map {
      Choice(
        name: $0.name, isChecked: $0.isChecked, directPoints: $0.directPoints,
        checkedPoints: $0.checkedPoints)
    }
    let total = circuit.counts.total
    let uses = [
      ("constraints", total.constraints, limits.constraints),
      ("variables", total.privateVariables, limits.variables),
      ("nonzeros", total.largestNonzeros, limits.nonzeros),
    ].map { (name: $0.0, percent: 100 * $0.1 / max(1, $0.2)) }
    let most = uses.max { $0.percent < $1.percent }!
    (fullest, percent) = (most.name, most.percent)
  }
}
