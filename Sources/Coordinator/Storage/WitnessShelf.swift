import Foundation
import Wire

/// The witness artifacts of jobs: written when a job is planned, removed when it has ended.
///
/// A witness holds the activations of a chunk, so it stays no longer than workers may ask for it. Which job needs
/// which artifact stands in the database before the artifact is written: whatever a crash leaves behind is found
/// again. Jobs may share a witness; the last one takes it along.
final class WitnessShelf: Sendable {
  private let store: Store
  private let artifacts: ArtifactStore
  // Keeps the database and the files together: one job must not remove what another just relies on.
  private let lock = NSLock()

  /// The witnesses among the artifacts of a home folder.
  init(store: Store, artifacts: ArtifactStore) {
    self.store = store
    self.artifacts = artifacts
  }

  /// Writes the witnesses of a planned job.
  func put(_ job: any PreparedJob, of id: JobID) throws(CoordinatorError) {
    lock.lock()
    defer { lock.unlock() }
    try store.keepWitnesses(job.witnesses.map(\.bytes), of: id)
    try job.storeWitnesses()
  }

  /// Takes charge of witnesses that were uploaded with a job.
  func adopt(_ digests: [Digest], of id: JobID) throws(CoordinatorError) {
    lock.lock()
    defer { lock.unlock() }
    for digest in digests where !artifacts.contains(digest) {
      throw .artifact(digest: digest.hex, reason: "it went with another job; submit again")
    }
    try store.keepWitnesses(digests.map(\.bytes), of: id)
  }

  /// Removes the witnesses of a job that ended, but those that other jobs need.
  func clear(_ id: JobID) throws(CoordinatorError) {
    lock.lock()
    defer { lock.unlock() }
    for bytes in try store.ownWitnesses(of: id) {
      if let digest = Digest(bytes: bytes) { artifacts.remove(digest) }
    }
    try store.forgetWitnesses(of: id)
  }

  /// Removes what an earlier process could not.
  func clearEnded() throws(CoordinatorError) {
    for job in try store.endedJobsWithWitnesses() { try clear(job) }
  }
}
