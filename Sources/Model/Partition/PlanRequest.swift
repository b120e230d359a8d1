import Aleo
import Varuna

/// Who learns the values of an input or output.
public enum Visibility: String, Codable, Sendable, CaseIterable {
  /// The document contains the values; the commitment is recomputed by `verify`.
  case `public`
  /// The document contains an unsalted hash: whoever guesses the values can confirm the guess.
  case hashed
  /// The document contains a salted commitment.
  case `private`
}

/// How the chunks of a plan become proofs.
public enum Aggregation: String, Codable, Sendable, CaseIterable {
  /// One proof for all chunks.
  case batch
  /// A proof of its own for every chunk.
  case none
}

/// The largest circuit that a plan may contain, in raw counts before rounding to domains.
public struct PlanLimits: Codable, Equatable, Sendable {
  /// Rows of the matrices.
  public var constraints: Int
  /// Variables, the padded public ones included.
  public var variables: Int
  /// Per matrix.
  public var nonzeros: Int

  /// Collects the fields.
  public init(constraints: Int, variables: Int, nonzeros: Int) {
    self.constraints = constraints
    self.variables = variables
    self.nonzeros = nonzeros
  }

  /// What a set of powers of tau can carry.
  public init(_ limits: SRSLimits) {
    self.init(
      constraints: limits.constraints, variables: limits.variables, nonzeros: limits.nonzeros)
  }

  /// Whether a circuit with these counts keeps the limits.
  func allow(_ domains: CostModel.Domains) -> Bool {
    domains.constraints <= constraints && domains.variables <= variables
      && domains.nonzeros.allSatisfy { $0 <= nonzeros }
  }
}

/// Everything besides the quantised graph that decides a plan; part of a proof's recipe.
public struct PlanRequest: Codable, Equatable, Sendable {
  /// For how many workers a plan can be made: what is asked for is held against this, and so is what a document says.
  public static let workerCounts = 1...1024
  /// Bytes of memory that a plan can count on at a worker.
  public static let memoryBytes = 1...(1 << 50)

  /// Number of workers that the plan should keep busy, in ``workerCounts``.
  public var workers: Int
  /// The largest circuits allowed.
  public var limits: PlanLimits
  /// Who learns the model's inputs.
  public var inputVisibility: Visibility
  /// Who learns the model's outputs.
  public var outputVisibility: Visibility
  /// Who learns the model's parameters where they are committed to; nil: they are fixed in the circuits.
  public var parameterVisibility: Visibility?
  /// How chunks become proofs.
  public var aggregation: Aggregation
  /// The network whose limits every proof must keep; nil: the proofs stay off chain.
  public var target: AleoNetwork?
  /// Bytes of memory of each worker, largest first: batches are cut so that their shares fit; nil: nothing is known.
  public var memory: [Int]?

  /// Collects the fields.
  public init(
    workers: Int, limits: PlanLimits, inputVisibility: Visibility = .public,
    outputVisibility: Visibility = .public, parameterVisibility: Visibility? = nil,
    aggregation: Aggregation = .batch, target: AleoNetwork? = nil, memory: [Int]? = nil
  ) {
    self.workers = workers
    self.limits = limits
    self.inputVisibility = inputVisibility
    self.outputVisibility = outputVisibility
    self.parameterVisibility = parameterVisibility
    self.aggregation = aggregation
    self.target = target
    self.memory = memory
  }
}
