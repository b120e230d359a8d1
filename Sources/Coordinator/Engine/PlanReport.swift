import Circuit
import Model

/// What `plan` shows: every chunk, circuit and group of a job, before any work.
public struct PlanReport: Codable, Equatable, Sendable {
  /// A run of operators proven as one instance of a circuit.
  public struct Chunk: Codable, Equatable, Sendable {
    /// Names of the operators, in order.
    public var operators: [String]
    /// Index into `circuits`.
    public var circuit: Int
    /// Index into `groups`.
    public var group: Int
  }

  /// A distinct constraint system.
  public struct Circuit: Codable, Equatable, Sendable {
    /// SHA-256 of its program, in hexadecimal.
    public var digest: String
    /// Chunks that are instances of it.
    public var instances: Int
    /// Rows of the matrices.
    public var constraints: Int
    /// Private variables.
    public var variables: Int
    /// Nonzero entries of A, B and C.
    public var nonzeros: [Int]
    /// Sizes of the domains: constraints, variables, and the largest of the nonzeros.
    public var domains: [Int]
    /// Predicted seconds on one thread for its verifying key.
    public var indexSeconds: Double
    /// Predicted seconds on one thread for one instance.
    public var instanceSeconds: Double
    /// Predicted seconds on one thread for its matrices.
    public var matrixSeconds: Double
    /// Predicted peak memory of a worker with one instance, in bytes.
    public var peakBytes: Int
  }

  /// One batch proof.
  public struct Group: Codable, Equatable, Sendable {
    /// Distinct circuits.
    public var circuits: Int
    /// Instances of all circuits.
    public var instances: Int
    /// Bytes of its proof.
    public var proofBytes: Int
  }

  /// How far an output is from the float result, for the given input.
  public struct Accuracy: Codable, Equatable, Sendable {
    /// The name in the model.
    public var output: String
    /// Largest absolute error.
    public var maximalError: Double
    /// Mean absolute error.
    public var meanError: Double
  }

  /// SHA-256 of the plan, in hexadecimal.
  public var digest: String
  /// The workers it was made for.
  public var workers: Int
  /// In the order of the data.
  public var chunks: [Chunk]
  /// In order of first use.
  public var circuits: [Circuit]
  /// One batch proof each.
  public var groups: [Group]
  /// Equalities between public inputs of chunks.
  public var links: Int
  /// Fraction bits of activations.
  public var activationBits: Int
  /// Fraction bits of weights.
  public var weightBits: Int
  /// One entry per output.
  public var accuracy: [Accuracy]
  /// True where no input was given and one was made up; what a real one needs may differ.
  public var inputIsSynthetic: Bool?

  init(_ plan: Plan, _ run: QuantizedRun, digest: String, programDigests: [String]) {
    let costs = CostModel.reference
    self.digest = digest
    workers = plan.request.workers
    chunks = plan.chunks.map { chunk in
      Chunk(
        operators: chunk.operations.map { plan.graph.operations[$0].name }, circuit: chunk.circuit,
        group: chunk.group)
    }
    circuits = zip(plan.circuits, programDigests).map { circuit, digest in
      let domains = circuit.domains
      return Circuit(
        digest: digest, instances: circuit.chunks.count,
        constraints: circuit.counts.total.constraints,
        variables: circuit.counts.total.privateVariables, nonzeros: circuit.counts.total.nonzeros,
        domains: [domains.constraints, domains.variables, domains.nonzeros.max() ?? 0],
        indexSeconds: costs.indexSeconds(domains),
        instanceSeconds: costs.instanceSeconds(domains),
        matrixSeconds: costs.matrixSeconds(domains), peakBytes: costs.peakBytes(domains))
    }
    groups = plan.groups.map { group in
      Group(
        circuits: group.circuits.count,
        instances: group.circuits.reduce(0) { $0 + $1.chunks.count },
        proofBytes: group.proofBytes)
    }
    links = plan.links.count
    activationBits = run.model.settings.activationBits
    weightBits = run.model.settings.weightBits
    accuracy = run.accuracy.outputs.map {
      Accuracy(output: $0.name, maximalError: $0.maximalError, meanError: $0.meanError)
    }
  }
}
