import Aleo
import Circuit
import Model
import ProofAggregation
import Varuna

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
    /// The run of operators that it is a tile of, counted from 0; nil for given circuits.
    public var stage: Int?
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
    /// What its constraints are for; nil for given circuits.
    public var explanation: Explanation?
  }

  /// One batch proof.
  public struct Group: Codable, Equatable, Sendable {
    /// Distinct circuits.
    public var circuits: Int
    /// Instances of all circuits.
    public var instances: Int
    /// Bytes of its proof.
    public var proofBytes: Int
    /// Predicted bytes that its shares keep between the rounds, on all workers together.
    public var heldBytes: Int
    /// Predicted seconds of every worker that has instances, however many.
    public var shareSeconds: Double
    /// Predicted seconds of the coordinator for assembling and verifying.
    public var proofSeconds: Double
  }

  /// What verifying the proofs on a chain takes.
  public struct OnChain: Codable, Equatable, Sendable {
    /// The network.
    public var target: AleoNetwork
    /// The name that `export aleo` gives the program; with a `*` for what keys decide.
    public var program: String
    /// Sizes and prices of the cheapest way for 1,000 verifications, each beside its limit.
    public var cost: CallCost
    /// The same of every way that proofs can travel.
    public var ways: [CallCost]

    /// - Parameter ways: the ways, the cheapest first.
    init(target: AleoNetwork, program: String, ways: [CallCost]) {
      (self.target, self.program, self.ways) = (target, program, ways)
      cost = ways[0]
    }
  }

  /// Weights that are committed to, or why they are not.
  public struct Parameters: Codable, Equatable, Sendable {
    /// Who learns them.
    public var visibility: ParameterVisibility
    /// Committed tensors; 0 where weights are fixed.
    public var tensors: Int
    /// Commitments: one for every part of a tensor that a chunk reads.
    public var commitments: Int
    /// Weights of all of them.
    public var count: Int
    /// Why this was chosen; nil where the user did.
    public var reason: String?
  }

  /// How far an output is from the float result, for the given input.
  public struct Accuracy: Codable, Equatable, Sendable {
    /// The name in the model.
    public var output: String
    /// Largest absolute error.
    public var maximalError: Double
    /// Mean absolute error.
    public var meanError: Double
    /// Largest error, relative where the float output exceeds 1; nil in older plans.
    public var maximalRelativeError: Double?
    /// Elements that are other whole numbers than the float model's, as classes are; nil in older plans.
    public var mismatches: Int?
  }

  /// An input that shapes depend on: the plan is for its numbers, and whoever sees the document sees them.
  public struct PlannedInput: Codable, Equatable, Sendable {
    /// The name in the model.
    public var name: String
    /// The first of its numbers.
    public var values: [Double]
    /// How many numbers it has.
    public var count: Int
    /// The same in words.
    public var text: String
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
  /// Why there are so many proofs, in words.
  public var grouping: String
  /// Bytes of memory of each worker that the plan counts on, largest first; nil where nothing is known.
  public var memory: [Int]?
  /// What the proofs take on chain; nil without a target.
  public var onChain: OnChain?
  /// Where the model's weights are; nil where no model was quantised.
  public var parameters: Parameters?
  /// Equalities between public inputs of chunks.
  public var links: Int
  /// Fraction bits of activations; nil where no model was quantised.
  public var activationBits: Int?
  /// Fraction bits of weights; nil where no model was quantised.
  public var weightBits: Int?
  /// One entry per output; none where no model was quantised.
  public var accuracy: [Accuracy]
  /// The outputs whose numbers have names in the model; nil where there are none.
  public var labels: [LabelledOutput]?
  /// The inputs of texts with the texts that the model knows, whose places are proven; nil where there are none.
  public var inputLabels: [LabelledOutput]?
  /// Decisions that were taken right, or without harm, by less than the program's numbers are off; nil in older plans.
  public var decisions: CloseDecisions?
  /// Why whoever verifies without pinning the settings, and without seeing the values, would refuse the proof; nil where nothing
  /// is known against that.
  public var lostOutputs: [String]?
  /// Inputs that are part of the plan; nil in older plans and for given circuits.
  public var fixedInputs: [PlannedInput]?
  /// What is handed over between chunks, and what that costs; nil for given circuits.
  public var cuts: [Cut]?
  /// True where the plan was made for an earlier job or plan of the same owner, and nothing was searched.
  public var kept: Bool?
  /// True where no input was given and one was made up; what a real one needs may differ.
  public var inputIsSynthetic: Bool?

  /// Predicted seconds for all keys and proofs on the plan's workers with one thread each.
  ///
  /// The work is shared evenly, but a worker cannot be faster than the longest single task.
  public var predictedSeconds: Double {
    let index = circuits.map(\.indexSeconds)
    let rounds = circuits.flatMap {
      [Double](repeating: $0.instanceSeconds, count: $0.instances) + [$0.matrixSeconds]
    }
    let tasks = [index, rounds].reduce(0) { total, tasks in
      total + max(tasks.reduce(0, +) / Double(max(1, workers)), tasks.max() ?? 0)
    }
    return groups.reduce(tasks) { $0 + $1.shareSeconds + $1.proofSeconds }
  }

  /// The most workers that have something to do at a time: keys come first, then the shares of instances and of matrices.
  public var usefulWorkers: Int {
    max(circuits.count, groups.reduce(0) { $0 + $1.circuits + $1.instances })
  }

  /// The report of a planned run, with what its proofs take on its target.
  ///
  /// - Throws: `RunError.onChain` where the plan breaks a limit of the target.
  public init(_ run: PlannedRun) throws(RunError) {
    let plan = run.plan
    digest = Hexadecimal.encode(plan.digest)
    workers = plan.request.workers
    chunks = plan.chunks.map { chunk in
      Chunk(
        operators: chunk.operations.map { plan.graph.operations[$0].name }, circuit: chunk.circuit,
        group: chunk.group, stage: chunk.stage)
    }
    circuits = plan.circuits.map { circuit in
      var report = Circuit(
        digest: Hexadecimal.encode(circuit.digest), instances: circuit.chunks.count,
        counts: circuit.counts.total, domains: circuit.domains)
      report.explanation = Explanation(circuit, limits: plan.request.limits)
      return report
    }
    cuts = Self.cuts(of: plan)
    groups = plan.groups.map { Group($0, domains: plan.circuits.map(\.domains)) }
    memory = plan.request.memory
    grouping = Self.grouping(plan)
    links = plan.links.count
    parameters = Parameters(
      visibility: ParameterVisibility(plan.request), tensors: plan.parameters.count,
      commitments: plan.parameters.joined().count,
      count: run.model.parameters.reduce(0) { $0 + $1.integers.count }, reason: run.reason)
    activationBits = run.model.settings.activationBits
    weightBits = run.model.settings.weightBits
    labels = run.model.labelledOutputs.isEmpty ? nil : run.model.labelledOutputs
    inputLabels = run.model.labelledInputs.isEmpty ? nil : run.model.labelledInputs
    accuracy = run.accuracy.outputs.map {
      Accuracy(
        output: $0.name, maximalError: $0.maximalError, meanError: $0.meanError,
        maximalRelativeError: $0.maximalRelativeError, mismatches: $0.mismatches)
    }
    decisions = run.decisions
    lostOutputs = run.lostOutputs.isEmpty ? nil : run.lostOutputs
    fixedInputs = run.model.settings.fixedInputs?.map {
      PlannedInput(
        name: $0.name, values: Array($0.values.prefix(FixedInput.shown)),
        count: $0.values.count, text: $0.text)
    }
    onChain = try run.targetPrograms().map { target in
      OnChain(
        target: target.network, program: target.ways[0].cost.program, ways: target.ways.map(\.cost))
    }
  }

  /// The report of one batch of given circuits.
  package init(
    digest: String, workers: Int, chunks: [Chunk], circuits: [Circuit], group: Group,
    grouping: String
  ) {
    self.digest = digest
    self.workers = workers
    self.chunks = chunks
    self.circuits = circuits
    self.grouping = grouping
    groups = [group]
    links = 0
    accuracy = []
  }
}

