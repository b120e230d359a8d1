import Coordinator

/// What is to be proven in a simulation: a plan's needs, and what its coordinator does alone.
package struct Workload: Equatable, Sendable {
  /// For how many workers it was cut.
  package var workers: Int
  package var keys: [Demand]
  package var groups: [GroupDemand]
  /// The circuits of every group, as places in `keys`.
  package var circuitsOfGroups: [[Int]]
  /// Seconds of planning and of checking the document.
  package var planning, verifying: Double

  /// Collects the fields.
  package init(
    workers: Int, keys: [Demand], groups: [GroupDemand], circuitsOfGroups: [[Int]],
    planning: Double, verifying: Double
  ) {
    (self.workers, self.keys, self.groups) = (workers, keys, groups)
    self.circuitsOfGroups = circuitsOfGroups
    (self.planning, self.verifying) = (planning, verifying)
  }

  /// The plans that runs were about, by their numbers of workers, fewest first.
  package static func list(_ runs: [ScalingReport.Run]) -> [Workload] {
    Dictionary(grouping: runs, by: \.workers).sorted { $0.key < $1.key }.compactMap {
      workers, runs in
      guard let trace = runs.map(\.trace).first(where: { !$0.groups.isEmpty }) else { return nil }
      return Workload(
        workers: workers, keys: trace.keys, groups: trace.groups,
        circuitsOfGroups: trace.circuitsOfGroups,
        planning: median(runs.map { $0.figures.seconds(.planning) }),
        verifying: median(runs.map { $0.figures.seconds(.verifying) }))
    }
  }

  /// The plan that so many workers would have most use for: of those that were cut for no more, the one for most.
  package static func best(of list: [Workload], for workers: Int) -> Workload? {
    list.last { $0.workers <= workers } ?? list.first
  }

  /// Instances and matrices of all groups: more workers than the larger of both have nothing to do.
  package var parts: (instances: Int, matrices: Int) {
    groups.reduce((0, 0)) { ($0.0 + $1.instances.count, $0.1 + $1.matrices.count) }
  }
}

/// The machines of a simulation, all alike.
package struct SimulatedCluster: Equatable, Sendable {
  package var workers: Int
  package var threads: Int
  /// Bytes of memory of each.
  package var memory: UInt64
  /// Seconds from the coordinator to a worker and back.
  package var roundTrip: Double
  /// Bytes per second of each worker's line, each way; nil: messages take no time beside the round trip.
  package var rate: Double?

  /// Collects the fields.
  package init(workers: Int, threads: Int, memory: UInt64, roundTrip: Double, rate: Double?) {
    (self.workers, self.threads, self.memory) = (workers, threads, memory)
    (self.roundTrip, self.rate) = (roundTrip, rate)
  }

  /// Seconds that so many bytes take one way.
  func seconds(_ bytes: Double) -> Double { roundTrip / 2 + (rate.map { bytes / $0 } ?? 0) }
}
