import Foundation
import Wire

/// The sending half of a connection: a bounded queue and a thread that empties it.
///
/// Whoever posts never waits for the network: a peer that reads slowly holds up only itself, and one
/// that stops reading while the queue fills up is cut off.
final class Outbox: @unchecked Sendable {
  /// The most messages that may wait.
  static let capacity = 4096

  private enum Item {
    case message(Message)
    case artifact(Digest, offset: UInt64, length: UInt64)
  }

  private let connection: SecureConnection
  private let artifacts: ArtifactStore
  // `queue`, `closed` and `ended` are touched only under `condition`.
  private let condition = MonotonicCondition()
  private var queue: [Item] = []
  private var closed = false
  private var ended = false

  /// Starts the sending thread; it ends with `close` or the connection.
  init(_ connection: SecureConnection, artifacts: ArtifactStore) {
    self.connection = connection
    self.artifacts = artifacts
    let thread = Thread { [self] in run() }
    thread.name = "send"
    thread.stackSize = 1 << 20
    thread.start()
  }

  /// Queues a message; does nothing once the connection is closed.
  func post(_ message: Message) { enqueue(.message(message)) }

  /// Queues the pieces of an artifact.
  func post(artifact digest: Digest, offset: UInt64, length: UInt64) {
    enqueue(.artifact(digest, offset: offset, length: length))
  }

  /// Sends what is queued and closes the connection.
  func finish() {
    condition.lock()
    closed = true
    condition.broadcast()
    condition.unlock()
  }

  /// Waits until the connection is closed, or until a moment of the monotonic clock.
  func waitForEnd(until deadline: Double) {
    condition.locked {
      while !ended, condition.wait(untilUptime: deadline) {}
    }
  }

  /// Forgets what is queued and closes the connection.
  func abort() {
    condition.lock()
    queue.removeAll()
    closed = true
    condition.broadcast()
    condition.unlock()
    connection.close()
  }

  private func enqueue(_ item: Item) {
    condition.lock()
    let overflows = queue.count >= Self.capacity
    if !closed && !overflows {
      queue.append(item)
      condition.broadcast()
    }
    condition.unlock()
    if overflows { abort() }
  }

  private func next() -> Item? {
    condition.lock()
    defer { condition.unlock() }
    while queue.isEmpty && !closed { condition.wait() }
    return queue.isEmpty ? nil : queue.removeFirst()
  }

  private func run() {
    while let item = next() {
      do throws(WireError) {
        switch item {
        case .message(let message): try connection.send(message)
        case .artifact(let digest, let offset, let length):
          try artifacts.answer(digest, offset: offset, length: length) {
            (message) throws(WireError) in try connection.send(message)
          }
        }
      } catch {
        abort()
      }
    }
    connection.close()
    condition.locked {
      ended = true
      condition.broadcast()
    }
  }
}
