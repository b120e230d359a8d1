import Glibc
import Synchronization
import Wire

/// Writes down what the tasks of one job take, for whoever wants to know what limits it.
///
/// Called from the job's queue, and from the sessions where an answer arrives.
package final class JobTracer: Sendable {
  private struct Request {
    var asked: Double
    var bytes: Int
  }

  private struct Place: Hashable {
    let task: TaskID
    let worker: WorkerID
  }

  private struct State {
    var trace = JobTrace()
    var places: [TaskID: Int] = [:]
    var workers: [WorkerID: Int] = [:]
    /// Bytes of assignments whose first request has not been sent yet.
    var assigned: [Place: Int] = [:]
    var open: [Place: Request] = [:]
    var arrived: [Place: Double] = [:]
    /// Fetches by task and worker, as places in the trace.
    var fetches: [Place: Int] = [:]
  }

  private let state = Mutex(State())
  private let began: Double
  private let cpuBefore: Double

  /// The job begins at the time `now`, on the clock that all calls are on.
  package init(at now: Double) {
    began = now
    cpuBefore = Self.cpuSeconds
  }

  /// What was written down so far.
  package var trace: JobTrace { state.withLock { $0.trace } }

  /// A stage began.
  package func begin(_ stage: JobStage, at now: Double) {
    let cpu = Self.cpuSeconds - cpuBefore
    state.withLock {
      $0.trace.marks.append(
        JobTrace.Mark(stage: stage, time: now - began, cpuSeconds: max(0, cpu)))
    }
  }

  /// The job is planned.
  package func plan(keys: [Demand], groups: [GroupDemand], circuits: [Set<Int>]) {
    state.withLock {
      ($0.trace.keys, $0.trace.groups) = (keys, groups)
      $0.trace.circuitsOfGroups = circuits.map { $0.sorted() }
    }
  }

  /// A task is on the board.
  package func add(_ id: TaskID, _ task: JobTrace.Task) {
    state.withLock { state in
      guard state.trace.tasks.count < JobTrace.longest else { return }
      state.places[id] = state.trace.tasks.count
      state.trace.tasks.append(task)
    }
  }

  /// A worker is given a task in so many bytes; the first request follows.
  package func assign(_ task: TaskID, to worker: JobTrace.Worker, bytes: Int) {
    state.withLock { state in
      if state.workers[worker.id] == nil {
        state.workers[worker.id] = state.trace.workers.count
        state.trace.workers.append(worker)
      }
      state.assigned[Place(task: task, worker: worker.id)] = bytes
    }
  }

  /// A worker is asked for an answer.
  package func ask(_ task: TaskID, of worker: WorkerID, bytes: Int, at now: Double) {
    let place = Place(task: task, worker: worker)
    state.withLock { state in
      let before = state.assigned.removeValue(forKey: place) ?? 0
      state.open[place] = Request(asked: now, bytes: before + bytes)
    }
  }

  /// An answer came in; it may wait until the job's queue takes it.
  package func arrive(_ task: TaskID, from worker: WorkerID, at now: Double) {
    let place = Place(task: task, worker: worker)
    state.withLock { state in
      if state.open[place] != nil, state.arrived[place] == nil { state.arrived[place] = now }
    }
  }

  /// An answer of so many bytes was taken, which took the coordinator so many seconds.
  package func take(
    _ task: TaskID, from worker: WorkerID, step: UInt8, bytes: Int, handled: Double, at now: Double
  ) {
    let place = Place(task: task, worker: worker)
    state.withLock { state in
      let arrived = state.arrived.removeValue(forKey: place) ?? now - handled
      guard let request = state.open.removeValue(forKey: place),
        let number = state.places[task], let name = state.workers[worker]
      else { return }
      guard state.trace.answers.count < JobTrace.longest else {
        state.trace.missing += 1
        return
      }
      state.trace.answers.append(
        JobTrace.Answer(
          task: number, worker: name, step: Int(step), asked: request.asked - began,
          answered: arrived - began, handled: handled, bytesAsked: request.bytes,
          bytesAnswered: bytes))
    }
  }

  /// A worker is sent so many bytes of an artifact that a task of its names.
  package func fetch(_ task: TaskID, by worker: WorkerID, bytes: UInt64, at now: Double) {
    let place = Place(task: task, worker: worker)
    state.withLock { state in
      guard let number = state.places[task], let name = state.workers[worker] else { return }
      if let known = state.fetches[place] {
        state.trace.fetches[known].ended = now - began
        state.trace.fetches[known].bytes += bytes
        return
      }
      guard state.trace.fetches.count < JobTrace.longest else {
        state.trace.missing += 1
        return
      }
      state.fetches[place] = state.trace.fetches.count
      state.trace.fetches.append(
        JobTrace.Fetch(
          task: number, worker: name, began: now - began, ended: now - began, bytes: bytes))
    }
  }

  /// Processor seconds of this process and of its children that have ended.
  private static var cpuSeconds: Double {
    [RUSAGE_SELF, RUSAGE_CHILDREN].reduce(0) { sum, who in
      var usage = rusage()
      guard getrusage(who.rawValue, &usage) == 0 else { return sum }
      return sum + Double(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec)
        + Double(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6
    }
  }
}
