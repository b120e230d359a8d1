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
package struct MemoryBins: Equatable, Sendable {
  private struct Bin: Equatable {
    let capacity: Int
    var used: TaskMemory
    var hasShare = false

    func free(beside more: TaskMemory) -> Int { capacity - (used + more).total }
  }

  private var bins: [Bin]

  /// Empty workers of these capacities in bytes.
  package init(_ capacities: [Int]) { self.init(capacities.map { ($0, .none) }) }

  /// Workers that hold something already.
  package init(_ workers: [(capacity: Int, used: TaskMemory)]) {
    bins = workers.map { Bin(capacity: $0.capacity, used: $0.used) }
  }

  /// Places a task; returns the index of its worker, nil where it fits none.
  package mutating func place(_ task: TaskMemory) -> Int? {
    put { _ in task }
  }

  /// Places an instance; `share` counts once for every worker that gets instances.
  package mutating func place(_ instance: TaskMemory, share: TaskMemory) -> Int? {
    let place = put { $0.hasShare ? instance : instance + share }
    if let place { bins[place].hasShare = true }
    return place
  }

  private mutating func put(_ need: (Bin) -> TaskMemory) -> Int? {
    var best: (place: Int, free: Int)?
    for (place, bin) in bins.enumerated() {
      let free = bin.free(beside: need(bin))
      if free >= 0, free > best?.free ?? -1 { best = (place, free) }
    }
    guard let best else { return nil }
    bins[best.place].used += need(bins[best.place])
    return best.place
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
