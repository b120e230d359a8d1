/// The stages of a job, in the order in which it goes through them.
public enum JobStage: String, Codable, Sendable, CaseIterable {
  /// Accepted and stored; nothing has been computed.
  case submitted
  /// The model is being quantised, cut into chunks and evaluated.
  case planning
  /// Workers compute the verifying keys that are not known yet.
  case indexing
  /// Workers make the proof, round by round.
  case proving
  /// The finished document is being checked.
  case verifying
  /// The verified document can be fetched.
  case done
  /// The job ended without a proof; the reason stands beside it.
  case failed
  /// A user ended the job.
  case cancelled

  /// Whether the job has ended.
  public var isFinal: Bool { self == .done || self == .failed || self == .cancelled }

  /// The stages of jobs that have not ended.
  public static var unfinished: [JobStage] { allCases.filter { !$0.isFinal } }
}

/// One worker as the progress of a job shows it.
public struct WorkerProgress: Codable, Equatable, Sendable {
  /// The name the worker gave itself.
  public var name: String
  /// Tasks of this job that the worker holds now.
  public var tasks: Int
  /// Bytes of encrypted traffic that the worker sent since it connected.
  public var bytesSent: UInt64
  /// Bytes of encrypted traffic that the worker received since it connected.
  public var bytesReceived: UInt64

  /// One worker's line.
  public init(name: String, tasks: Int, bytesSent: UInt64, bytesReceived: UInt64) {
    self.name = name
    self.tasks = tasks
    self.bytesSent = bytesSent
    self.bytesReceived = bytesReceived
  }
}

/// Workers that the progress of a job counts and does not name.
public struct OtherWorkers: Codable, Equatable, Sendable {
  /// How many there are.
  public var count: Int
  /// Tasks of this job that they hold now.
  public var tasks: Int

  /// So many workers with so many tasks.
  public init(count: Int, tasks: Int) { (self.count, self.tasks) = (count, tasks) }
}

/// A snapshot of a job's progress; the last one of a job has a final stage.
public struct ProgressEvent: Codable, Equatable, Sendable {
  /// The most workers that are named: an event is as long as a terminal has use for, however many there are.
  public static let mostWorkers = 32

  /// The job's id.
  public var job: String
  /// Where the job is.
  public var stage: JobStage
  /// The step inside the stage in words, such as `round 3: line sums`.
  public var step: String
  /// Units of the step that are finished: keys while indexing, replies while proving.
  public var done: Int
  /// Units of the step in all; 0 where it has none.
  public var total: Int
  /// Groups whose proof is finished, and all groups.
  public var groupsDone: Int
  /// Groups of the job; 0 before planning is over.
  public var groups: Int
  /// The chunks of the plan; 0 before planning is over.
  public var chunks: Int
  /// Why nothing moves, or what went wrong last; nil where all is well.
  public var notice: String?
  /// The workers that may serve the job; of more than ``mostWorkers``, those with most tasks of it.
  public var workers: [WorkerProgress]
  /// The others; nil where all are named.
  public var others: OtherWorkers?
  /// Seconds since the job was submitted.
  public var elapsed: Double
  /// Predicted seconds until the end; nil where nobody knows.
  public var remaining: Double?

  /// A progress snapshot.
  public init(
    job: String, stage: JobStage, step: String, done: Int = 0, total: Int = 0, groupsDone: Int = 0,
    groups: Int = 0, chunks: Int = 0, notice: String? = nil, workers: [WorkerProgress] = [],
    others: OtherWorkers? = nil, elapsed: Double = 0, remaining: Double? = nil
  ) {
    self.job = job
    self.stage = stage
    self.step = step
    self.done = done
    self.total = total
    self.groupsDone = groupsDone
    self.groups = groups
    self.chunks = chunks
    self.notice = notice
    self.workers = workers
    self.others = others
    self.elapsed = elapsed
    self.remaining = remaining
  }
}
