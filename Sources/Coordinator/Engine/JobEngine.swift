import Wire

/// A share of a group: the work that one task of the lockstep rounds stands for.
package enum ShareName: Hashable, Codable, Sendable, CustomStringConvertible {
  /// The k-th set of instances of the group's division.
  case instances(Int)
  /// The matrices of the group's c-th circuit.
  case matrix(Int)

  /// A short form for logs and the database.
  package var description: String {
    switch self {
    case .instances(let k): "instances \(k)"
    case .matrix(let c): "matrix \(c)"
    }
  }
}

/// What a job asks for: the artifacts' digests, the options, and the secret that salts come from.
package struct JobRequest: Codable, Sendable {
  package let id: JobID
  /// Whose it is: what was kept for one owner is not used for another.
  package let owner: String
  /// What the artifacts are.
  package let kind: JobKind
  package let modelName: String
  package let model, input: Digest
  package let calibration: Digest?
  package let options: SubmitOptions
  /// 32 secret bytes; equal seeds give equal salts, so a restarted job has the same statement.
  package let seed: [UInt8]

  /// A job's request.
  package init(
    id: JobID, owner: String = "", kind: JobKind = .model, modelName: String, model: Digest,
    input: Digest,
    calibration: Digest?, options: SubmitOptions, seed: [UInt8]
  ) {
    self.id = id
    self.owner = owner
    self.kind = kind
    self.modelName = modelName
    self.model = model
    self.input = input
    self.calibration = calibration
    self.options = options
    self.seed = seed
  }
}

extension JobRequest {
  /// The artifacts that were uploaded for it and that it names itself.
  var uploads: [Digest] { [model, input] + (calibration.map { [$0] } ?? []) }
}

/// What a job needs of the proof system; who computes, when and where is the coordinator's business.
///
/// Implementations are stateless and safe to use from any thread. Everything here may take long.
package protocol JobEngine: Sendable {
  /// Refuses at submission what could never be proven: unreadable models, unsupported operators.
  ///
  /// Where `isWanted` says no, nobody waits for the answer any more.
  func check(
    _ request: JobRequest, while isWanted: @Sendable () -> Bool
  ) throws(CoordinatorError)

  /// Quantises, cuts for these workers, and evaluates; of the tasks' artifacts only the parameters are stored.
  ///
  /// Deterministic: after a restart equal arguments give the same plan and the same statement.
  /// `progress` is told what is being done; where it throws, nobody wants the result any more.
  func prepare(
    _ request: JobRequest, for workforce: Workforce,
    progress: @Sendable (String) throws(CoordinatorError) -> Void
  ) throws(CoordinatorError) -> any PreparedJob

  /// Artifacts that were uploaded for a job and are named by others of them: circuits and witnesses.
  func uploads(_ request: JobRequest) throws(CoordinatorError) -> [Digest]

  /// Forgets what is kept for later jobs and was last used before a time, in seconds since 1970.
  func expire(usedBefore time: Double)

  /// The printable plan as JSON, without storing anything.
  func plan(
    _ request: JobRequest, for workforce: Workforce, while isWanted: @Sendable () -> Bool
  ) throws(CoordinatorError) -> String

  /// The answer to a question, as JSON.
  func answer(
    _ inquiry: Inquiry, while isWanted: @Sendable () -> Bool
  ) throws(CoordinatorError) -> String
}

extension JobEngine {
  /// Keeps nothing.
  package func expire(usedBefore time: Double) {}

  /// The same for somebody who waits for the answer.
  package func check(_ request: JobRequest) throws(CoordinatorError) {
    try check(request) { true }
  }

  /// The same for somebody who waits for the answer.
  package func plan(
    _ request: JobRequest, for workforce: Workforce
  ) throws(CoordinatorError) -> String {
    try plan(request, for: workforce) { true }
  }
}

