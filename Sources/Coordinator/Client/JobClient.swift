import AleoEZKL
import Foundation
import Model
import Wire

/// A user's connection to a coordinator: submits jobs, follows them, fetches documents, administers.
///
/// Calls block and must come from one thread at a time; only `requestCancel` and `close` may be called
/// while another call waits.
public final class JobClient: @unchecked Sendable {
  /// How long `follow` tries to reach a coordinator that went away, in seconds.
  public static let reconnectSeconds: Double = 120
  /// The largest document that is fetched, in bytes.
  static let maximumDocument: UInt64 = 256 << 20

  private let home: HomeFolder
  private let target: String?
  private let address: CoordinatorAddress
  private let identity: StaticKey
  private let name: String
  private let onTrouble: @Sendable (String) -> Void
  // `current` and `nextID` are touched only under `lock`.
  private let lock = NSLock()
  private var current: ClientConnection
  private var nextID: UInt64 = 0

  /// Connects to `HOST:PORT`, or to the coordinator that runs in `home`.
  ///
  /// The client's key is `admin.key` in `home`, made where there is none. A token of role client is
  /// needed the first time, unless `home` is the coordinator's own. `onTrouble` gets a line for people, on the thread of
  /// the call, when the coordinator is silent or gone and the call waits for it.
  /// - Throws: `unreachable`, `refused` with the coordinator's reason, `badAddress`, `file`.
  public init(
    to coordinator: String? = nil, home: URL, token: String? = nil, name: String = "ezkl-coord",
    onTrouble: @escaping @Sendable (String) -> Void = { _ in }
  ) throws(CoordinatorError) {
    self.onTrouble = onTrouble
    self.home = HomeFolder(home)
    try self.home.create()
    self.name = name
    target = coordinator ?? token
    address = try CoordinatorAddress(to: coordinator, home: self.home, token: token)
    do {
      identity = try StaticKey.loadOrCreate(at: self.home.adminKey.path)
    } catch {
      throw CoordinatorError(error)
    }
    current = try ClientConnection(
      to: address, identity: identity, name: name, onTrouble: onTrouble)
    if token != nil { try address.remember(current.peer, in: self.home) }
  }

  deinit { connection.close() }

  /// The coordinator's address, as HOST:PORT.
  public var coordinator: String { address.endpoint.description }

  /// Ends the connection; a call that waits throws.
  public func close() { connection.close() }

  // MARK: Jobs

  /// Uploads the files and submits a job; returns its id.
  ///
  /// `progress` gets the name of the file that is going out, its bytes sent so far, and its size.
  /// - Throws: `refused` with the reason where the model or an option is not acceptable.
  public func submit(
    model: URL, input: URL, calibration: URL? = nil, options: SubmitOptions = SubmitOptions(),
    progress: (String, UInt64, UInt64) -> Void = { _, _, _ in }
  ) throws(CoordinatorError) -> String {
    let request = try upload(model, input, calibration, options, progress)
    return try connection.call(id(), .submit, request, Name.self).name
  }

  /// The plan of a job as JSON, without proving anything.
  ///
  /// Without an input, one is made up from the shapes that the model declares.
  public func plan(
    model: URL, input: URL?, calibration: URL? = nil, options: SubmitOptions = SubmitOptions()
  ) throws(CoordinatorError) -> Data {
    let request = try upload(model, input, calibration, options) { _, _, _ in }
    return Data(try connection.callForData(id(), .plan, request))
  }

  /// Follows a job to its end, through restarts of the coordinator; returns its last state.
  ///
  /// `onEvent` is called on the calling thread.
  public func follow(
    _ job: String, onEvent: (ProgressEvent) -> Void
  ) throws(CoordinatorError) -> JobSummary {
    while true {
      do {
        return try withoutActuallyEscaping(onEvent) { (handler) throws(CoordinatorError) in
          try connection.call(id(), .follow, Name(name: job), JobSummary.self, onEvent: handler)
        }
      } catch .unreachable(let address, let reason) {
        try reconnect(orThrow: .unreachable(address: address, reason: reason))
      }
    }
  }

  /// Asks for a job's end without waiting for the answer; may be called while `follow` waits.
  public func requestCancel(_ job: String) throws(CoordinatorError) {
    try connection.send(id(), .cancel, Name(name: job))
  }

  /// Ends a job.
  public func cancel(_ job: String) throws(CoordinatorError) {
    _ = try connection.call(id(), .cancel, Name(name: job), Nothing.self)
  }

  /// The verified proof document of a finished job: JSON.
  public func document(_ job: String) throws(CoordinatorError) -> Data {
    let reference = try connection.call(
      id(), .document, Name(name: job), DocumentReference.self)
    return Data(try connection.download(reference.digest, limit: Self.maximumDocument))
  }

  /// Jobs, newest first, fetched a page at a time.
  ///
  /// - Parameters:
  ///   - stages: only those in these stages; nil: in any.
  ///   - limit: at most so many; nil: all.
  public func jobs(
    in stages: [JobStage]? = nil, limit: Int? = nil
  ) throws(CoordinatorError) -> [JobSummary] {
    var jobs: [JobSummary] = []
    var query = JobQuery(stages: stages)
    while limit.map({ jobs.count < $0 }) ?? true {
      query.limit = limit.map { min($0 - jobs.count, JobQuery.longestPage) }
      let page = try connection.call(id(), .jobs, query, JobPage.self)
      jobs += page.jobs
      guard let next = page.next else { break }
      query.after = next
    }
    return jobs
  }

