import Circuit

/// Cuts a tiled graph into chunks: consecutive runs of operations that become one circuit each.
///
/// A cut costs hashing its tensors on both sides and range checks where they are read, so cuts go where the
/// graph is narrow; among all numbers of chunks the one with the smallest predicted wall time is taken.
struct Partitioner {
  var graph: IntegerGraph
  var request: PlanRequest
  var costs: CostModel

  /// A segmentation of the graph's operations, its predicted wall seconds, and its number of proofs.
  struct Candidate {
    var segments: [Range<Int>]
    var seconds: Double
    /// On-chain proofs; 0 without a target.
    var proofs = 0

    /// On chain every proof costs money, so fewer proofs come first.
    func isBetter(than other: Candidate) -> Bool {
      (proofs, seconds) < (other.proofs, other.seconds)
    }
  }

  private let estimates: [Estimate]
  private let lifetimes: [Lifetime]

  /// Where a tensor is made and read, as operation indices.
  private struct Lifetime {
    var producer: Int
    var readers: [Int] = []
    var isOutput = false
  }

  init(graph: IntegerGraph, request: PlanRequest, costs: CostModel) {
    self.graph = graph
    self.request = request
    self.costs = costs
    estimates = Estimate.all(of: graph.operations, in: graph)
    var lifetimes = [Lifetime](repeating: Lifetime(producer: -1), count: graph.tensors.count)
    for (index, operation) in graph.operations.enumerated() {
      lifetimes[operation.output].producer = index
      for input in Set(operation.inputs) { lifetimes[input].readers.append(index) }
    }
    for output in graph.outputs { lifetimes[output].isOutput = true }
    self.lifetimes = lifetimes
  }

  /// Tensors that operations `segment` read from outside, and those they make for outside, in graph order.
  func boundary(of segment: Range<Int>) -> (inputs: [TensorID], outputs: [TensorID]) {
    var inputs: [TensorID] = []
    var outputs: [TensorID] = []
    for (id, life) in lifetimes.enumerated() {
      if !segment.contains(life.producer), life.readers.contains(where: segment.contains) {
        inputs.append(id)
      }
      if segment.contains(life.producer),
        life.isOutput || life.readers.contains(where: { $0 >= segment.upperBound })
      {
        outputs.append(id)
      }
    }
    return (inputs, outputs)
  }

  /// Predicted counts of the circuit of a segment.
  func predictedDomains(of segment: Range<Int>) -> CostModel.Domains {
    let (inputs, outputs) = boundary(of: segment)
    var constraints = estimates[segment].reduce(2) { $0 + $1.constraints }
    var nonzeros = estimates[segment].reduce(0) { $0 + $1.nonzeros }
    for id in inputs {
      let part = Estimate.boundary(graph.tensors[id], reading: true)
      (constraints, nonzeros) = (constraints + part, nonzeros + 2 * part)
    }
    for id in outputs {
      let part = Estimate.boundary(graph.tensors[id], reading: false)
      (constraints, nonzeros) = (constraints + part, nonzeros + 2 * part)
    }
    return CostModel.Domains(
      constraints: constraints, variables: constraints,
      nonzeros: [constraints + nonzeros / 2, constraints, constraints + nonzeros / 2])
  }

  /// The best segmentation, or nil if some operation alone is predicted to break the limits.
  func best() throws(CircuitError) -> Candidate? {
    let steps = graph.operations.count
    // Enough chunks to keep every worker busy, and as many more as tight limits may take.
    let total = estimates.reduce(0) { $0 + $1.constraints }
    let most = min(
      steps, max(4 * request.workers, 8) + min(64, 4 * total / max(1, request.limits.constraints)))
    let all = Segmentation.minimisingLargest(steps: steps, upTo: most) { start, end in
      let domains = predictedDomains(of: start..<end)
      return request.limits.allow(domains)
        ? costs.instanceSeconds(domains) + costs.matrixSeconds(domains) : nil
    }
    guard request.target != nil, request.aggregation == .batch else {
      return all.map(candidate).min { $0.seconds < $1.seconds }
    }
    return try fewestProofs(among: (all + segmentationsAtRepetitions()).map(candidate))
  }

  private func candidate(_ segments: [Range<Int>]) -> Candidate {
    let domains = segments.map(predictedDomains)
    let jobs = domains.flatMap { [costs.instanceSeconds($0), costs.matrixSeconds($0)] }
    let wall = Segmentation.makespan(of: jobs, workers: request.workers)
    // Work that another worker happens to do is not free: set-up, electricity, other jobs.
    let setUp = domains.reduce(0) { $0 + costs.indexSeconds($1) }
    return Candidate(
      segments: segments,
      seconds: wall + 0.1 * (jobs.reduce(0, +) + setUp) / Double(request.workers))
  }
}
