import Aleo
import Varuna

extension Plan {
  /// The proofs, each a list of circuits with their chunks; those for a chain in the order of their first chunks.
  static func groups(circuits: [PlannedCircuit], request: PlanRequest) -> [Group] {
    let chunks = circuits.map(\.chunks)
    switch (request.aggregation, request.target) {
    case (.batch, nil):
      return MemoryGrouping(
        circuits: circuits.map { ($0.domains, $0.chunks) }, workers: request.memory ?? []
      ).groups
    case (.batch, .some):
      return BatchGrouping.groups(instances: chunks.map(\.count))
        .map { members in
          Group(
            circuits: members.sorted { $0.circuit < $1.circuit }.map {
              Group.Member(circuit: $0.circuit, chunks: Array(chunks[$0.circuit][$0.instances]))
            })
        }
        .sorted { $0.firstChunk < $1.firstChunk }
    case (.none, _):
      return chunks.enumerated()
        .flatMap { circuit, chunks in chunks.map { (circuit: circuit, chunk: $0) } }
        .sorted { $0.chunk < $1.chunk }
        .map { Group(circuits: [Group.Member(circuit: $0.circuit, chunks: [$0.chunk])]) }
    }
  }
}

extension Plan.Group {
  fileprivate var firstChunk: Int { circuits.lazy.flatMap(\.chunks).min() ?? 0 }
}

/// Divides the chunks of a plan among as few proofs as the workers' memory allows.
///
/// All shares of a proof go through the rounds together, so what they keep between rounds must fit the workers at once.
/// One proof where that is so. Otherwise every proof may fill the workers to half: two are under way at a time, and one's
/// rounds fill the other's waits. A circuit costs its matrices once per proof, so its chunks stay together where a proof
/// of their own holds them.
package struct MemoryGrouping {
  private let circuits: [(domains: CostModel.Domains, chunks: [Int])]
  private let tasks: [GroupMemory]
  private let workers: [Int]

  /// - Parameter workers: bytes of each worker; none: the memory is no limit.
  package init(circuits: [(domains: CostModel.Domains, chunks: [Int])], workers: [Int]) {
    self.circuits = circuits
    self.workers = workers
    let batch = CostModel.Domains(batch: circuits.map(\.domains))
    tasks = circuits.map { GroupMemory($0.domains, batch: batch) }
  }

  /// The proofs, in the order of the circuits.
  package var groups: [Plan.Group] {
    let all = circuits.enumerated().map { (circuit: $0.offset, chunks: $0.element.chunks) }
    var whole = MemoryBins(workers)
    if workers.isEmpty || all.allSatisfy({ fill(&whole, $0.circuit, $0.chunks.count) }) {
      return [Plan.Group(circuits: all.map { Plan.Group.Member(circuit: $0, chunks: $1) })]
    }
    return divided
  }

  private var divided: [Plan.Group] {
    let common = tasks.reduce(TaskMemory.none) { $0 + $1.instance + $1.matrices }
    let half = MemoryBins(workers.map { ($0 + common.shared + common.step) / 2 })
    var groups: [Plan.Group] = []
    var members: [Plan.Group.Member] = []
    var bins = half
    func close() {
      if !members.isEmpty { groups.append(Plan.Group(circuits: members)) }
      members = []
      bins = half
    }
    for (circuit, entry) in circuits.enumerated() {
      var rest = entry.chunks[...]
      while !rest.isEmpty {
        var count = most(rest.count, of: circuit, in: bins)
        if count < rest.count, !members.isEmpty,
          count == 0 || most(rest.count, of: circuit, in: half) == rest.count
        {
          close()
          count = most(rest.count, of: circuit, in: bins)
        }
        // What half of the memory does not hold goes alone.
        count = max(1, count)
        _ = fill(&bins, circuit, count)
        members.append(Plan.Group.Member(circuit: circuit, chunks: Array(rest.prefix(count))))
        rest = rest.dropFirst(count)
        if !rest.isEmpty { close() }
      }
    }
    close()
    return groups
  }

  /// How many instances of a circuit still fit, with its matrices.
  private func most(_ count: Int, of circuit: Int, in bins: MemoryBins) -> Int {
    var (low, high) = (0, count)
    while low < high {
      let middle = (low + high + 1) / 2
      var trial = bins
      if fill(&trial, circuit, middle) { low = middle } else { high = middle - 1 }
    }
    return low
  }

  private func fill(_ bins: inout MemoryBins, _ circuit: Int, _ count: Int) -> Bool {
    let tasks = tasks[circuit]
    guard bins.place(tasks.matrices) != nil else { return false }
    for _ in 0..<count where bins.place(tasks.instance, share: tasks.share) == nil { return false }
    return true
  }
}
