/// What `jobs` and `job ID` show about one job.
public struct JobSummary: Codable, Equatable, Sendable {
  /// The job's id.
  public var id: String
  /// The model's file name.
  public var model: String
  /// Where the job is.
  public var stage: JobStage
  /// The step inside the stage, or the reason of a failure.
  public var detail: String
  /// What kind of failure it was, a word such as `disk_full`; nil where it did not fail.
  public var failure: String?
  /// The id of the key that submitted it; empty for jobs of a version that did not record it.
  public var owner: String
  /// When it was submitted, in seconds since 1970.
  public var submitted: Double
  /// When it last changed, in seconds since 1970.
  public var updated: Double
  /// The options it was submitted with.
  public var options: SubmitOptions
  /// Workers that were named and dropped, with the reason.
  public var dropped: [String]

  /// One job's line.
  public init(
    id: String, model: String, stage: JobStage, detail: String, failure: String? = nil,
    owner: String = "", submitted: Double, updated: Double, options: SubmitOptions,
    dropped: [String] = []
  ) {
    self.id = id
    self.model = model
    self.stage = stage
    self.detail = detail
    self.failure = failure
    self.owner = owner
    self.submitted = submitted
    self.updated = updated
    self.options = options
    self.dropped = dropped
  }
}

/// What `worker list` shows about one worker.
public struct WorkerSummary: Codable, Equatable, Sendable {
  /// The worker's id: the start of its key's hash, in hexadecimal.
  public var id: String
  /// The name it gave itself.
  public var name: String
  /// `live`, `draining`, `quarantined`, `revoked` or `away`.
  public var state: String
  /// Threads it computes with.
  public var threads: Int
  /// Memory it offers, in bytes.
  public var memoryBytes: UInt64
  /// Tasks it holds now.
  public var tasks: Int
  /// When it was last heard, in seconds since 1970.
  public var lastSeen: Double

  /// One worker's line.
  public init(
    id: String, name: String, state: String, threads: Int, memoryBytes: UInt64, tasks: Int,
    lastSeen: Double
  ) {
    self.id = id
    self.name = name
    self.state = state
    self.threads = threads
    self.memoryBytes = memoryBytes
    self.tasks = tasks
    self.lastSeen = lastSeen
  }
}

/// What `token list` shows about one join token; never the token itself.
public struct TokenSummary: Codable, Equatable, Sendable {
  /// The token's id.
  public var id: String
  /// Whom it lets in.
  public var role: TokenRole
  /// When it was made, in seconds since 1970.
  public var created: Double
  /// When it stops being accepted, in seconds since 1970.
  public var expires: Double
  /// Whether it was revoked.
  public var revoked: Bool
  /// How many keys it enrolled.
  public var uses: Int
  /// How many keys it may enrol; nil: any number.
  public var maximumUses: Int?

  /// One token's line.
  public init(
    id: String, role: TokenRole, created: Double, expires: Double, revoked: Bool, uses: Int,
    maximumUses: Int? = nil
  ) {
    self.id = id
    self.role = role
    self.created = created
    self.expires = expires
    self.revoked = revoked
    self.uses = uses
    self.maximumUses = maximumUses
  }
}
