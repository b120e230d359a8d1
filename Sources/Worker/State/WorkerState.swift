import Wire

/// The worker's side of the task protocol: event in, actions out; no clock, no socket, no computing.
///
/// A task is prepared, then answers its steps one after the other; steps that arrive early wait in order. Work that
/// belongs to a task that was released meanwhile is thrown away when it ends.
package struct WorkerState: Sendable {
  /// Tasks of different connections never have equal keys, although the coordinator may reuse its ids.
  package struct TaskKey: Hashable, Sendable {
    /// Counts the connections.
    package let session: Int
    /// The coordinator's id.
    package let id: UInt64
  }

  /// Something that happened.
  package enum Event: Equatable, Sendable {
    /// The coordinator admitted this worker.
    case connected
    /// The connection is gone, whoever ended it.
    case disconnected
    /// A message about tasks or the session.
    case message(Message)
    /// A task is ready for steps, or finished if there is a result.
    case prepared(TaskKey, result: [UInt8]?)
    /// A step is answered.
    case answered(TaskKey, step: UInt8, payload: [UInt8])
    /// A task cannot go on.
    case failed(TaskKey, TaskFailure)
    /// The operator wants this worker to end without losing work.
    case drainRequested
  }

  /// Something to do.
  package enum Action: Equatable, Sendable {
    case send(Message)
    /// Fetch what the task needs and build it.
    case prepare(TaskKey, TaskKind)
    /// Answer a step; the task is prepared and idle.
    case answer(TaskKey, step: UInt8, payload: [UInt8])
    /// Forget the task as soon as it is idle.
    case drop(TaskKey)
    /// Say goodbye was sent; close the connection and reconnect only if `final` is false.
    case close(final: Bool)
  }

  private enum Phase: Equatable, Sendable {
    case preparing
    case idle
    case answering(UInt8)
  }

  private struct Task: Equatable, Sendable {
    var phase = Phase.preparing
    var waiting: [(step: UInt8, payload: [UInt8])] = []

    static func == (a: Task, b: Task) -> Bool {
      a.phase == b.phase && a.waiting.count == b.waiting.count
    }
  }

  /// The most tasks that a coordinator may give to this worker at once.
  package static let taskLimit = 256
  /// The most steps that may wait for one task; a share has far fewer rounds.
  package static let waitingLimit = 32

  private var tasks: [TaskKey: Task] = [:]
  private var session = 0
  private var isConnected = false
  /// Whether the worker takes no new tasks.
  package private(set) var isDraining = false

  /// A worker that is not connected.
  package init() {}

  /// Tasks held now.
  package var taskCount: Int { tasks.count }

  /// Takes an event and returns what follows from it, in order.
  package mutating func handle(_ event: Event) -> [Action] {
    switch event {
    case .connected:
      session += 1
      isConnected = true
      return isDraining ? [.send(.drain)] + endIfDrained() : []
    case .disconnected:
      isConnected = false
      defer { tasks.removeAll() }
      return tasks.keys.sorted { $0.id < $1.id }.map { .drop($0) }
    case .message(let message): return receive(message)
    case .prepared(let key, let result): return prepared(key, result)
    case .answered(let key, let step, let payload):
      guard tasks[key]?.phase == .answering(step) else { return [] }
      tasks[key]?.phase = .idle
      return [.send(.stepReply(taskID: key.id, step: step, payload: payload))] + proceed(key)
    case .failed(let key, let failure):
      guard tasks.removeValue(forKey: key) != nil else { return [] }
      return [.send(.failed(taskID: key.id, failure)), .drop(key)] + endIfDrained()
    case .drainRequested:
      guard !isDraining else { return [] }
      isDraining = true
      return isConnected ? [.send(.drain)] + endIfDrained() : [.close(final: true)]
    }
  }

  private mutating func receive(_ message: Message) -> [Action] {
    switch message {
    case .assign(let id, let kind): return assign(TaskKey(session: session, id: id), kind)
    case .step(let id, let step, let payload):
      let key = TaskKey(session: session, id: id)
      guard let task = tasks[key] else { return [] }
      guard task.waiting.count < Self.waitingLimit else {
        return abandon(key, "protocol", "too many steps at once")
      }
      tasks[key]?.waiting.append((step, payload))
      return proceed(key)
    case .release(let id):
      let key = TaskKey(session: session, id: id)
      guard tasks.removeValue(forKey: key) != nil else { return [] }
      return [.drop(key)] + endIfDrained()
    case .drain:
      isDraining = true
      return endIfDrained()
    case .goodbye: return [.close(final: false)]
    default: return []
    }
  }

  private mutating func assign(_ key: TaskKey, _ kind: TaskKind) -> [Action] {
    if tasks[key] != nil { return abandon(key, "protocol", "the task was assigned twice") }
    func refuse(_ code: String, _ text: String) -> [Action] {
      [.send(.failed(taskID: key.id, TaskFailure(code: code, text: text, retryable: true)))]
    }
    if isDraining { return refuse("draining", "this worker takes no new tasks") }
    if tasks.count >= Self.taskLimit { return refuse("busy", "this worker has too many tasks") }
    tasks[key] = Task()
    return [.prepare(key, kind)]
  }

  private mutating func prepared(_ key: TaskKey, _ result: [UInt8]?) -> [Action] {
    guard tasks[key]?.phase == .preparing else { return [] }
    if let result {
      tasks[key] = nil
      return [.send(.result(taskID: key.id, payload: result)), .drop(key)] + endIfDrained()
    }
    tasks[key]?.phase = .idle
    return proceed(key)
  }

  /// Starts the next waiting step if the task is idle.
  private mutating func proceed(_ key: TaskKey) -> [Action] {
    guard let task = tasks[key], task.phase == .idle, let next = task.waiting.first else {
      return []
    }
    tasks[key]?.waiting.removeFirst()
    tasks[key]?.phase = .answering(next.step)
    return [.answer(key, step: next.step, payload: next.payload)]
  }

  private mutating func abandon(_ key: TaskKey, _ code: String, _ text: String) -> [Action] {
    tasks[key] = nil
    let failure = TaskFailure(code: code, text: text, retryable: false)
    return [.send(.failed(taskID: key.id, failure)), .drop(key)] + endIfDrained()
  }

  private func endIfDrained() -> [Action] {
    isDraining && isConnected && tasks.isEmpty ? [.send(.goodbye), .close(final: true)] : []
  }
}
