import Foundation
import Logging
import Synchronization
import Wire

/// One connection to the coordinator: carries out what `WorkerState` decides.
///
/// Events come from the receiving thread and from the tasks' threads. Each is handled and its actions are carried out
/// before the next one, so that messages leave in the order in which they were decided.
final class WorkerSession: @unchecked Sendable {
  private struct Running {
    let thread: WorkThread
    let work: any TaskWork
  }

  private let connection: SecureConnection
  private let factory: any TaskFactory
  private let tamper: ShareTamper?
  private let log: @Sendable (LogEntry) -> Void
  let fetcher: ArtifactFetcher
  private let lock = NSLock()
  // Touched only under `lock`.
  private var state: WorkerState
  private var running: [WorkerState.TaskKey: Running] = [:]
  private var kinds: [WorkerState.TaskKey: TaskKind] = [:]
  private var isFinal = false

  init(
    _ connection: SecureConnection, state: WorkerState, home: WorkerHome,
    factory: any TaskFactory, tamper: ShareTamper?, log: @escaping @Sendable (LogEntry) -> Void
  ) {
    self.connection = connection
    self.state = state
    self.factory = factory
    self.tamper = tamper
    self.log = log
    fetcher = ArtifactFetcher(store: home.artifacts) { message in
      // Where sending fails the connection is closed, which the receiving thread notices.
      try? connection.send(message)
    }
  }

  /// Tells the state that the connection stands; call it once, before anything else.
  func begin() { handle(.connected) }

  /// Serves until the connection ends; returns the state for the next one, and whether to end for good.
  func serve(_ welcome: Welcome) -> (state: WorkerState, final: Bool, reason: String) {
    let beats = max(1, Double(welcome.heartbeatSeconds))
    let heartbeat = Heartbeat(seconds: beats) { [connection] in
      try? connection.send(.heartbeat)
    }
    let reason = receive(patience: Self.patience(welcome))
    heartbeat.stop()
    connection.close()
    fetcher.close()
    handle(.disconnected)
    lock.lock()
    defer { lock.unlock() }
    return (state, isFinal, reason)
  }

  /// Says goodbye and closes, whatever is held.
  func leave() {
    try? connection.send(.goodbye)
    connection.close()
  }

  /// Takes an event and carries out what follows.
  func handle(_ event: WorkerState.Event) {
    lock.lock()
    defer { lock.unlock() }
    for action in state.handle(event) { carryOut(action) }
  }

  /// How long a coordinator may be silent: it answers every heartbeat.
  ///
  /// Half of the lease: early enough to be back before the coordinator has given this worker's tasks away, and sooner
  /// than a connection whose packets were lost sends them again.
  static func patience(_ welcome: Welcome) -> Duration {
    .seconds(max(2 * Int(welcome.heartbeatSeconds) + 1, Int(welcome.leaseSeconds) / 2))
  }

  /// Reads until the connection ends and says why it did.
  private func receive(patience: Duration) -> String {
    var silentSince = ContinuousClock.now
    while true {
      let message: Message
      do throws(WireError) {
        message = try connection.receive(timeout: .seconds(1))
      } catch {
        guard error == .timedOut(.receive) else { return error.description }
        if ContinuousClock.now - silentSince > patience { return "the coordinator is silent" }
        continue
      }
      silentSince = ContinuousClock.now
      switch message {
      case .heartbeat: break
      case .artifactPiece, .artifactMissing: _ = fetcher.receive(message)
      case .assign, .step, .release: handle(.message(message))
      case .drain:
        log("the coordinator drains this worker: it finishes what it holds and leaves")
        handle(.message(message))
      case .goodbye:
        handle(.message(message))
        return "the coordinator said goodbye"
      case .refused(_, let text): return "refused: \(text)"
      default: return "the coordinator sent a message that workers do not expect"
      }
    }
  }

  private func carryOut(_ action: WorkerState.Action) {
    switch action {
    case .send(let message): try? connection.send(message)
    case .prepare(let key, let kind):
      let task = Running(
        thread: WorkThread(name: "task \(key.id)"),
        work: factory.work(for: kind, fetcher: fetcher))
      running[key] = task
      kinds[key] = kind
      log("task \(task: key.id): \(kind.summary)")
      let tamper = tamper
      perform(task, key) { work throws(TaskFault) in
        let result = try work.prepare()
        return .prepared(key, result: result.map { tamper?(kind, 0, $0) ?? $0 })
      }
    case .answer(let key, let step, let payload):
      guard let task = running[key], let kind = kinds[key] else { return }
      let tamper = tamper
      perform(task, key) { [log] work throws(TaskFault) in
        let began = ContinuousClock.now
        let reply = try work.answer(step: step, payload: payload)
        log(
          .debug(
            "task \(task: key.id): step \(step: step) in \(seconds: (ContinuousClock.now - began) / .seconds(1))"
          ))
        return .answered(key, step: step, payload: tamper?(kind, step, reply) ?? reply)
      }
    case .drop(let key):
      kinds[key] = nil
      guard let task = running.removeValue(forKey: key) else { return }
      task.work.abandon()
      task.thread.end()
    case .close(let final):
      isFinal = isFinal || final
      connection.close()
    }
  }

  private func perform(
    _ task: Running, _ key: WorkerState.TaskKey,
    _ body: @escaping @Sendable (any TaskWork) throws(TaskFault) -> WorkerState.Event
  ) {
    // The work is used by this thread only, as its protocol demands.
    nonisolated(unsafe) let work = task.work
    task.thread.enqueue { [self] in
      do throws(TaskFault) {
        handle(try body(work))
      } catch {
        log(.warning("task \(task: key.id): \(error.failure.code): \(error.failure.text)"))
        handle(.failed(key, error.failure))
      }
    }
  }
}

extension TaskKind {
  /// Metadata for the log.
  var summary: String {
    switch self {
    case .index(let program, _): "index circuit \(program.hex.prefix(12))"
    case .instances(let task): "hold \(task.tasks.count) instances"
    case .matrix(let task): "hold the matrices of circuit \(task.program.hex.prefix(12))"
    }
  }
}
