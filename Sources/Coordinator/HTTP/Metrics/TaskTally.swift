/// What became of tasks, and what went wrong with workers, since this process began. Pure.
///
/// Fed with the board's actions; counts only grow, whichever workers are forgotten meanwhile.
struct TaskTally: Sendable {
  /// How an attempt at a task ended.
  enum Outcome: String, Sendable, CaseIterable {
    case done
    /// Another worker was faster.
    case superseded
    /// Nobody wants the answer any more.
    case withdrawn
    case stalled
    case lied
    /// The worker failed, was lost or left.
    case interrupted

    /// By the words that the record of attempts has for it.
    init(_ words: String) {
      self =
        switch words {
        case "done": .done
        case "another worker was faster": .superseded
        case "taken back", "the job ended", "the task failed": .withdrawn
        case _ where words.hasPrefix("stalled"): .stalled
        case _ where words.hasPrefix("lied"): .lied
        default: .interrupted
        }
    }
  }

  /// What is counted together.
  struct Kind: Hashable, Sendable {
    let work: Work
    let outcome: Outcome
  }

  /// What a task is.
  enum Work: String, Sendable, CaseIterable {
    case key, share

    init(_ kind: BoardTask.Kind) { self = kind == .index ? .key : .share }
  }

  private struct Attempt: Hashable {
    let task: TaskID
    let worker: WorkerID
  }

  private var open: [Attempt: (work: Work, began: Double)] = [:]
  private var known: [WorkerID: WorkerHealth] = [:]
  /// Attempts that ended.
  private(set) var attempts: [Kind: Int] = [:]
  /// Seconds that they took together, by what became of them.
  private(set) var seconds: [Kind: Double] = [:]
  /// Troubles of workers since this process began.
  private(set) var failures = 0
  private(set) var stalls = 0
  private(set) var losses = 0
  private(set) var lies = 0

  /// What was known of workers before.
  mutating func begin(with health: [WorkerID: WorkerHealth]) { known.merge(health) { $1 } }

  /// The board decided something; `kind` says what its tasks are.
  mutating func note(
    _ action: TaskBoard.Action, at now: Double, kind: (TaskID) -> BoardTask.Kind?
  ) {
    switch action {
    case .assign(let task, let worker), .shadow(let task, let worker):
      guard let kind = kind(task) else { return }
      open[Attempt(task: task, worker: worker)] = (Work(kind), now)
    case .ended(let task, let worker, let words):
      guard let attempt = open.removeValue(forKey: Attempt(task: task, worker: worker)) else {
        return
      }
      let kind = Kind(work: attempt.work, outcome: Outcome(words))
      attempts[kind, default: 0] += 1
      seconds[kind, default: 0] += now - attempt.began
    case .remember(let worker, let health):
      let before = known[worker] ?? WorkerHealth()
      failures += max(0, health.failures - before.failures)
      stalls += max(0, health.stalls - before.stalls)
      losses += max(0, health.losses - before.losses)
      lies += max(0, health.lies - before.lies)
      known[worker] = health
    default: break
    }
  }

  /// A worker is forgotten; what it did stays counted.
  mutating func forget(_ worker: WorkerID) { known[worker] = nil }
}
