import Coordinator
import Scaling
import Testing
import Varuna

@Suite struct SimulatorTests {
  /// So many instances of one circuit, each of a predicted second.
  private func workload(_ instances: Int, circuits: Int = 1) -> Workload {
    let need = Demand(cost: 1, memory: TaskMemory(held: 1 << 20))
    return Workload(
      workers: 1, keys: [Demand](repeating: need, count: circuits),
      groups: [
        GroupDemand(
          instances: [Demand](repeating: need, count: instances),
          matrices: [Demand](repeating: need, count: circuits),
          counts: [instances - circuits + 1] + [Int](repeating: 1, count: circuits - 1))
      ], circuitsOfGroups: [Array(0..<circuits)], planning: 2, verifying: 0.5)
  }

  /// Every step takes an eighth of what is predicted for a task, messages and coordinator nothing.
  private var costs: MeasuredCosts {
    var costs = MeasuredCosts([])
    for kind in [JobTrace.Task.Kind.instances, .matrix] {
      for step in ShareStep.allCases {
        costs.steps[MeasuredCosts.Place(kind, Int(step.rawValue))] = LineFit([(8, 1)])
      }
    }
    costs.steps[MeasuredCosts.Place(.key, 0)] = LineFit([(1, 1)])
    return costs
  }

  private func cluster(_ workers: Int, threads: Int = 1, roundTrip: Double = 0) -> SimulatedCluster
  {
    SimulatedCluster(
      workers: workers, threads: threads, memory: 1 << 30, roundTrip: roundTrip, rate: nil)
  }

  private func wall(
    _ workload: Workload, _ costs: MeasuredCosts, _ cluster: SimulatedCluster,
    _ keys: ScalingReport.Keys = .warm
  ) -> Double {
    let outcome = Simulator.run(workload, costs, on: cluster, keys: keys)
    #expect(outcome.failure == nil)
    return outcome.trace.marks.last!.time
  }

  @Test func oneWorkerDoesEverythingOneAfterTheOther() {
    // Six steps of 16 instances and four of a matrix, an eighth each.
    #expect(abs(wall(workload(16), costs, cluster(1)) - (2 + 12 + 0.5 + 0.5)) < 1e-9)
    #expect(abs(wall(workload(16), costs, cluster(1), .cold) - (2 + 1 + 12 + 0.5 + 0.5)) < 1e-9)
  }

  @Test func workIsDividedAndRoundsWaitForTheSlowest() {
    // The matrix is beside eight instances in two of its steps, and alone in two.
    let four = wall(workload(16), costs, cluster(4))
    #expect(four > 2 + 3 + 0.5 && four < 2 + 3 + 0.5 + 0.5 + 1e-9)
    var last = Double.infinity
    for workers in [1, 2, 4, 8, 16] {
      let now = wall(workload(16), costs, cluster(workers))
      #expect(now < last)
      last = now
    }
    // Then the matrix has a worker of its own, and that is all that more of them bring.
    #expect(abs(wall(workload(16), costs, cluster(300)) - (last - 0.25)) < 1e-9)
  }

  @Test func everyRoundTakesARoundTrip() {
    let near = wall(workload(4), costs, cluster(4))
    let far = wall(workload(4), costs, cluster(4, roundTrip: 0.1))
    // Eight rounds, and what is fetched and sent before the first.
    #expect(far - near > 0.79 && far - near < 1.3)
  }

  @Test func theCoordinatorsQueueCosts() {
    var slow = costs
    slow.handling = 0.1
    let one = wall(workload(1), costs, cluster(1))
    // Ten answers in eight rounds: where there are two, one is looked at while the other one is computed.
    #expect(abs(wall(workload(1), slow, cluster(1)) - one - 0.8) < 1e-9)
  }

  @Test func moreThreadsAreUsedBySeveralSteps() {
    let one = wall(workload(8, circuits: 8), costs, cluster(1))
    let two = wall(workload(8, circuits: 8), costs, cluster(1, threads: 2))
    #expect(two < one)
  }