extension PlanReport {
  /// Why the chunks of a plan are in as many proofs as they are.
  private static func grouping(_ plan: Plan) -> String {
    let request = plan.request
    if request.aggregation == .none { return "a proof for every chunk, as asked for" }
    if let target = request.target { return "what fits the limits of \(target.rawValue)" }
    if plan.groups.count == 1 {
      return request.memory == nil
        ? "one proof of all chunks"
        : "one proof of all chunks, which fit the workers' memory together"
    }
    let half = "each fills at most half of the workers' memory, so that two are under way at a time"
    return "all chunks together do not fit the workers' memory; " + half
  }
}

extension PlanReport.Chunk {
  /// A given witness of a circuit.
  package init(witness: String, ofCircuit circuit: Int) {
    self.init(operators: [witness], circuit: circuit, group: 0)
  }
}

extension PlanReport.Circuit {
  /// Sizes of a circuit and what they are predicted to take.
  package init(digest: String, instances: Int, counts: CircuitCounts, domains: CostModel.Domains) {
    let costs = CostModel.reference
    self.digest = digest
    self.instances = instances
    constraints = counts.constraints
    variables = counts.privateVariables
    nonzeros = counts.nonzeros
    self.domains = [domains.constraints, domains.variables, domains.nonzeros.max() ?? 0]
    indexSeconds = costs.indexSeconds(domains)
    instanceSeconds = costs.instanceSeconds(domains)
    matrixSeconds = costs.matrixSeconds(domains)
    peakBytes = costs.peakBytes(domains)
  }
}

extension PlanReport.Group {
  /// A batch of circuits with these domains.
  package init(_ group: Plan.Group, domains: [CostModel.Domains]) {
    heldBytes = group.circuits.reduce(0) { sum, member in
      let memory = ProverMemory(domains[member.circuit])
      return sum + memory.matrixTask.held + member.chunks.count * memory.instanceTask.held
    }
    circuits = group.circuits.count
    instances = group.circuits.reduce(0) { $0 + $1.chunks.count }
    proofBytes = group.proofBytes
    shareSeconds = CostModel.reference.shareSeconds(
      CostModel.Domains(batch: group.circuits.map { domains[$0.circuit] }))
    proofSeconds = CostModel.reference.secondsPerProof
  }
}
