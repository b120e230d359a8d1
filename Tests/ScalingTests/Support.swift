import Coordinator
import Scaling
import Varuna

/// A trace by hand: planning to 2 s, keys to 4 s, a proof to 10 s, the document to 11 s.
func sampleTrace(names: [String] = ["a", "b"]) -> JobTrace {
  var trace = JobTrace()
  trace.marks = [
    JobTrace.Mark(stage: .submitted, time: 0, cpuSeconds: 0),
    JobTrace.Mark(stage: .planning, time: 0.5, cpuSeconds: 0.1),
    JobTrace.Mark(stage: .indexing, time: 2, cpuSeconds: 1.5),
    JobTrace.Mark(stage: .proving, time: 4, cpuSeconds: 1.6),
    JobTrace.Mark(stage: .verifying, time: 10, cpuSeconds: 2),
    JobTrace.Mark(stage: .done, time: 11, cpuSeconds: 3),
  ]
  trace.workers = names.map { JobTrace.Worker(id: $0, name: $0, threads: 1, memory: 1 << 30) }
  trace.tasks = [
    JobTrace.Task(kind: .key, group: nil, number: 0, instances: 0, cost: 1),
    JobTrace.Task(kind: .instances, group: 0, number: 0, instances: 2, cost: 2),
    JobTrace.Task(kind: .matrix, group: 0, number: 0, instances: 0, cost: 1),
  ]
  trace.answers = [
    answer(0, by: 0, step: 0, 2, 3.5, handled: 0.5),
    answer(1, by: 0, step: 1, 4, 6),
    answer(1, by: 0, step: 5, 6.5, 7),
    answer(2, by: 1, step: 5, 6.5, 9),
  ]
  trace.fetches = [JobTrace.Fetch(task: 1, worker: 0, began: 4, ended: 4.5, bytes: 1000)]
  trace.keys = [Demand(cost: 1, memory: TaskMemory(held: 1))]
  trace.groups = [
    GroupDemand(
      instances: [Demand](repeating: Demand(cost: 1, memory: TaskMemory(held: 1)), count: 2),
      matrices: [Demand(cost: 1, memory: TaskMemory(held: 1))], counts: [2])
  ]
  trace.circuitsOfGroups = [[0]]
  return trace
}

func answer(
  _ task: Int, by worker: Int, step: Int, _ asked: Double, _ answered: Double, handled: Double = 0
) -> JobTrace.Answer {
  JobTrace.Answer(
    task: task, worker: worker, step: step, asked: asked, answered: answered, handled: handled,
    bytesAsked: 100, bytesAnswered: 50)
}

/// A report with one run for each number of workers, which took so many seconds.
func sampleReport(_ walls: [(workers: Int, seconds: Double)]) -> ScalingReport {
  var report = ScalingReport(
    model: "m.onnx", coordinator: "127.0.0.1:1", version: "1", began: 0, pool: [], unavailable: [])
  for (workers, seconds) in walls {
    report.add(
      ScalingReport.Run(
        workers: workers, keys: .warm, wall: seconds, chunks: 4, circuits: 2,
        trace: sampleTrace()))
  }
  return report
}
