import Varuna

/// What the shares of a circuit take of the workers that hold them.
package struct GroupMemory: Equatable, Sendable {
  /// One more instance in a worker's share of instances.
  package let instance: TaskMemory
  /// The share of the matrices.
  package let matrices: TaskMemory
  /// A worker's share of instances, however many it has.
  package let share: TaskMemory

  /// The memory of a circuit in a batch whose largest circuits have the domains `batch`; steps with one thread.
  package init(_ domains: CostModel.Domains, batch: CostModel.Domains) {
    let memory = ProverMemory(domains)
    share = ProverMemory(batch).instanceShare
    instance = TaskMemory(
      shared: share.shared, held: memory.instanceTask.held, step: memory.instanceTask.step)
    matrices = TaskMemory(
      shared: share.shared, held: memory.matrixTask.held, step: memory.matrixTask.step)
  }

  /// A chunk that is alone on a worker.
  package var alone: TaskMemory { instance + matrices + share }
}

/// Workers' memories that are filled with tasks, each going where most is free.
///
/// Tasks come in runs of equal ones. Within a run the worker where most is free stands on top of a heap, and who had no room
/// has none later: a run looks at each worker once, and a task at a few.
package struct MemoryBins: Sendable {
  private struct Bin {
    let capacity: Int
    var used: TaskMemory
    var hasShare = false

    func free(beside more: TaskMemory) -> Int { capacity - (used + more).total }
  }

  /// Equal tasks in a row.
  private struct Run: Equatable {
    let task: TaskMemory
    /// What a worker's first of them takes beside it; nil: they have no share.
    let share: TaskMemory?
  }

  private var bins: [Bin]
  private var run: Run?
  private var heap = Heap<Candidate>([])

  /// Where most is free comes first, of equal ones the first.
  private struct Candidate: Comparable, Sendable {
    let free: Int
    let place: Int

    static func < (a: Candidate, b: Candidate) -> Bool { (-a.free, a.place) < (-b.free, b.place) }
  }

  /// Empty workers of these capacities in bytes.
  package init(_ capacities: [Int]) { self.init(capacities.map { ($0, .none) }) }

  /// Workers that hold something already.
  package init(_ workers: [(capacity: Int, used: TaskMemory)]) {
    bins = workers.map { Bin(capacity: $0.capacity, used: $0.used) }
  }

  /// Places a task; returns the index of its worker, nil where it fits none.
  package mutating func place(_ task: TaskMemory) -> Int? { put(Run(task: task, share: nil)) }

  /// Places an instance; `share` counts once for every worker that gets instances.
  package mutating func place(_ instance: TaskMemory, share: TaskMemory) -> Int? {
    put(Run(task: instance, share: share))
  }

  private mutating func put(_ run: Run) -> Int? {
    if self.run != run {
      self.run = run
      heap = Heap(
        bins.indices.map { Candidate(free: bins[$0].free(beside: need(run, bins[$0])), place: $0) }
          .filter { $0.free >= 0 })
    }
    guard let place = heap.first?.place else { return nil }
    bins[place].used += need(run, bins[place])
    if run.share != nil { bins[place].hasShare = true }
    let free = bins[place].free(beside: need(run, bins[place]))
    if free >= 0 {
      heap.replaceFirst(with: Candidate(free: free, place: place))
    } else {
      heap.removeFirst()
    }
    return place
  }

  private func need(_ run: Run, _ bin: Bin) -> TaskMemory {
    guard let share = run.share, !bin.hasShare else { return run.task }
    return run.task + share
  }
}

extension CostModel.Domains {
  /// The domains of a batch of circuits: the largest of each kind, and of all matrices.
  package init(batch circuits: [CostModel.Domains]) {
    let nonzeros = circuits.flatMap(\.nonzeros).max() ?? 2
    self.init(
      constraints: circuits.map(\.constraints).max() ?? 1,
      variables: circuits.map(\.variables).max() ?? 1, nonzeros: [nonzeros, nonzeros, nonzeros])
  }
}

extension ProverMemory {
  /// The memory of work over a circuit with these domains.
  package init(_ domains: CostModel.Domains) {
    self.init(
      constraints: domains.constraints, variables: domains.variables, nonzeros: domains.nonzeros)
  }
}
