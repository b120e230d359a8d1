import Foundation
import Wire

/// The artifacts of jobs: uploads, circuits and witnesses, kept while a job needs them and removed when it has ended.
///
/// An input is a secret, a witness holds the activations of a chunk: neither stays longer than workers may ask for it.
/// Which job needs which artifact stands in the database: whatever a crash leaves behind is found again. Jobs may share
/// artifacts; the last one takes them along. Proof documents stay, and so do the public parameters that jobs of this
/// process use, whoever uploads the same bytes and lets go of them.
final class ArtifactShelf: @unchecked Sendable {
  private let store: Store
  private let artifacts: ArtifactStore
  private let book: AccountBook
  // Keeps the database and the files together: one job must not remove what another just relies on.
  private let lock = NSLock()
  // Uploads that requests under way rely on, and how many do; touched only under `lock`.
  private var held: [Digest: Int] = [:]
  // Parameters that jobs of this process use: no job's own, everybody's. Touched only under `lock`.
  private var parameters: Set<Digest> = []

  /// The jobs' artifacts among those of a home folder, which count in the accounts of `book`.
  init(store: Store, artifacts: ArtifactStore, book: AccountBook) {
    self.book = book
    self.store = store
    self.artifacts = artifacts
  }

  /// Writes the circuits and the witnesses of a planned job, and keeps its parameters from now on.
  ///
  /// - Throws: `plannerBroke` where the parameters were removed after they had been loaded: planning loads them again.
  func put(_ job: any PreparedJob, of id: JobID) throws(CoordinatorError) {
    lock.lock()
    defer { lock.unlock() }
    parameters.insert(job.srs)
    guard artifacts.contains(job.srs) else {
      throw .plannerBroke("the public parameters went with an upload of the same bytes")
    }
    let digests = Set(job.circuits.map(\.program) + job.witnesses).sorted()
    try store.keepArtifacts(digests.map(\.bytes), of: id)
    try job.storeArtifacts()
    book.add(digests.map { ($0, artifacts.size(of: $0) ?? 0) }, to: id)
  }

  /// Stores a new job and takes charge of what was uploaded for it: both or neither.
  func adopt(_ digests: [Digest], of job: JobRecord) throws(CoordinatorError) {
    lock.lock()
    defer { lock.unlock() }
    for digest in digests where !artifacts.contains(digest) {
      throw .artifact(digest: digest.hex, reason: "it went with another job; submit again")
    }
    try store.insert(job, keeping: digests.map(\.bytes))
    count(job, digests)
  }

  /// Counts a job of an earlier process that goes on.
  func recall(_ job: JobRecord) throws(CoordinatorError) {
    count(job, try store.artifacts(of: job.id).compactMap { Digest(bytes: $0) })
  }

  private func count(_ job: JobRecord, _ digests: [Digest]) {
    book.begin(job.id, of: job.account, options: job.options.storedBytes)
    book.add(digests.map { ($0, artifacts.size(of: $0) ?? 0) }, to: job.id)
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
    // In portions: others have their turn.
    for start in stride(from: 0, to: digests.count, by: Self.portion) {
      try discard(digests[start..<min(start + Self.portion, digests.count)])
    }
  }

  /// Artifacts that the database is asked about at once.
  private static let portion = 256

  private func discard(_ digests: ArraySlice<Digest>) throws(CoordinatorError) {
    lock.lock()
    defer { lock.unlock() }
    let free = digests.filter(isFree)
    for bytes in try store.unneeded(among: free.map(\.bytes)) {
      if let digest = Digest(bytes: bytes) { artifacts.remove(digest) }
    }
  }

  /// Whether nothing in this process relies on an artifact. Only under `lock`.
  private func isFree(_ digest: Digest) -> Bool {
    held[digest] == nil && !parameters.contains(digest)
  }

  /// Removes the artifacts of a job that ended, but those that other jobs need.
  func clear(_ id: JobID) throws(CoordinatorError) {
    book.end(id)
    lock.lock()
    defer { lock.unlock() }
    for bytes in try store.ownArtifacts(of: id) {
      if let digest = Digest(bytes: bytes), isFree(digest) { artifacts.remove(digest) }
    }
    try store.forgetArtifacts(of: id)
  }

  /// Removes a job that has ended, with its artifacts and its document.
  func delete(_ id: JobID) throws(CoordinatorError) {
    try clear(id)
    lock.lock()
    defer { lock.unlock() }
    if let digest = try store.delete(job: id).flatMap({ Digest(bytes: $0) }), isFree(digest) {
      artifacts.remove(digest)
    }
  }

  /// Removes uploads that nobody relies on and that were last used before a time, and what broken off ones left then.
  ///
  /// Uploads under way stay, whatever the time of their files: `time` is of a clock that anybody may set.
  func expire(usedBefore time: Double) throws(CoordinatorError) {
    try discard(artifacts.digests.filter { artifacts.lastUse(of: $0) ?? time < time })
    for entry in artifacts.leftovers() where entry.modified < time {
      artifacts.removeLeftover(entry.name)
    }
  }

  /// Removes what an earlier process could not: all that neither a job nor a document needs.
  func clear() throws(CoordinatorError) {
    for job in try store.endedJobsWithArtifacts() { try clear(job) }
    try discard(artifacts.digests)
  }
}
