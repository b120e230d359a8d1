import Circuit

/// Why no plan can be made.
public enum PlanError: Error, Equatable, CustomStringConvertible {
  /// One operation needs a larger circuit than the limits allow, however it is tiled.
  case doesNotFit(Obstacle?, limits: PlanLimits)
  /// The operations keep the limits in so many tiles only that planning, and proving, would hardly end: the operation whose stage
  /// needs most, its tiles, and how many circuits there may be.
  case tooManyChunks(operation: String, tiles: Int, most: Int, limits: PlanLimits)
  /// The circuit side refused the graph.
  case circuit(CircuitError)

  /// Whether circuits would be small enough, but too many.
  var isAboutNumber: Bool { if case .tooManyChunks = self { true } else { false } }

  /// An operation whose smallest tile is too large.
  public struct Obstacle: Equatable, Sendable, CustomStringConvertible {
    /// The operation's name.
    public var operation: String
    /// What it computes, in a word.
    public var kind: String
    /// About what its smallest tile needs, with what it reads and makes.
    public var needs: PlanLimits

    /// The operation and what it needs.
    public var description: String {
      "the smallest tile of '\(operation)' (\(kind)) needs about \(needs.constraints) constraints and "
        + "\(needs.nonzeros) nonzeros per matrix"
    }

    /// The same beside the limits: what was thought to keep them came out larger.
    func text(_ limits: PlanLimits) -> String {
      let isFitting =
        needs.constraints <= limits.constraints && needs.variables <= limits.variables
        && needs.nonzeros <= limits.nonzeros
      return isFitting ? "the tiles with '\(operation)' (\(kind)) come out larger" : description
    }

    init(_ operation: IntegerOperation, _ size: CircuitSize) {
      self.operation = operation.name
      kind = operation.kind.word
      func whole(_ count: Double) -> Int { Int(min(count.rounded(.up), 1e15)) }
      needs = PlanLimits(
        constraints: whole(size.constraints), variables: whole(size.variables),
        nonzeros: whole(size.nonzeros))
    }
  }

  /// One line for a person.
  public var description: String {
    switch self {
    case .doesNotFit(let obstacle, let limits):
      "the model cannot be cut into circuits of at most \(limits.constraints) constraints, "
        + "\(limits.variables) variables and \(limits.nonzeros) nonzeros per matrix"
        + (obstacle.map { ": " + $0.text(limits) } ?? "")
        + "; larger powers of tau (--srs) allow larger circuits"
    case .tooManyChunks(let operation, let tiles, let most, let limits):
      "the model cannot be cut into at most \(most) circuits of at most \(limits.constraints) constraints, "
        + "\(limits.variables) variables and \(limits.nonzeros) nonzeros per matrix: '\(operation)' and what goes with it "
        + "would take \(tiles); larger powers of tau (--srs) allow larger circuits"
    case .circuit(let error):
      error.description
    }
  }
}