/// A job whose plan and statement are fixed.
package protocol PreparedJob: Sendable {
  /// SHA-256 of the plan; another plan makes the transcripts of an earlier process useless.
  var planDigest: [UInt8] { get }
  /// The plan as JSON.
  var planText: String { get }
  /// Chunks of the plan.
  var chunks: Int { get }
  /// The parameters' artifact.
  var srs: Digest { get }
  /// The artifacts that hold witnesses: they are needed while the job runs, and removed when it has ended.
  var witnesses: [Digest] { get }
  /// What verifying keys depend on besides the program: the parameters' identity, whatever their size.
  var keyScope: [UInt8] { get }
  /// Distinct circuits: the program's artifact and what indexing it needs.
  var circuits: [(program: Digest, needs: Demand)] { get }
  /// The circuits of every group of the plan.
  var groups: [Set<Int>] { get }

  /// Stores the artifacts of `circuits` and `witnesses` where they are not there already.
  func storeArtifacts() throws(CoordinatorError)

  /// What the instances and the circuits of a group need.
  func needs(ofGroup number: Int) -> GroupDemand

  /// Bytes of every verifying key.
  var keyBytes: Int { get }

  /// Whether a worker's verifying key is the one of this circuit; nil if it is, else why not.
  ///
  /// Throws where that cannot be found out, which is nobody's lie. Where `isWanted` says no, nobody waits any more.
  func fault(
    ofKey key: [UInt8], circuit: Int, while isWanted: @Sendable () -> Bool
  ) throws(CoordinatorError) -> String?

  /// Begins a group, or goes on from a snapshot.
  ///
  /// `division[k]` are the instances of share k; `keys` has those of the group's circuits.
  func prover(
    group number: Int, division: [[Int]], keys: [Int: [UInt8]], seed: [UInt8], snapshot: [UInt8]?
  ) throws(CoordinatorError) -> any GroupRounds

  /// The proof document with these groups' proofs; throws unless all of it verifies.
  func document(
    proofs: [[UInt8]], keys: [[UInt8]], account: JobAccount
  ) throws(CoordinatorError) -> [UInt8]
}

extension PreparedJob {
  /// The same for somebody who waits for the answer.
  package func fault(ofKey key: [UInt8], circuit: Int) throws(CoordinatorError) -> String? {
    try fault(ofKey: key, circuit: circuit) { true }
  }
}

/// The lockstep rounds of one group: the coordinator's side of the split prover.
///
/// Used by one thread at a time.
package protocol GroupRounds: AnyObject {
  /// All shares of the group.
  var shares: [ShareName] { get }
  /// Replies taken so far, and replies in all.
  var progress: (done: Int, total: Int) { get }
  /// What the group is doing, in words.
  var stepName: String { get }
  /// All that a new process needs to go on from here.
  var snapshot: [UInt8] { get }

  /// The task that gives this share to a worker.
  func task(for share: ShareName) -> TaskKind

  /// All requests that this share has seen so far, in order; the last may be unanswered.
  func requests(to share: ShareName) -> [(step: UInt8, payload: [UInt8])]

  /// Bytes of every well-formed reply of a share to a step that it has been asked.
  func replyBytes(of share: ShareName, step: UInt8) -> Int

  /// The recorded reply of a share to a step; nil if there is none yet.
  func reply(of share: ShareName, step: UInt8) -> [UInt8]?

  /// What an honest worker replies to a step that the share has been asked, computed here.
  ///
  /// Takes as long as it takes a worker; needed only where two workers disagree.
  func honestReply(of share: ShareName, step: UInt8) throws(CoordinatorError) -> [UInt8]

  /// Takes a reply. Returns the shares that have a new request now, or the end of the group.
  func receive(
    from share: ShareName, step: UInt8, payload: [UInt8]
  ) throws(ShareRefusal) -> RoundsOutcome
}

/// A reply that cannot be right by its form; names its sender at once.
package struct ShareRefusal: Error, Equatable, Sendable {
  /// What is wrong with it.
  package let reason: String

  /// A refusal and its reason.
  package init(reason: String) { self.reason = reason }
}

/// What follows from a reply.
package enum RoundsOutcome: Equatable, Sendable {
  /// These shares have a new request; none while others still owe replies.
  case requests([ShareName])
  /// The group's proof, verified.
  case proof([UInt8])
  /// The proof is wrong because of these shares.
  case wrong([ShareName])
}

/// Times and traffic of a job, for its document.
package struct JobAccount: Equatable, Sendable {
  /// What one worker contributed.
  package struct Worker: Equatable, Sendable {
    package var name: String
    package var shares: Int
    package var bytesSent: UInt64
    package var bytesReceived: UInt64

    /// One worker's contribution.
    package init(name: String, shares: Int, bytesSent: UInt64, bytesReceived: UInt64) {
      self.name = name
      self.shares = shares
      self.bytesSent = bytesSent
      self.bytesReceived = bytesReceived
    }
  }

  /// Seconds of wall time per stage in this process.
  package var seconds: [JobStage: Double] = [:]
  package var workers: [Worker] = []

  /// An empty account.
  package init() {}
}
