import Foundation
import Wire

/// One connection of an admitted worker.
///
/// A worker that comes back gets a new session; tasks belong to sessions, so that words from an old
/// connection are never taken for words from the new one.
final class WorkerSession: Sendable {
  let id: WorkerID
  let name: String
  let threads: Int
  let memoryBytes: UInt64
  private let connection: SecureConnection
  private let outbox: Outbox

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
  func post(_ message: Message) { outbox.post(message) }

  /// Says goodbye and closes.
  func end() {
    outbox.post(.goodbye)
    outbox.finish()
  }

  /// Waits until what was said has gone out, or until a moment of the monotonic clock.
  func waitForEnd(until deadline: Double) { outbox.waitForEnd(until: deadline) }

  /// Closes at once.
  func cut() { outbox.abort() }

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
        core.deliver(.result(task: task, payload: payload), from: self)
      case .failed(let task, let failure):
        core.heard(self)
        core.failed(task, failure, from: self)
      case .artifactWant(let digest, let offset, let length):
        core.heard(self)
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
