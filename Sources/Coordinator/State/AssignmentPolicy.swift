import Model
import Varuna

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
  /// The worker for one task, among workers that may have it; nil if it fits none of them now.
  func choose(_ demand: Demand, among workers: [WorkerView]) -> WorkerID?

  /// Divides a group among at most `limit` workers; nil if it does not fit them now.
  ///
  /// A group is placed whole or not at all: its shares wait for each other in every round.
  func divide(_ group: GroupDemand, among workers: [WorkerView], limit: Int?) -> Division?
}

/// Longest work first, each to the worker that would finish it first, memory permitting.
///
/// This is Graham's LPT rule on machines of different speed (threads, and what was measured): at most 4/3 of the best makespan on equal
/// machines. Instances and matrices are balanced one after the other, because so they work: matrices begin when the
/// instances' rounds are nearly over. Where the rule finds no room, memory alone decides, as it did when the plan was cut.
package struct BalancedPolicy: AssignmentPolicy {
  /// The part of an instance's work that falls into the rounds of the matrices: its openings.
  private static let overlap = 0.25

  /// The default policy.
  package init() {}

  package func choose(_ demand: Demand, among workers: [WorkerView]) -> WorkerID? {
    workers.filter { $0.fits(demand.memory) }.min { earlier($0, $1, demand.cost) }?.id
  }

  package func divide(
    _ group: GroupDemand, among workers: [WorkerView], limit: Int?
  ) -> Division? {
    let views = best(workers, limit: limit)
    if views.isEmpty { return nil }
    return balanced(group, views) ?? packed(group, views) ?? packed(group, workers)
  }

  private func balanced(_ group: GroupDemand, _ workers: [WorkerView]) -> Division? {
    var places = EarliestPlaces(workers)
    var members = [[Int]](repeating: [], count: workers.count)
    for index in longestFirst(group.instances) {
      guard let place = places.take(group.instances[index], share: group.share) else { return nil }
      members[place].append(index)
    }
    places.keep(part: Self.overlap)
    var matrices = [WorkerID](repeating: "", count: group.matrices.count)
    for index in longestFirst(group.matrices) {
      guard let place = places.take(group.matrices[index]) else { return nil }
      matrices[index] = workers[place].id
    }
    return Division(instances: shares(members, workers), matrices: matrices)
  }

  private func packed(_ group: GroupDemand, _ workers: [WorkerView]) -> Division? {
    // What shares keep adds up, wherever they are.
    let offered = workers.reduce(0.0) { $0 + Double($1.memory) }
    if Double(group.heldBytes) > offered { return nil }
    var bins = MemoryBins(workers.map { (Int(clamping: $0.memory), $0.used) })
    var members = [[Int]](repeating: [], count: workers.count)
    var matrices: [WorkerID] = []
    var next = 0
    for circuit in 0..<max(group.matrices.count, group.counts.count) {
      if circuit < group.matrices.count {
        guard let place = bins.place(group.matrices[circuit].memory) else { return nil }
        matrices.append(workers[place].id)
      }
      for _ in 0..<(circuit < group.counts.count ? group.counts[circuit] : 0) {
        guard let place = bins.place(group.instances[next].memory, share: group.share)
        else { return nil }
        members[place].append(next)
        next += 1
      }
    }
    return Division(instances: shares(members, workers), matrices: matrices)
  }

  private func shares(_ members: [[Int]], _ workers: [WorkerView]) -> [Division.Share] {
    zip(workers, members).compactMap { worker, members in
      members.isEmpty ? nil : Division.Share(worker: worker.id, members: members.sorted())
    }
  }

  private func longestFirst(_ demands: [Demand]) -> [Int] {
    demands.indices.sorted { (demands[$1].cost, $0) < (demands[$0].cost, $1) }
  }

  private func best(_ workers: [WorkerView], limit: Int?) -> [WorkerView] {
    let ordered = workers.sorted { earlier($0, $1, 0) }
    return Array(ordered.prefix(limit.map { max(1, $0) } ?? ordered.count))
  }

  private func earlier(_ a: WorkerView, _ b: WorkerView, _ cost: Double) -> Bool {
    let endA = a.load + a.seconds(cost)
    let endB = b.load + b.seconds(cost)
    return (endA, -a.threads, a.id) < (endB, -b.threads, b.id)
  }
}
