import Wire

/// The methods that clients call, with the JSON that goes in and out.
package enum ClientMethod: String, Sendable, CaseIterable {
  /// `SubmitRequest` → `JobID` in a `Name`; the artifacts must have been uploaded.
  case submit
  /// `SubmitRequest` → the plan's JSON.
  case plan
  /// `JobQuery` → `JobPage`, newest first.
  case jobs
  /// `Name` → `JobSummary`.
  case job
  /// `Name` → the plan's JSON of a job whose planning is over.
  case jobPlan = "job.plan"
  /// `Name` → `Nothing`.
  case cancel
  /// `Name` → events with `ProgressEvent`, then `JobSummary` when the job has ended.
  case follow
  /// `Name` → `DocumentReference`; the document itself is fetched as an artifact.
  case document
  /// `Nothing` → `[WorkerSummary]`.
  case workers
  /// `Name` → `Nothing`.
  case revokeWorker = "worker.revoke"
  /// `DrainRequest` → `Nothing`.
  case drainWorker = "worker.drain"
  /// `CordonRequest` → `Nothing`.
  case cordonWorker = "worker.cordon"
  /// `Name` → `Nothing`.
  case uncordonWorker = "worker.uncordon"
  /// `Name` → `Nothing`; only of a worker that is not connected.
  case forgetWorker = "worker.forget"
  /// `Nothing` → `ClusterSummary`.
  case cluster
  /// `Name` → `[AttemptRecord]`, in order.
  case jobEvents = "job.events"
  /// `Name` → `JobTrace`; of the last jobs that were submitted with `trace`.
  case jobTrace = "job.trace"
  /// `Name` → `Nothing`; only of a job that has ended.
  case deleteJob = "job.delete"
  /// `Nothing` → `[TokenSummary]`, newest first.
  case tokens
  /// `TokenRequest` → the token in a `Name`.
  case createToken = "token.create"
  /// `Name` → `Nothing`.
  case revokeToken = "token.revoke"
  /// `Nothing` → `[ClientSummary]`.
  case clients
  /// `Name` → `Nothing`.
  case revokeClient = "client.revoke"
  /// `AuditRequest` → `[AuditEntry]`, newest first.
  case audit
  /// `Nothing` → in a `Name` the key that messages about ends of the caller's jobs are signed with.
  case webhookKey = "webhook.key"
  /// `Nothing` → in a `Name` the key that messages to the operator's own webhook are signed with.
  case operatorWebhookKey = "webhook.key.operator"
}

/// A job to be planned or proven.
package struct SubmitRequest: Codable, Equatable, Sendable {
  /// What the artifacts are; nil, as older clients send it, means a model.
  package var kind: JobKind?
  package var modelName: String
  package var model: Digest
  package var input: Digest
  package var calibration: Digest?
  package var options: SubmitOptions

  /// Collects the fields.
  package init(
    kind: JobKind = .model, modelName: String, model: Digest, input: Digest, calibration: Digest?,
    options: SubmitOptions
  ) {
    self.kind = kind
    self.modelName = modelName
    self.model = model
    self.input = input
    self.calibration = calibration
    self.options = options
  }
}

/// An id, a name, or a token.
package struct Name: Codable, Equatable, Sendable {
  package var name: String

  /// Wraps the text.
  package init(name: String) { self.name = name }
}

/// A worker that gets nothing new.
package struct CordonRequest: Codable, Equatable, Sendable {
  /// Its id or unique name.
  package var name: String
  /// Why, in the operator's words.
  package var reason: String?

  /// Collects the fields.
  package init(name: String, reason: String?) { (self.name, self.reason) = (name, reason) }
}

/// A worker that finishes what it holds and leaves.
package struct DrainRequest: Codable, Equatable, Sendable {
  /// Its id or unique name.
  package var name: String
  /// Seconds, in ``deadlines``, after which what it still holds goes elsewhere; nil: never.
  package var deadline: Double?

  /// How long a worker may be given, in seconds: up to a year.
  package static let deadlines = 0.0...31_536_000

  /// Collects the fields.
  package init(name: String, deadline: Double?) { (self.name, self.deadline) = (name, deadline) }
}

/// What became useless with a member's key.
public struct KeyRevocation: Codable, Equatable, Sendable {
  /// The key's id; nil where the coordinator is of a version that does not say so.
  public var member: String?
  /// The token that enrolled the key, and enrols nobody any more; nil where it needed none.
  public var token: String?
  /// The ids of other keys that the token had enrolled: they stay.
  public var others: [String]?

  /// Collects the fields.
  package init(member: String?, token: String? = nil, others: [String]? = nil) {
    (self.member, self.token, self.others) = (member, token, others)
  }

  // As clients of earlier versions know it.
  private enum CodingKeys: String, CodingKey {
    case member = "client"
    case token, others
  }
}

/// An empty object.
package struct Nothing: Codable, Equatable, Sendable {
  /// The only value.
  package init() {}
}

/// Where a finished document can be fetched.
package struct DocumentReference: Codable, Equatable, Sendable {
  package var digest: Digest
  package var bytes: UInt64

  /// Collects the fields.
  package init(digest: Digest, bytes: UInt64) {
    self.digest = digest
    self.bytes = bytes
  }
}

/// A token to be made.
package struct TokenRequest: Codable, Equatable, Sendable {
  package var role: TokenRole
  /// Seconds for which it is good, 1 to ten years.
  package var lifetime: Double
  /// The address it carries; nil: the coordinator's own.
  package var address: String?
  /// How many keys it may enrol, at least 1; nil: one, and 1,024 workers.
  package var uses: Int?
  /// What the program is called that will show it over HTTP; nil: it is to be a join token.
  package var bearer: String?

  /// Collects the fields.
  package init(
    role: TokenRole, lifetime: Double, address: String?, uses: Int? = nil, bearer: String? = nil
  ) {
    self.role = role
    self.lifetime = lifetime
    self.address = address
    self.uses = uses
    self.bearer = bearer
  }
}

extension CoordinatorError {
  /// A short word for machines.
  package var code: String {
    switch self {
    case .homeInUse: "home_in_use"
    case .file: "file"
    case .diskFull, .noRoomForUploads: "disk_full"
    case .noDescriptors: "busy"
    case .database, .databaseTooNew, .corruptRow: "database"
    case .unknownJob: "unknown_job"
    case .workerConnected: "worker_connected"
    case .jobNotFinished: "job_not_finished"
    case .unknownWorker: "unknown_worker"
    case .unknownToken: "unknown_token"
    case .unknownClient: "unknown_client"
    case .notAllowed: "not_allowed"
    case .badRequest: "bad_request"
    case .unknownSRS: "unknown_srs"
    case .srsTooSmall: "srs_too_small"
    case .artifact: "artifact"
    case .badJob, .badAddress: "bad_job"
    case .badFile(let file, _): file.code
    case .plannerBroke: "planner"
    case .tooMany: "too_many"
    case .jobFailed: "job_failed"
    case .jobCancelled: "job_cancelled"
    case .cannotListen: "cannot_listen"
    case .unreachable: "unreachable"
    case .refused(let code, _): code
    case .protocolViolation: "protocol"
    case .process: "process"
    }
  }
}