  @Test func equalQuestionsHaveEqualAnswers() {
    let first = Simulator.run(workload(40, circuits: 3), costs, on: cluster(7), keys: .cold)
    #expect(Simulator.run(workload(40, circuits: 3), costs, on: cluster(7), keys: .cold) == first)
    #expect(first.trace.isSound && first.failure == nil && first.looks > 0)
  }

  @Test func aThousandWorkersAreSimulated() {
    let outcome = Simulator.run(workload(3000, circuits: 20), costs, on: cluster(1024), keys: .cold)
    #expect(outcome.failure == nil)
    #expect(RunFigures(outcome.trace).workers.count { $0.answers > 0 } == 1024)
  }

  @Test func whatFitsNobodyEndsTheSimulation() {
    var tight = cluster(2)
    tight.memory = 1 << 10
    let outcome = Simulator.run(workload(2), costs, on: tight, keys: .warm)
    #expect(outcome.failure?.contains("keeps about") == true, "\(outcome.failure ?? "")")
  }

  @Test func costsOfASimulatedRunGiveTheRunAgain() {
    var real = costs
    (real.handling, real.turn, real.posting) = (0.002, 0.01, 0.001)
    (real.beginning, real.finishing) = (0.05, 0.2)
    let cluster = cluster(3, roundTrip: 0.02)
    let runs = ScalingReport.Keys.allCases.map { keys in
      ScalingReport.Run(
        workers: 3, keys: keys, wall: 1, chunks: 24, circuits: 4,
        trace: Simulator.run(workload(24, circuits: 4), real, on: cluster, keys: keys).trace)
    }
    var report = ScalingReport(
      model: "m", coordinator: "", version: "", began: 0, pool: [], unavailable: [])
    for run in runs { report.add(run) }
    let answer = SimulationReport(report, SimulationReport.Question(workers: [3, 6]))
    #expect(answer?.lines.count == 4)
    for line in answer?.lines ?? [] {
      #expect((line.measured == nil) == (line.workers == 6))
      #expect(abs(line.difference ?? 0) < 0.05, "\(line)")
      #expect(line.planWorkers == 3)
    }
    #expect(answer?.text.contains("as measured") == true)
  }

  @Test func aReportWithoutRunsTellsNothing() {
    let report = ScalingReport(
      model: "m", coordinator: "", version: "", began: 0, pool: [], unavailable: [])
    #expect(SimulationReport(report, SimulationReport.Question(workers: [1])) == nil)
    var question = SimulationReport.Question(workers: [1])
    question.calibration = [5]
    #expect(SimulationReport(sampleReport([(2, 3)]), question) == nil)
  }

  @Test func linesGoThroughTheirPoints() {
    let line = LineFit([(1, 3), (2, 5), (4, 9)])
    #expect(abs(line.constant - 1) < 1e-9 && abs(line.slope - 2) < 1e-9)
    #expect(LineFit([(2, 4), (2, 6)]).value(4) == 10)
    #expect(LineFit([(1, 5), (2, 3)]).value(100) == 4)
    #expect(LineFit([(1, 0), (2, 3)]).constant == 0)
    #expect(LineFit.none.value(7) == 0)
  }

  @Test func linesOfANetworkHaveUnits() {
    #expect(LinkUnits.seconds("5ms") == 0.005 && LinkUnits.seconds("0") == 0)
    #expect(LinkUnits.seconds("2s") == 2 && LinkUnits.bytesPerSecond("100mbit") == 12_500_000)
    for word in ["", "5", "ms", "-5ms", "5 ms", "nanms", "1e5ms", "5mm"] {
      #expect(LinkUnits.seconds(word) == nil, "\(word)")
    }
    #expect(LinkUnits.bytesPerSecond("0mbit") == nil && LinkUnits.bytesPerSecond("none") == nil)
  }
}
