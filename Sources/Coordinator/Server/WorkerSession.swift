import Foundation
import Synchronization
import Wire

/// One connection of an admitted worker.
///
/// A worker that comes back gets a new session; tasks belong to sessions, so that words from an old
/// connection are never taken for words from the new one.
///
/// A worker fetches what its tasks name, while it has them, and nothing else: neither by guessing digests nor by
/// remembering those of an earlier task does it see others' witnesses.
final class WorkerSession: Sendable {
  let id: WorkerID
  let name: String
  let threads: Int
  let memoryBytes: UInt64
  private let connection: SecureConnection
  private let outbox: Outbox
  private let granted = Mutex<[TaskID: Set<Digest>]>([:])

  init(_ member: MemberRecord, _ connection: SecureConnection, artifacts: ArtifactStore) {
    id = member.id
    name = member.name
    threads = member.threads
    memoryBytes = member.memoryBytes
    self.connection = connection
    outbox = Outbox(connection, artifacts: artifacts)
  }

  /// Bytes the worker sent and received on this connection.
  var traffic: (sent: UInt64, received: UInt64) {
    let traffic = connection.traffic
    return (traffic.received, traffic.sent)
  }

  /// Queues a message for the worker.
  func post(_ message: Message) {
    switch message {
    case .assign(let task, let kind): granted.withLock { $0[task] = kind.artifacts }
    case .release(let task): granted.withLock { $0[task] = nil }
    default: break
    }
    outbox.post(message)
  }

  /// Says goodbye and closes.
  func end() {
    outbox.post(.goodbye)
    outbox.finish()
  }

  /// Waits until what was said has gone out, or until a moment of the monotonic clock.
  func waitForEnd(until deadline: Double) { outbox.waitForEnd(until: deadline) }

  /// Closes at once.
  func cut() { outbox.abort() }

  private func mayFetch(_ digest: Digest) -> Bool {
    granted.withLock { $0.values.contains { $0.contains(digest) } }
  }

  /// Reads until the connection ends; runs on the connection's own thread.
  ///
  /// Returns why it ended.
  func read(into core: Core) -> String {
    while true {
      let message: Message
      do throws(WireError) {
        message = try connection.receive()
      } catch {
        return error == .timedOut(.receive) ? "silent" : error.description
      }
      switch message {
      case .heartbeat:
        core.heard(self)
      case .stepReply(let task, let step, let payload):
        core.heard(self)
        core.deliver(.reply(task: task, step: step, payload: payload), from: self)
      case .result(let task, let payload):
        core.heard(self)
        granted.withLock { $0[task] = nil }
        core.deliver(.result(task: task, payload: payload), from: self)
      case .failed(let task, let failure):
        core.heard(self)
        granted.withLock { $0[task] = nil }
        core.failed(task, failure, from: self)
      case .artifactWant(let digest, let offset, let length):
        core.heard(self)
        guard mayFetch(digest) else {
          outbox.post(.artifactMissing(digest))
          continue
        }
        outbox.post(
          artifact: digest, offset: offset, length: min(length, Message.Limit.want))
      case .drain:
        core.drain(id)
      case .goodbye:
        return "said goodbye"
      default:
        cut()
        return "sent a message that workers do not send"
      }
    }
  }
}

extension TaskKind {
  /// The artifacts that whoever has the task may fetch.
  var artifacts: Set<Digest> {
    switch self {
    case .index(let program, let srs): [program, srs]
    case .instances(let task): Set(task.tasks.flatMap { [$0.program, $0.witness] } + [task.srs])
    case .matrix(let task): [task.program, task.srs]
    }
  }
}