  /// One job.
  public func job(_ id: String) throws(CoordinatorError) -> JobSummary {
    try connection.call(self.id(), .job, Name(name: id), JobSummary.self)
  }

  /// The plan of a submitted job, as JSON of a `PlanReport`.
  public func plan(of job: String) throws(CoordinatorError) -> Data {
    Data(try connection.callForData(id(), .jobPlan, Name(name: job)))
  }

  // MARK: Members and tokens

  /// All workers that ever joined.
  public func workers() throws(CoordinatorError) -> [WorkerSummary] {
    try connection.call(id(), .workers, Nothing(), [WorkerSummary].self)
  }

  /// Bars a worker's key for good, by its id or unique name.
  @discardableResult
  public func revokeWorker(_ worker: String) throws(CoordinatorError) -> KeyRevocation {
    try connection.call(id(), .revokeWorker, Name(name: worker), KeyRevocation.self)
  }

  /// All tokens, newest first; never their secrets.
  public func tokens() throws(CoordinatorError) -> [TokenSummary] {
    try connection.call(id(), .tokens, Nothing(), [TokenSummary].self)
  }

  /// Makes a token that is good for `lifetime` seconds; nobody can read it again.
  ///
  /// It carries `address` where one is given, else the coordinator's own, and enrols at most `uses` keys; nil: one, and any
  /// number of workers.
  /// With `bearer`, the name of a program, it is one for HTTP and enrols nobody.
  public func createToken(
    role: TokenRole, lifetime: Double, address: String? = nil, uses: Int? = nil,
    bearer: String? = nil
  ) throws(CoordinatorError) -> String {
    try connection.call(
      id(), .createToken,
      TokenRequest(
        role: role, lifetime: lifetime, address: address, uses: uses, bearer: bearer), Name.self
    ).name
  }

  /// Makes a token useless, by its id; members that it enrolled stay.
  public func revokeToken(_ token: String) throws(CoordinatorError) {
    _ = try connection.call(id(), .revokeToken, Name(name: token), Nothing.self)
  }

  /// All members that are no workers.
  public func clients() throws(CoordinatorError) -> [ClientSummary] {
    try connection.call(id(), .clients, Nothing(), [ClientSummary].self)
  }

  /// Bars a client's key for good, by its id or unique name, ends its connections, and makes the token useless that enrolled
  /// it.
  @discardableResult
  public func revokeClient(_ client: String) throws(CoordinatorError) -> KeyRevocation {
    try connection.call(id(), .revokeClient, Name(name: client), KeyRevocation.self)
  }

  /// The newest entries of the audit log, newest first; `limit` is 1 to 10,000.
  public func audit(limit: Int) throws(CoordinatorError) -> [AuditEntry] {
    try connection.call(id(), .audit, AuditRequest(limit: limit), [AuditEntry].self)
  }

  // MARK: Inside

  var connection: ClientConnection {
    lock.lock()
    defer { lock.unlock() }
    return current
  }

  func id() -> UInt64 {
    lock.lock()
    defer { lock.unlock() }
    nextID += 1
    return nextID
  }

  private func reconnect(orThrow original: CoordinatorError) throws(CoordinatorError) {
    onTrouble("\(original); trying again for \(Int(Self.reconnectSeconds)) s")
    let end = ProcessInfo.processInfo.systemUptime + Self.reconnectSeconds
    var pause = 1.0
    while ProcessInfo.processInfo.systemUptime < end {
      Thread.sleep(forTimeInterval: pause)
      pause = min(2 * pause, 10)
      do throws(CoordinatorError) {
        // A coordinator of this home folder may come back at another port.
        let place =
          target == nil ? try CoordinatorAddress(to: nil, home: home, token: nil) : address
        let fresh = try ClientConnection(
          to: place, identity: identity, name: name, onTrouble: onTrouble)
        guard fresh.peer == connection.peer else {
          fresh.close()
          throw original
        }
        lock.lock()
        current = fresh
        lock.unlock()
        return
      } catch {
        guard case .unreachable = error else { throw error }
      }
    }
    throw original
  }

  private func upload(
    _ model: URL, _ input: URL?, _ calibration: URL?, _ options: SubmitOptions,
    _ progress: (String, UInt64, UInt64) -> Void
  ) throws(CoordinatorError) -> SubmitRequest {
    let modelDigest = try send(model, progress)
    let inputDigest =
      if let input {
        try send(input, progress)
      } else {
        try connection.upload(sampleInput(for: model, options)) { _ in }
      }
    var calibrationDigest: Digest?
    if let calibration { calibrationDigest = try send(calibration, progress) }
    return SubmitRequest(
      modelName: model.lastPathComponent, model: modelDigest, input: inputDigest,
      calibration: calibrationDigest, options: options)
  }

  func send(
    _ file: URL, _ progress: (String, UInt64, UInt64) -> Void
  ) throws(CoordinatorError) -> Digest {
    let bytes = try read(file)
    let total = UInt64(bytes.count)
    return try connection.upload(bytes) { progress(file.lastPathComponent, $0, total) }
  }

  private func sampleInput(
    for model: URL, _ options: SubmitOptions
  ) throws(CoordinatorError) -> [UInt8] {
    let bytes = try read(model)
    do {
      return try ModelFiles.sampleInput(ofModel: bytes, inputs: options.inputs ?? InputChoices())
    } catch {
      throw CoordinatorError(error)
    }
  }

  private func read(_ file: URL) throws(CoordinatorError) -> [UInt8] {
    do {
      return try DurableFile.read(file.path, limit: ClientSession.maximumUpload)
    } catch {
      throw CoordinatorError(error)
    }
  }
}
