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

  /// Where a tensor is made and read last, as operation indices, and what each side of a cut pays for it.
  private struct Lifetime {
    var producer = -1
    /// `Int.max` for outputs of the graph.
    var lastReader = -1
    var reading: Int
    var writing: Int
  }

  init(graph: IntegerGraph, request: PlanRequest, costs: CostModel) {
    self.graph = graph
    self.request = request
    self.costs = costs
    estimates = Estimate.all(of: graph.operations, in: graph)
    var lifetimes = graph.tensors.map {
      Lifetime(
        reading: Estimate.boundary($0, reading: true),
        writing: Estimate.boundary($0, reading: false))
    }
    for (index, operation) in graph.operations.enumerated() {
      lifetimes[operation.output].producer = index
      for input in operation.inputs { lifetimes[input].lastReader = index }
    }
    for output in graph.outputs { lifetimes[output].lastReader = .max }
    self.lifetimes = lifetimes
  }

  /// Predicted counts of the circuit of a segment.
  func predictedDomains(of segment: Range<Int>) -> CostModel.Domains {
    var domains: CostModel.Domains?
    forEachSegment(from: segment.lowerBound, upTo: segment.upperBound) { domains = $0 }
    return domains!
  }

  /// Predicted counts of the circuits of all segments with a common begin, by their ends.
  ///
  /// The boundary changes little from one end to the next: an operation's output is new in it, inputs from outside come to it
  /// when they are read first, and what is made inside leaves it when it is read last.
  private func forEachSegment(
    from start: Int, upTo last: Int, _ body: (CostModel.Domains) -> Void
  ) {
    var isRead = [Bool](repeating: false, count: lifetimes.count)
    var (operations, extra, boundary) = (2, 0, 0)
    for index in start..<last {
      let operation = graph.operations[index]
      operations += estimates[index].constraints
      extra += estimates[index].nonzeros
      for input in operation.inputs {
        let life = lifetimes[input]
        if life.producer < start {
          if !isRead[input] { boundary += life.reading }
          isRead[input] = true
        } else if life.lastReader == index, !isRead[input] {
          boundary -= life.writing
          isRead[input] = true
        }
      }
      if lifetimes[operation.output].lastReader > index {
        boundary += lifetimes[operation.output].writing
      }
      let constraints = operations + boundary
      let nonzeros = extra + 2 * boundary
      body(
        CostModel.Domains(
          constraints: constraints, variables: constraints,
          nonzeros: [constraints + nonzeros / 2, constraints, constraints + nonzeros / 2]))
    }
  }

  /// Seconds of every segment, by begin and length less one; nil where it is predicted to break the limits.
  private func segmentSeconds() -> [[Double?]] {
    let steps = graph.operations.count
    return (0..<steps).map { start in
      var row: [Double?] = []
      row.reserveCapacity(steps - start)
      // Domains are powers of two and mostly those of the segment before.
      var known: (domains: CostModel.Domains, seconds: Double?)?
      forEachSegment(from: start, upTo: steps) { domains in
        if known?.domains != domains {
          let seconds = costs.instanceSeconds(domains) + costs.matrixSeconds(domains)
          known = (domains, request.limits.allow(domains) ? seconds : nil)
        }
        row.append(known!.seconds)
      }
      return row
    }
  }

  /// The best segmentation, or nil if some operation alone is predicted to break the limits.
  func best() throws(CircuitError) -> Candidate? {
    let steps = graph.operations.count
    // Enough chunks to keep every worker busy, and as many more as tight limits may take.
    let total = estimates.reduce(0) { $0 + $1.constraints }
    let most = min(
      steps, max(4 * request.workers, 8) + min(64, 4 * total / max(1, request.limits.constraints)))
    let seconds = segmentSeconds()
    let all = Segmentation.minimisingLargest(steps: steps, upTo: most) { start, end in
      seconds[start][end - start - 1]
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
