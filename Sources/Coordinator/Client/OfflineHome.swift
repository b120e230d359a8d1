import Foundation
import Wire

/// A home folder whose coordinator does not run: what can be done about its jobs meanwhile.
public enum OfflineHome {
  /// Ends a job before the coordinator starts again; its artifacts go at the next start.
  ///
  /// - Throws: `homeInUse` where a coordinator runs, `unknownJob`, `jobNotFinished` where it has ended already.
  public static func cancel(_ job: String, home: URL) throws(CoordinatorError) {
    let folder = HomeFolder(home)
    guard FileManager.default.fileExists(atPath: folder.database.path) else {
      throw .unknownJob(job)
    }
    let lock = try folder.lock()
    defer { lock.release() }
    let store = try Store(path: folder.database.path)
    guard let record = try store.job(job) else { throw .unknownJob(job) }
    if record.stage.isFinal {
      throw .jobNotFinished(id: job, stage: "it has ended already: \(record.stage.rawValue)")
    }
    try store.setStage(
      .cancelled, detail: "cancelled by a user while the coordinator did not run", of: job,
      at: Core.wallClock)
    // Whoever may read the folder may use its key.
    let key = try? StaticKey.load(from: folder.adminKey.path)
    try store.record(
      AuditEntry(
        time: Core.wallClock, member: key.map { Admission.id(of: $0.publicKey) } ?? "",
        name: NSUserName(), role: TokenRole.admin.rawValue,
        address: "on this machine, while the coordinator did not run",
        action: ClientMethod.cancel.rawValue, subject: job, outcome: "done"))
  }

  /// The jobs that the coordinator would go on with.
  public static func unfinished(home: URL) throws(CoordinatorError) -> [String] {
    let folder = HomeFolder(home)
    guard FileManager.default.fileExists(atPath: folder.database.path) else { return [] }
    let lock = try folder.lock()
    defer { lock.release() }
    return try Store(path: folder.database.path).jobs(in: JobStage.unfinished).map(\.id)
  }
}
