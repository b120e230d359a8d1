/// A connected worker with what it has to do already, as a policy sees it.
package struct WorkerView: Equatable, Sendable {
  package let id: WorkerID
  package let threads: Int
  /// Memory it offers, in bytes.
  package let memory: UInt64
  /// Memory that the tasks it holds are predicted to need.
  package var usedMemory: UInt64
  /// Predicted seconds of the tasks it holds, on all its threads.
  package var load: Double

  /// A worker's capacity and load.
  package init(id: WorkerID, threads: Int, memory: UInt64, usedMemory: UInt64 = 0, load: Double = 0)
  {
    self.id = id
    self.threads = max(1, threads)
    self.memory = memory
    self.usedMemory = usedMemory
    self.load = load
  }

  /// Adds a task to what the worker has to do.
  package mutating func take(cost: Double, memory needed: UInt64) {
    load += cost / Double(threads)
    usedMemory &+= needed
  }

  /// Whether a task's memory fits beside what the worker holds.
  package func fits(_ needed: UInt64) -> Bool {
    let (sum, overflow) = usedMemory.addingReportingOverflow(needed)
    return !overflow && sum <= memory
  }
}

/// What one instance or one circuit of a group will need.
package struct Demand: Equatable, Sendable {
  /// Predicted seconds on one thread.
  package let cost: Double
  /// Predicted memory in bytes.
  package let memory: UInt64

  /// A predicted need.
  package init(cost: Double, memory: UInt64) {
    self.cost = cost
    self.memory = memory
  }
}

/// How the work of one group is divided: which instances form a share, and who should hold it.
package struct Division: Equatable, Sendable {
  /// One share: a worker and the indices of the instances it holds.
  package struct Share: Equatable, Sendable {
    package let worker: WorkerID
    package let members: [Int]

    /// A share of a division.
    package init(worker: WorkerID, members: [Int]) {
      self.worker = worker
      self.members = members
    }
  }

  /// Instance shares; every instance is in exactly one, none is empty.
  package let instances: [Share]
  /// The worker of every circuit's matrix share, in the order of the circuits.
  package let matrices: [WorkerID]

  /// A division of a group.
  package init(instances: [Share], matrices: [WorkerID]) {
    self.instances = instances
    self.matrices = matrices
  }
}

/// Decides who does what. Pure: equal arguments give equal answers.
package protocol AssignmentPolicy: Sendable {
  /// The worker for one task, among workers that may have it; nil only if there are none.
  func choose(_ demand: Demand, among workers: [WorkerView]) -> WorkerID?

  /// Divides a group among at most `limit` workers; nil only if there are none.
  func divide(
    instances: [Demand], matrices: [Demand], among workers: [WorkerView], limit: Int?
  ) -> Division?
}

/// Longest work first, each to the worker that would finish it first, memory permitting.
///
/// This is Graham's LPT rule on machines of different speed (threads): at most 4/3 of the best
/// makespan on equal machines. Where no worker has the memory free, the one with most free takes it:
/// a group must be placed whole or its rounds never end.
package struct BalancedPolicy: AssignmentPolicy {
  /// The default policy.
  package init() {}

  package func choose(_ demand: Demand, among workers: [WorkerView]) -> WorkerID? {
    let fitting = workers.filter { $0.fits(demand.memory) }
    guard fitting.isEmpty else {
      return fitting.min { earlier($0, $1, demand.cost) }?.id
    }
    return workers.max { (free($0), $1.id) < (free($1), $0.id) }?.id
  }

  package func divide(
    instances: [Demand], matrices: [Demand], among workers: [WorkerView], limit: Int?
  ) -> Division? {
    var views = best(workers, limit: limit)
    if views.isEmpty { return nil }
    var members: [WorkerID: [Int]] = [:]
    var matrixHolders = [WorkerID](repeating: views[0].id, count: matrices.count)
    let jobs =
      instances.enumerated().map { ($0.element, $0.offset, true) }
      + matrices.enumerated().map { ($0.element, $0.offset, false) }
    let ordered = jobs.sorted {
      ($1.0.cost, $0.2 ? 0 : 1, $0.1) < ($0.0.cost, $1.2 ? 0 : 1, $1.1)
    }
    for (demand, index, isInstance) in ordered {
      guard let id = choose(demand, among: views),
        let position = views.firstIndex(where: { $0.id == id })
      else { return nil }
      views[position].take(cost: demand.cost, memory: demand.memory)
      if isInstance { members[id, default: []].append(index) } else { matrixHolders[index] = id }
    }
    let shares = views.compactMap { view in
      members[view.id].map { Division.Share(worker: view.id, members: $0.sorted()) }
    }
    return Division(instances: shares, matrices: matrixHolders)
  }

  private func best(_ workers: [WorkerView], limit: Int?) -> [WorkerView] {
    let ordered = workers.sorted { earlier($0, $1, 0) }
    return Array(ordered.prefix(limit.map { max(1, $0) } ?? ordered.count))
  }

  private func free(_ worker: WorkerView) -> UInt64 {
    worker.memory > worker.usedMemory ? worker.memory - worker.usedMemory : 0
  }

  private func earlier(_ a: WorkerView, _ b: WorkerView, _ cost: Double) -> Bool {
    let endA = a.load + cost / Double(a.threads)
    let endB = b.load + cost / Double(b.threads)
    return (endA, -a.threads, a.id) < (endB, -b.threads, b.id)
  }
}
