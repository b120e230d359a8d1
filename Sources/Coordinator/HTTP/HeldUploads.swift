import Foundation
import Wire

/// What was uploaded over HTTP and waits for a job: kept for whoever uploaded it for an hour since it was last used.
///
/// A connection of the binary protocol keeps its uploads while it lasts; requests over HTTP have nothing that lasts.
final class HeldUploads: @unchecked Sendable {
  /// Uploads of one token that may wait.
  static let most = 256
  private let ledger: UploadLedger
  private let lock = NSLock()
  // Touched only under `lock`: until when, by member and artifact.
  private var ends: [String: [Digest: Double]] = [:]

  init(_ ledger: UploadLedger) { self.ledger = ledger }

  /// Keeps an artifact that is here; false where it is not here any more.
  func keep(_ digest: Digest, for member: String, at now: Double) -> Bool {
    let isNew = locked { ends[member]?[digest] == nil }
    if isNew, !ledger.hold(digest, for: member) { return false }
    let isTwice: Bool = locked {
      defer { ends[member, default: [:]][digest] = now + Core.uploadSeconds }
      return isNew && ends[member]?[digest] != nil
    }
    // Another request kept it meanwhile.
    if isTwice { ledger.release([digest], of: member) }
    return true
  }

  /// Lets an artifact go that a job has now, or that nobody wants.
  func release(_ digest: Digest, of member: String) {
    let isHeld: Bool = locked { ends[member]?.removeValue(forKey: digest) != nil }
    if isHeld { ledger.release([digest], of: member) }
  }

  /// How many artifacts wait for a member.
  func count(of member: String) -> Int { locked { ends[member]?.count ?? 0 } }

  /// Lets go of what was not used for long; to be called now and then.
  func expire(at now: Double) {
    let old: [(String, [Digest])] = locked {
      var old: [(String, [Digest])] = []
      for (member, list) in ends {
        let over = list.filter { $0.value <= now }.map(\.key)
        if over.isEmpty { continue }
        old.append((member, over))
        let rest = list.filter { $0.value > now }
        ends[member] = rest.isEmpty ? nil : rest
      }
      return old
    }
    for (member, digests) in old { ledger.release(digests, of: member) }
  }

  private func locked<Value>(_ body: () -> Value) -> Value {
    lock.lock()
    defer { lock.unlock() }
    return body()
  }
}
