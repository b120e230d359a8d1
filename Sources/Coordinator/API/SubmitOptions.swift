import Aleo
import Model
import ProofAggregation
import Varuna

/// The planner's `Visibility` under a name that `SubmitOptions.Visibility` does not hide.
public typealias TensorVisibility = Visibility
/// The planner's `Aggregation` under a name that `SubmitOptions.Aggregation` does not hide.
public typealias ProofAggregationMode = Aggregation

/// What a user may choose about a job; travels as JSON from the client to the coordinator.
public struct SubmitOptions: Codable, Equatable, Sendable {
  /// Who may learn a model input or output.
  public typealias Visibility = TensorVisibility
  /// How the chunks' proofs become the result.
  public typealias Aggregation = ProofAggregationMode

  /// Where the model's weights are, and who may learn them.
  public typealias ParameterVisibility = ProofAggregation.ParameterVisibility

  /// What the salts of private weights follow from.
  public enum ParameterSalt: String, Codable, Sendable, CaseIterable {
    /// The job: two proofs do not show that they are about one model.
    case job
    /// The model and a secret of the coordinator: all of its proofs about a model under the same settings and cut have the
    /// same commitments.
    case model
  }

  /// Limits under which the graph is cut into chunks; nil means the planner's own.
  public struct Limits: Codable, Equatable, Sendable {
    /// The most constraints a chunk may have.
    public var constraints: Int?
    /// The most variables a chunk may have.
    public var variables: Int?
    /// The most nonzero entries the largest matrix of a chunk may have.
    public var nonzeros: Int?

    /// Limits on a chunk; nil where the planner decides.
    public init(constraints: Int? = nil, variables: Int? = nil, nonzeros: Int? = nil) {
      self.constraints = constraints
      self.variables = variables
      self.nonzeros = nonzeros
    }
  }

  /// Fraction bits that activations and weights may be quantised with.
  public static let bits = 2...24
  /// For how many workers a job may be cut.
  public static let workerCounts = PlanRequest.workerCounts

  /// Who may learn the model's inputs.
  public var inputVisibility: Visibility
  /// Who may learn the model's outputs.
  public var outputVisibility: Visibility
  /// Where the model's weights are; nil: in the circuits, unless a target makes commitments to them cheaper.
  public var parameterVisibility: ParameterVisibility?
  /// What salts of private weights follow from; nil: the job.
  public var parameterSalt: ParameterSalt?
  /// One batch proof, or one proof per chunk.
  public var aggregation: Aggregation
  /// How many workers, in ``workerCounts``, to cut the job for and to wait for at its start; nil: those that are there.
  public var workers: Int?
  /// The most memory of each worker that the plan may count on, in bytes; nil: all that it offers.
  public var memory: UInt64?
  /// The version of the proof system, 2 or 3; nil: 3. Version 2 is unsound and for tests only.
  public var varunaVersion: Int?
  /// The network whose limits the proofs must keep; nil: they stay off chain.
  public var target: AleoNetwork?
  /// The name of the public parameters at the coordinator: `development`, or an imported ceremony.
  public var srs: String
  /// Fraction bits of quantised activations, in ``bits``; nil: calibration decides.
  public var activationBits: Int?
  /// Fraction bits of quantised weights, in ``bits``; nil: calibration decides.
  public var weightBits: Int?
  /// The largest difference from the float result to accept, absolute or relative to outputs above 1; nil: the standard one.
  public var tolerance: Double?
  /// True accepts outputs however far they are from the float result, and other classes than it gives.
  public var anyAccuracy: Bool?
  /// Shapes and numbers of inputs that the input file leaves open, and which of its samples is meant; nil: nothing.
  public var inputs: InputChoices?
  /// Limits on one chunk.
  public var limits: Limits
  /// True plans anew, whatever was kept of earlier plans.
  public var replan: Bool?
  /// How urgent the job is; nil: normal.
  public var priority: JobPriority?
  /// Seconds from the submission after which the job fails if it is not done; nil: any time.
  public var deadline: Double?
  /// An address of http or https that is told when the job has ended; nil: none.
  public var webhook: String?
  /// The workers that may have its tasks, by id or unique name; nil: all.
  public var only: [String]?
  /// True has every verifying key made anew, also those that are known.
  public var freshKeys: Bool?
  /// True keeps what its tasks took, for `bench cluster`.
  public var trace: Bool?

  /// Options with the defaults of the command line.
  public init(
    inputVisibility: Visibility = .private, outputVisibility: Visibility = .public,
    parameterVisibility: ParameterVisibility? = nil, parameterSalt: ParameterSalt? = nil,
    aggregation: Aggregation = .batch, workers: Int? = nil, memory: UInt64? = nil,
    varunaVersion: Int? = nil, target: AleoNetwork? = nil, srs: String = "development",
    activationBits: Int? = nil,
    weightBits: Int? = nil,
    tolerance: Double? = nil, anyAccuracy: Bool? = nil, inputs: InputChoices? = nil,
    limits: Limits = Limits()
  ) {
    self.inputVisibility = inputVisibility
    self.outputVisibility = outputVisibility
    self.parameterVisibility = parameterVisibility
    self.parameterSalt = parameterSalt
    self.aggregation = aggregation
    self.workers = workers
    self.memory = memory
    self.varunaVersion = varunaVersion
    self.target = target
    self.srs = srs
    self.activationBits = activationBits
    self.weightBits = weightBits
    self.tolerance = tolerance
    self.anyAccuracy = anyAccuracy
    self.inputs = inputs
    self.limits = limits
  }
}

extension SubmitOptions {
  /// How far outputs may be from the float model's.
  package var accuracy: AccuracyRule {
    if anyAccuracy == true { return .any }
    return tolerance.map { AccuracyRule(tolerance: $0) } ?? .standard
  }

  /// The version that the job is proven in; nil where nobody may ask for it.
  package var version: VarunaVersion? {
    guard let number = varunaVersion else { return .v3 }
    return number == 1 ? nil : VarunaVersion(rawValue: number)
  }
}
