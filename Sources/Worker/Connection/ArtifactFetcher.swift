import Foundation
import Wire

/// Gets artifacts from the coordinator into the store for tasks that wait for them.
///
/// One transfer per artifact, however many tasks want it; a transfer cut off by a lost connection is continued by
/// the next one where it stopped.
package final class ArtifactFetcher: @unchecked Sendable {
  /// Seconds without a piece after which a fetch is given up.
  package static let patience = 120.0

  private enum Outcome {
    case there
    case failed(TaskFault)
  }

  private final class Fetch {
    let transfer: ArtifactTransfer
    var outcome: Outcome?
    var lastPiece = MonotonicCondition.uptime
    init(_ transfer: ArtifactTransfer) { self.transfer = transfer }
  }

  private let store: ArtifactStore
  private let send: @Sendable (Message) -> Void
  private let condition = MonotonicCondition()
  // Touched only under `condition`.
  private var fetches: [Digest: Fetch] = [:]
  private var isClosed = false

  /// A fetcher for one connection.
  package init(store: ArtifactStore, send: @escaping @Sendable (Message) -> Void) {
    self.store = store
    self.send = send
  }

  /// The verified bytes of an artifact, fetched where they are not there; blocks.
  package func bytes(of digest: Digest, limit: UInt64) throws(TaskFault) -> [UInt8] {
    // Another artifact may push this one out between arrival and reading; once more is enough.
    for _ in 0..<2 {
      if !store.contains(digest) { try fetch(digest) }
      do throws(WireError) {
        if let size = store.size(of: digest), size > limit {
          throw .artifactTooLarge(found: size, limit: limit)
        }
        return try store.read(digest)
      } catch {
        switch error {
        case .artifactMissing, .digestMismatch: continue
        default: throw Self.fault(error)
        }
      }
    }
    throw .retryable("artifact", "artifact \(digest.hex.prefix(12)) does not stay in the cache")
  }

  private func fetch(_ digest: Digest) throws(TaskFault) {
    condition.lock()
    defer { condition.unlock() }
    guard !isClosed else { throw Self.lost }
    let fetch: Fetch
    if let running = fetches[digest] {
      fetch = running
    } else {
      do throws(WireError) {
        fetch = Fetch(try store.transfer(digest))
      } catch {
        throw Self.fault(error)
      }
      fetches[digest] = fetch
      let request = fetch.transfer.start()
      condition.unlock()
      send(request)
      condition.lock()
    }
    while true {
      switch fetch.outcome {
      case .there: return
      case .failed(let fault): throw fault
      case nil: break
      }
      guard !isClosed else { throw Self.lost }
      if !condition.wait(untilUptime: fetch.lastPiece + Self.patience), fetch.outcome == nil,
        fetch.lastPiece + Self.patience <= MonotonicCondition.uptime
      {
        end(fetch, .failed(.retryable("artifact", "the coordinator sends no artifact")))
      }
    }
  }

  /// Removes an artifact that must not stay.
  package func forget(_ digest: Digest) { store.remove(digest) }

  /// Takes an artifact message; others are ignored. Returns false for what nobody asked for.
  package func receive(_ message: Message) -> Bool {
    switch message {
    case .artifactPiece(let digest, let offset, let total, let bytes):
      condition.lock()
      guard let fetch = fetches[digest], fetch.outcome == nil else {
        condition.unlock()
        return false
      }
      fetch.lastPiece = MonotonicCondition.uptime
      condition.unlock()
      // Only the receiving thread gets here, so pieces stay in order without the lock.
      do throws(WireError) {
        switch try fetch.transfer.receive(offset: offset, total: total, bytes: bytes) {
        case .wants(let requests): for request in requests { send(request) }
        case .complete: finish(fetch, .there)
        }
      } catch {
        finish(fetch, .failed(Self.fault(error)))
      }
      return true
    case .artifactMissing(let digest):
      condition.lock()
      let fetch = fetches[digest]
      condition.unlock()
      guard let fetch else { return false }
      let text = "the coordinator does not have artifact \(digest.hex.prefix(12))"
      finish(fetch, .failed(.retryable("artifact", text)))
      return true
    default: return false
    }
  }

  /// Ends all fetches: the connection is gone.
  package func close() {
    condition.lock()
    isClosed = true
    fetches.removeAll()
    condition.broadcast()
    condition.unlock()
  }

  private func finish(_ fetch: Fetch, _ outcome: Outcome) {
    condition.lock()
    end(fetch, outcome)
    condition.unlock()
  }

  /// Call with the lock held.
  private func end(_ fetch: Fetch, _ outcome: Outcome) {
    if fetch.outcome == nil { fetch.outcome = outcome }
    if fetches[fetch.transfer.digest] === fetch { fetches[fetch.transfer.digest] = nil }
    condition.broadcast()
  }

  private static let lost = TaskFault.retryable("connection", "the connection was lost")

  private static func fault(_ error: WireError) -> TaskFault {
    switch error {
    case .storageFull: .retryable("disk", "no room for an artifact on this worker's disk")
    default: .retryable("artifact", error.description)
    }
  }
}
