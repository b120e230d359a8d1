import Foundation
import Wire

/// The artifacts of jobs: uploads, circuits and witnesses, kept while a job needs them and removed when it has ended.
///
/// An input is a secret, a witness holds the activations of a chunk: neither stays longer than workers may ask for it.
/// Which job needs which artifact stands in the database: whatever a crash leaves behind is found again. Jobs may share
/// artifacts; the last one takes them along. Proof documents stay.
final class ArtifactShelf: @unchecked Sendable {
  private let store: Store
  private let artifacts: ArtifactStore
  // Keeps the database and the files together: one job must not remove what another just relies on.
  private let lock = NSLock()
  // Uploads that requests under way rely on, and how many do; touched only under `lock`.
  private var held: [Digest: Int] = [:]

  /// The jobs' artifacts among those of a home folder.
  init(store: Store, artifacts: ArtifactStore) {
    self.store = store
    self.artifacts = artifacts
  }

  /// Writes the circuits and the witnesses of a planned job.
  func put(_ job: any PreparedJob, of id: JobID) throws(CoordinatorError) {
    lock.lock()
    defer { lock.unlock() }
    let digests = Set(job.circuits.map(\.program) + job.witnesses).sorted()
    try store.keepArtifacts(digests.map(\.bytes), of: id)
    try job.storeArtifacts()
  }

  /// Takes charge of what was uploaded for a job.
  func adopt(_ digests: [Digest], of id: JobID) throws(CoordinatorError) {
    lock.lock()
    defer { lock.unlock() }
    for digest in digests where !artifacts.contains(digest) {
      throw .artifact(digest: digest.hex, reason: "it went with another job; submit again")
    }
    try store.keepArtifacts(digests.map(\.bytes), of: id)
  }

  /// Keeps uploads while a request that needs them is under way.
  func hold(_ digests: [Digest]) throws(CoordinatorError) {
    lock.lock()
    defer { lock.unlock() }
    for digest in digests where !artifacts.contains(digest) {
      throw .artifact(digest: digest.hex, reason: "was not uploaded")
    }
    for digest in digests { held[digest, default: 0] += 1 }
  }

  /// A request is over: removes its uploads, but those that jobs or other requests need.
  func letGo(_ digests: [Digest]) {
    lock.lock()
    for digest in digests {
      let rest = (held[digest] ?? 1) - 1
      held[digest] = rest > 0 ? rest : nil
    }
    lock.unlock()
    // What cannot be removed now goes at the next start.
    try? discard(digests)
  }

  /// Removes uploads that were for no job, but those that jobs or requests need.
  func discard(_ digests: [Digest]) throws(CoordinatorError) {
    lock.lock()
    defer { lock.unlock() }
    let kept = try store.neededArtifacts()
    for digest in digests where !kept.contains(digest.bytes) && held[digest] == nil {
      artifacts.remove(digest)
    }
  }

  /// Removes the artifacts of a job that ended, but those that other jobs need.
  func clear(_ id: JobID) throws(CoordinatorError) {
    lock.lock()
    defer { lock.unlock() }
    for bytes in try store.ownArtifacts(of: id) {
      if let digest = Digest(bytes: bytes), held[digest] == nil { artifacts.remove(digest) }
    }
    try store.forgetArtifacts(of: id)
  }

  /// Removes a job that has ended, with its artifacts and its document.
  func delete(_ id: JobID) throws(CoordinatorError) {
    try clear(id)
    lock.lock()
    defer { lock.unlock() }
    if let digest = try store.delete(job: id).flatMap({ Digest(bytes: $0) }), held[digest] == nil {
      artifacts.remove(digest)
    }
  }

  /// Removes uploads that nobody relies on and that were not touched for so long, in seconds; and what aborted ones left.
  func expire(olderThan age: Double, except lasting: Set<Digest>) throws(CoordinatorError) {
    lock.lock()
    defer { lock.unlock() }
    let kept = try store.neededArtifacts()
    for digest in artifacts.digests
    where !kept.contains(digest.bytes) && held[digest] == nil && !lasting.contains(digest) {
      if Self.age(of: artifacts.path(of: digest)) ?? 0 > age { artifacts.remove(digest) }
    }
    let partial = artifacts.directory + "/partial"
    for name in (try? FileManager.default.contentsOfDirectory(atPath: partial)) ?? [] {
      let path = partial + "/" + name
      if Self.age(of: path) ?? 0 > age { try? FileManager.default.removeItem(atPath: path) }
    }
  }

  /// Seconds since a file was last written or used.
  private static func age(of path: String) -> Double? {
    let attributes = try? FileManager.default.attributesOfItem(atPath: path)
    return (attributes?[.modificationDate] as? Date).map { -$0.timeIntervalSinceNow }
  }

  /// Removes what an earlier process could not: all that neither a job nor a document needs.
  func clear() throws(CoordinatorError) {
    for job in try store.endedJobsWithArtifacts() { try clear(job) }
    try discard(artifacts.digests)
  }
}
