import Varuna

/// A connected worker with what it has to do already, as a policy sees it.
package struct WorkerView: Equatable, Sendable {
  package let id: WorkerID
  package let threads: Int
  /// Memory it offers, in bytes.
  package let memory: UInt64
  /// Memory of the tasks it holds.
  package var used: TaskMemory
  /// Predicted seconds of the tasks it holds, on all its threads at its own speed.
  package var load: Double
  /// Predicted seconds divided by measured ones.
  package let speed: Double

  /// A worker's capacity and load.
  package init(
    id: WorkerID, threads: Int, memory: UInt64, used: TaskMemory = .none, load: Double = 0,
    speed: Double = 1
  ) {
    self.id = id
    self.threads = max(1, threads)
    self.memory = memory
    self.used = used
    self.load = load
    self.speed = speed
  }

  /// Seconds that it takes for work of so many seconds on one thread of an ordinary worker.
  package func seconds(_ cost: Double) -> Double { cost / (Double(threads) * speed) }

  /// Adds a task to what the worker has to do.
  package mutating func take(_ demand: Demand) {
    load += seconds(demand.cost)
    used += demand.memory
  }

  /// Whether a task's memory fits beside what the worker holds.
  package func fits(_ needed: TaskMemory) -> Bool { UInt64((used + needed).total) <= memory }
}

/// What a task will need.
package struct Demand: Codable, Equatable, Sendable {
  /// Predicted seconds on one thread.
  package let cost: Double
  /// Predicted memory.
  package let memory: TaskMemory

  /// A predicted need.
  package init(cost: Double, memory: TaskMemory) {
    self.cost = cost
    self.memory = memory
  }
}

/// What a group will need.
package struct GroupDemand: Codable, Equatable, Sendable {
  /// Every instance, in the order of the group's circuits.
  package let instances: [Demand]
  /// Every circuit's matrices.
  package let matrices: [Demand]
  /// How many of the instances each circuit has.
  package let counts: [Int]
  /// What a worker's share of instances takes however many it has.
  package let share: TaskMemory

  /// Collects the parts; without `counts`, all instances are the first circuit's.
  package init(
    instances: [Demand], matrices: [Demand], counts: [Int]? = nil, share: TaskMemory = .none
  ) {
    self.instances = instances
    self.matrices = matrices
    self.counts = counts ?? [instances.count]
    self.share = share
  }

  /// The most that a worker needs for one instance or for one circuit's matrices, in bytes, while it computes.
  package var largestPart: Int {
    max(
      instances.map { ($0.memory + share).total }.max() ?? 0,
      matrices.map(\.memory.total).max() ?? 0)
  }

  /// What the shares keep between their rounds, on however many workers.
  package var heldBytes: Int { (instances + matrices).reduce(share.held) { $0 + $1.memory.held } }
}
