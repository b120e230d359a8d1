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
  /// Messages about its end; nil where it has none, and in lists.
  public var webhooks: [WebhookDelivery]?

  /// One job's line.
  public init(
    id: String, model: String, stage: JobStage, detail: String, failure: String? = nil,
    owner: String = "", submitted: Double, updated: Double, options: SubmitOptions,
    dropped: [String] = [], webhooks: [WebhookDelivery]? = nil
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
    self.webhooks = webhooks
  }
}

/// What `worker list` shows about one worker.
public struct WorkerSummary: Codable, Equatable, Sendable {
  /// The worker's id: the start of its key's hash, in hexadecimal.
  public var id: String
  /// The name it gave itself.
  public var name: String
  /// `live`, `resting`, `probation`, `draining`, `cordoned`, `quarantined`, `revoked` or `away`.
  public var state: String
  /// Threads it computes with.
  public var threads: Int
  /// Memory it offers, in bytes.
  public var memoryBytes: UInt64
  /// Tasks it holds now.
  public var tasks: Int
  /// When it was last heard, in seconds since 1970.
  public var lastSeen: Double
  /// What was seen of it; nil where an older coordinator does not say.
  public var record: WorkerRecord?
  /// The version of its program; nil where it is not connected, or an older coordinator does not say.
  public var version: String?
  /// Bytes of memory that its tasks hold, as predicted; nil where an older coordinator does not say.
  public var heldBytes: UInt64?
  /// What its tasks are, job by job; nil where it is not to be known.
  public var work: [WorkerWork]?

  /// One worker's line.
  public init(
    id: String, name: String, state: String, threads: Int, memoryBytes: UInt64, tasks: Int,
    lastSeen: Double, record: WorkerRecord? = nil, version: String? = nil, heldBytes: UInt64? = nil,
    work: [WorkerWork]? = nil
  ) {
    self.id = id
    self.name = name
    self.state = state
    self.threads = threads
    self.memoryBytes = memoryBytes
    self.tasks = tasks
    self.lastSeen = lastSeen
    self.record = record
    self.version = version
    self.heldBytes = heldBytes
    self.work = work
  }
}

/// What a worker has to do for one job.
public struct WorkerWork: Codable, Equatable, Sendable {
  /// The job's id.
  public var job: String
  /// Verifying keys that it computes or will.
  public var keys: Int
  /// Shares of proofs that it holds.
  public var shares: Int
  /// How many of both it owes an answer: the others wait for the next round.
  public var owed: Int
}

/// What a coordinator has seen of a worker.
public struct WorkerRecord: Codable, Equatable, Sendable {
  /// Tasks that it said it could not do.
  public var failures: Int
  /// Answers that never came.
  public var stalls: Int
  /// Times that it disappeared while it was computing.
  public var losses: Int
  /// Answers that were proven wrong.
  public var lies: Int
  /// Answers taken.
  public var answers: Int
  /// Predicted seconds divided by measured ones; nil where nothing was measured.
  public var speed: Double?
  /// Bytes of memory that it is believed to have after losses; nil: as many as it says.
  public var believedMemory: UInt64?
  /// What went wrong last.
  public var lastTrouble: String?
  /// Why it gets no tasks; nil where it does.
  public var reason: String?
  /// When it gets tasks again, in seconds since 1970; nil: when an operator says so, or now.
  public var until: Double?

  /// What is public of a health record, with the board's clock behind the wall clock by so many seconds.
  package init(_ health: WorkerHealth, offset: Double, now: Double) {
    failures = health.failures
    stalls = health.stalls
    losses = health.losses
    lies = health.lies
    answers = health.answers
    speed = health.speed
    believedMemory = health.memory
    lastTrouble = health.lastTrouble
    if let cordon = health.cordon {
      reason = cordon.reason
      until = cordon.until.map { $0 + offset }
    } else if health.restsUntil > now {
      reason = health.lastTrouble
      until = health.restsUntil + offset
    }
  }
}

/// What `cluster show` shows.
public struct ClusterSummary: Codable, Equatable, Sendable {
  /// The coordinator's version.
  public var version: String
  /// Seconds since it started.
  public var uptime: Double
  /// Workers by their state.
  public var workers: [String: Int]
  /// Threads of the workers that may get tasks.
  public var threads: Int
  /// Bytes of memory of those.
  public var memoryBytes: UInt64
  /// Bytes of it that tasks hold, as predicted.
  public var heldBytes: UInt64
  /// Jobs by their stage; those that ended are counted as far as they are kept.
  public var jobs: [String: Int]
  /// Tasks that workers hold, and that wait.
  public var tasksHeld, tasksWaiting: Int
  /// Bytes of artifacts in the home folder.
  public var artifactBytes: UInt64
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
  /// What the program is called that shows it over HTTP; nil: it is a join token.
  public var bearer: String?

  /// One token's line.
  public init(
    id: String, role: TokenRole, created: Double, expires: Double, revoked: Bool, uses: Int,
    maximumUses: Int? = nil, bearer: String? = nil
  ) {
    self.id = id
    self.role = role
    self.created = created
    self.expires = expires
    self.revoked = revoked
    self.uses = uses
    self.maximumUses = maximumUses
    self.bearer = bearer
  }
}
