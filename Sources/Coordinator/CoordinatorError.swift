/// What can go wrong at the coordinator or in a client that talks to it.
///
/// No case carries key material, witnesses or activations; texts may be shown to users and logged.
public enum CoordinatorError: Error, Equatable, Sendable {
  /// Another coordinator already uses this home folder.
  case homeInUse(path: String)
  /// A file or folder of the home could not be read or written.
  case file(path: String, reason: String)
  /// There is no room left on the disk that holds the home folder; what could not be written needs so many bytes, where
  /// that is known.
  case diskFull(path: String, needed: UInt64? = nil)
  /// As many files and connections are open as may be: what failed may succeed in a moment.
  case noDescriptors
  /// Only what is kept for jobs under way is left of the disk: bytes that an upload needs, and those there for uploads.
  case noRoomForUploads(path: String, needed: UInt64, available: UInt64)
  /// SQLite refused a statement: extended result code and message.
  case database(code: Int32, message: String)
  /// The database was written by a newer product: a migration that this one does not know.
  case databaseTooNew(migration: String)
  /// A stored row could not be understood: table, column and what was expected.
  case corruptRow(table: String, column: String, expected: String)
  /// No job has this id.
  case unknownJob(String)
  /// The job has not reached the state that the request needs.
  case jobNotFinished(id: String, stage: String)
  /// No worker has this id or name; where several have the name, that is a `badRequest`.
  case unknownWorker(String)
  /// The worker is connected, and only what is known of one that is not can be forgotten.
  case workerConnected(String)
  /// No token has this id.
  case unknownToken(String)
  /// No client has this id or name; where several have the name, that is a `badRequest`.
  case unknownClient(String)
  /// The caller's role does not do this: what, the role needed, and the role there.
  case notAllowed(action: String, needed: String, role: String)
  /// A request that makes no sense.
  case badRequest(String)
  /// No parameters with this name are in the home folder.
  case unknownSRS(name: String, known: [String])
  /// The parameters are too small for the job: the domain needed and the largest that they suffice for.
  case srsTooSmall(name: String, needed: Int, available: Int)
  /// An artifact is not in the store, or its bytes do not have the digest of its name.
  case artifact(digest: String, reason: String)
  /// The job as a whole, or an option of it, is not acceptable.
  case badJob(String)
  /// One of the job's files cannot be used.
  case badFile(JobFile, reason: String)
  /// The process that plans ended without a result: a signal, or a limit that it broke.
  case plannerBroke(String)
  /// Too much of the same sender is under way or waiting: what, and how much may be.
  case tooMany(what: String, limit: Int)
  /// The job ended without a proof; the code says what kind of failure it was, where that is known.
  case jobFailed(id: String, reason: String, code: String?)
  /// The job was cancelled.
  case jobCancelled(id: String)
  /// The address is not of the form `HOST:PORT`.
  case badAddress(String)
  /// The coordinator cannot listen there.
  case cannotListen(address: String, reason: String)
  /// The coordinator could not be reached.
  case unreachable(address: String, reason: String)
  /// The coordinator refused the connection, or answered a request with an error: code and text.
  case refused(code: String, text: String)
  /// The other side sent something that the protocol does not allow here.
  case protocolViolation(String)
  /// A child process could not be started or ended early.
  case process(name: String, reason: String)
}

extension CoordinatorError: CustomStringConvertible {
  /// One line for a terminal or a log.
  public var description: String {
    switch self {
    case .homeInUse(let path):
      "another coordinator is already using \(path); stop it or choose another --home"
    case .file(let path, let reason): "\(path): \(reason)"
    case .diskFull(let path, _): "no space left on the disk that holds \(path)"
    case .noDescriptors: "too many files and connections are open; try again in a moment"
    case .noRoomForUploads(let path, let needed, let available):
      "no space left for uploads on the disk that holds \(path): \(needed) bytes are needed, \(available) available; its last "
        + "part is kept for jobs under way"
    case .database(let code, let message): "database error \(code): \(message)"
    case .databaseTooNew(let migration):
      "the database was written by a newer version (unknown migration '\(migration)')"
    case .corruptRow(let table, let column, let expected):
      "the database holds a damaged row: \(table).\(column) should be \(expected)"
    case .unknownJob(let id): "no job '\(id)'"
    case .jobNotFinished(let id, let stage): "job \(id) is not finished (\(stage))"
    case .unknownWorker(let id): "no worker '\(id)'"
    case .workerConnected(let id): "worker '\(id)' is connected; drain it first"
    case .unknownToken(let id): "no token '\(id)'"
    case .unknownClient(let id): "no client '\(id)'"
    case .notAllowed(let action, let needed, let role):
      "'\(action)' needs the role \(needed); this key has the role \(role)"
    case .badRequest(let reason): reason
    case .unknownSRS(let name, let known):
      "no parameters named '\(name)'; known: \(known.isEmpty ? "none" : known.joined(separator: ", "))"
    case .srsTooSmall(let name, let needed, let available):
      "the parameters '\(name)' suffice for domains of \(available), the job needs \(needed); import or make larger ones "
        + "('ezkl-coord srs fetch', 'import' or 'generate --name NAME') and name them with --srs"
    case .artifact(let digest, let reason): "artifact \(digest.prefix(12)): \(reason)"
    case .badJob(let reason), .badFile(_, let reason): reason
    case .plannerBroke(let reason): "planning broke off: \(reason)"
    case .tooMany(let what, let limit):
      "\(what): at most \(limit); try again when one of them has ended"
    case .jobFailed(let id, let reason, _): "job \(id) failed: \(reason)"
    case .jobCancelled(let id): "job \(id) was cancelled"
    case .badAddress(let text): "'\(text)' is not an address of the form HOST:PORT"
    case .cannotListen(let address, let reason): "cannot listen on \(address): \(reason)"
    case .unreachable(let address, let reason): "cannot reach \(address): \(reason)"
    case .refused(_, let text): text
    case .protocolViolation(let text): "protocol violation: \(text)"
    case .process(let name, let reason): "\(name): \(reason)"
    }
  }
}
