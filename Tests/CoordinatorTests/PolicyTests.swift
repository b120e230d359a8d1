import Coordinator
import TestSupport
import Testing
import Varuna

@Suite struct PolicyTests {
  let policy = BalancedPolicy()

  private func workers(_ threads: [Int], memory: UInt64 = 1000) -> [WorkerView] {
    threads.enumerated().map {
      WorkerView(id: "w\($0.offset)", threads: $0.element, memory: memory)
    }
  }

  @Test func everyInstanceIsInExactlyOneShare() throws {
    for count in 1...12 {
      let instances = (0..<count).map {
        Demand(cost: Double(1 + $0 % 5), memory: TaskMemory(held: 1))
      }
      let division = try #require(
        policy.divide(
          GroupDemand(
            instances: instances, matrices: [Demand(cost: 2, memory: TaskMemory(held: 1))]),
          among: workers([1, 2, 4]), limit: nil))
      #expect(division.instances.flatMap(\.members).sorted() == Array(0..<count))
      #expect(division.instances.allSatisfy { !$0.members.isEmpty })
      #expect(division.matrices.count == 1)
    }
  }

  @Test func predictedTimesAreBalanced() throws {
    let instances = [8, 7, 6, 5, 4, 3, 2, 1].map { Demand(cost: $0, memory: TaskMemory(held: 1)) }
    let division = try #require(
      policy.divide(
        GroupDemand(instances: instances, matrices: []), among: workers([1, 1]), limit: nil))
    let loads = division.instances.map { $0.members.reduce(0) { $0 + instances[$1].cost } }
    #expect(loads == [18, 18])
  }

  @Test func moreThreadsGetMoreWork() throws {
    let instances = [Demand](repeating: Demand(cost: 1, memory: TaskMemory(held: 1)), count: 6)
    let division = try #require(
      policy.divide(
        GroupDemand(instances: instances, matrices: []), among: workers([1, 5]), limit: nil))
    #expect(
      Dictionary(uniqueKeysWithValues: division.instances.map { ($0.worker, $0.members.count) })
        == ["w0": 1, "w1": 5])
  }

  @Test func aBusyWorkerGetsLess() throws {
    var views = workers([1, 1])
    views[0].take(Demand(cost: 10, memory: .none))
    let instances = [Demand](repeating: Demand(cost: 1, memory: TaskMemory(held: 1)), count: 4)
    let division = try #require(
      policy.divide(GroupDemand(instances: instances, matrices: []), among: views, limit: nil))
    #expect(division.instances == [Division.Share(worker: "w1", members: [0, 1, 2, 3])])
  }

  @Test func memoryComesBeforeBalance() throws {
    var views = workers([1, 1], memory: 10)
    views[0].take(Demand(cost: 0, memory: TaskMemory(held: 9)))
    let instances = [Demand](repeating: Demand(cost: 1, memory: TaskMemory(held: 4)), count: 2)
    let division = try #require(
      policy.divide(GroupDemand(instances: instances, matrices: []), among: views, limit: nil))
    #expect(division.instances == [Division.Share(worker: "w1", members: [0, 1])])
    #expect(policy.choose(Demand(cost: 1, memory: TaskMemory(held: 100)), among: views) == nil)
  }

  @Test func aGroupIsPlacedWholeOrNotAtAll() {
    let instances = [Demand](
      repeating: Demand(cost: 1, memory: TaskMemory(held: 4, step: 2)), count: 3)
    func divide(_ memory: UInt64, share: Int = 0) -> Division? {
      policy.divide(
        GroupDemand(instances: instances, matrices: [], share: TaskMemory(held: share)),
        among: workers([1, 1], memory: memory), limit: nil)
    }
    // The steps of a worker's tasks take turns, what is held adds up.
    #expect(divide(10)?.instances.map(\.members.count) == [2, 1])
    #expect(divide(9) == nil)
    #expect(divide(10, share: 1) == nil)
    #expect(divide(11, share: 1) != nil)
  }

  @Test func memoryDecidesWhereBalanceFindsNoRoom() throws {
    // By time, the instances go to different workers, and then the matrices fit neither.
    let instances = [4, 3, 1].map { Demand(cost: Double($0), memory: TaskMemory(held: $0)) }
    let group = GroupDemand(
      instances: instances, matrices: [Demand(cost: 9, memory: TaskMemory(held: 6))])
    let division = try #require(
      policy.divide(group, among: workers([1, 1], memory: 8), limit: nil))
    #expect(division.matrices == ["w0"])
    #expect(division.instances.flatMap(\.members).sorted() == [0, 1, 2])
  }

  @Test func workersBeyondTheLimitHelpWhereMemoryIsShort() {
    let instances = [Demand](repeating: Demand(cost: 1, memory: TaskMemory(held: 4)), count: 4)
    let group = GroupDemand(instances: instances, matrices: [])
    let division = policy.divide(group, among: workers([1, 1, 1, 1], memory: 4), limit: 2)
    #expect(division?.instances.count == 4)
  }

  @Test func theNumberOfWorkersIsLimited() throws {
    let instances = [Demand](repeating: Demand(cost: 1, memory: TaskMemory(held: 1)), count: 9)
    let division = try #require(
      policy.divide(
        GroupDemand(instances: instances, matrices: instances), among: workers([1, 1, 1, 1]),
        limit: 2))
    #expect(Set(division.instances.map(\.worker) + division.matrices).count == 2)
  }

  @Test func withoutWorkersThereIsNoDivision() {
    #expect(policy.divide(GroupDemand(instances: [], matrices: []), among: [], limit: nil) == nil)
    #expect(policy.choose(Demand(cost: 1, memory: TaskMemory(held: 1)), among: []) == nil)
  }

  /// The rule as it is said: each instance, longest first, to the worker that would end it first; then the matrices.
  private func divided(_ group: GroupDemand, _ workers: [WorkerView]) -> Division? {
    func earlier(_ a: WorkerView, _ b: WorkerView, _ cost: Double) -> Bool {
      (a.load + a.seconds(cost), -a.threads, a.id) < (b.load + b.seconds(cost), -b.threads, b.id)
    }
    func order(_ demands: [Demand]) -> [Int] {
      demands.indices.sorted { (demands[$1].cost, $0) < (demands[$0].cost, $1) }
    }
    func first(_ demand: Demand, _ views: [WorkerView], _ need: (Int) -> TaskMemory) -> Int? {
      views.indices.filter { views[$0].fits(need($0)) }
        .min { earlier(views[$0], views[$1], demand.cost) }
    }
    var views = workers.sorted { earlier($0, $1, 0) }
    let before = views.map(\.load)
    var members = [[Int]](repeating: [], count: views.count)
    for index in order(group.instances) {
      let demand = group.instances[index]
      func need(_ place: Int) -> TaskMemory {
        members[place].isEmpty ? demand.memory + group.share : demand.memory
      }
      guard let place = first(demand, views, need) else { return nil }
      views[place].take(Demand(cost: demand.cost, memory: need(place)))
      members[place].append(index)
    }
    for place in views.indices {
      views[place].load = before[place] + 0.25 * (views[place].load - before[place])
    }
    var matrices = [WorkerID](repeating: "", count: group.matrices.count)
    for index in order(group.matrices) {
      let demand = group.matrices[index]
      guard let place = first(demand, views, { _ in demand.memory }) else { return nil }
      views[place].take(demand)
      matrices[index] = views[place].id
    }
    return Division(
      instances: zip(views, members).compactMap {
        $1.isEmpty ? nil : Division.Share(worker: $0.id, members: $1.sorted())
      }, matrices: matrices)
  }

  /// A heap finds whom a look at everybody would find.
  @Test(arguments: 0..<50) func divisionsFollowTheRule(seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    let views = (0..<Int.random(in: 1...9, using: &random)).map { number in
      WorkerView(
        id: "w\(number)", threads: .random(in: 1...3, using: &random),
        memory: .random(in: 20...60, using: &random),
        used: TaskMemory(held: .random(in: 0...9, using: &random)),
        load: .random(in: 0...3, using: &random), speed: [0.5, 1].randomElement(using: &random)!)
    }
    let circuits = (0..<Int.random(in: 1...4, using: &random)).map { _ in
      (
        count: Int.random(in: 1...12, using: &random),
        demand: Demand(
          cost: Double(Int.random(in: 1...4, using: &random)),
          memory: TaskMemory(
            held: .random(in: 0...6, using: &random), step: .random(in: 0...6, using: &random)))
      )
    }
    let group = GroupDemand(
      instances: circuits.flatMap { [Demand](repeating: $0.demand, count: $0.count) },
      matrices: circuits.map(\.demand), counts: circuits.map(\.count),
      share: TaskMemory(held: 2, step: 3))
    if let division = divided(group, views) {
      #expect(policy.divide(group, among: views, limit: nil) == division, "seed \(seed)")
    }
  }
}
