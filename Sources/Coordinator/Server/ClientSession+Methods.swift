import Foundation
import Logging
import Wire

extension ClientSession {
  /// Runs a method that the caller's role may call; nil where the answer follows later.
  ///
  /// `subject` becomes what the call is about, for the audit log.
  func call(
    _ method: ClientMethod, id: UInt64, _ json: [UInt8], _ subject: inout String
  ) throws(CoordinatorError) -> [UInt8]? {
    switch method {
    case .submit:
      let request = try decode(SubmitRequest.self, json)
      try answerLater(method, id) { [core, caller] isWanted throws(CoordinatorError) in
        let job = try core.submit(request, by: caller, while: isWanted)
        return (Self.encode(Name(name: job)), job)
      }
      return nil
    case .plan:
      let request = try decode(SubmitRequest.self, json)
      try answerLater(method, id) { [core, caller] isWanted throws(CoordinatorError) in
        (Array(try core.plan(request, by: caller, while: isWanted).utf8), "")
      }
      return nil
    case .jobs:
      return encode(try core.page(try decode(JobQuery.self, json), for: caller))
    case .job:
      return encode(try core.summary(try core.job(try name(json), for: caller)))
    case .jobPlan:
      let job = try core.job(try name(json), for: caller).id
      guard let text = try core.store.planText(of: job) else {
        throw .jobNotFinished(id: job, stage: "it is not planned yet")
      }
      return Array(text.utf8)
    case .cancel:
      subject = try name(json)
      try core.cancel(try core.job(subject, for: caller).id)
    case .follow:
      try follow(try name(json), id: id)
      return nil
    case .document:
      subject = try name(json)
      return encode(try core.document(of: try core.job(subject, for: caller)))
    case .workers:
      return encode(try core.workers(for: caller))
    case .revokeWorker:
      subject = try name(json)
      let revocation = try core.revoke(worker: subject)
      if let token = revocation.token { subject += " and token \(token)" }
      return encode(revocation)
    case .drainWorker:
      let request = try decode(DrainRequest.self, json)
      subject = request.name
      try core.dismiss(try core.id(ofWorker: subject), within: request.deadline)
    case .cordonWorker:
      let request = try decode(CordonRequest.self, json)
      subject = request.name
      let reason = Admission.printable(request.reason ?? "an operator cordoned it")
      core.cordon(try core.id(ofWorker: subject), reason: reason)
    case .uncordonWorker:
      subject = try name(json)
      core.uncordon(try core.id(ofWorker: subject))
    case .forgetWorker:
      subject = try name(json)
      try core.forget(try core.id(ofWorker: subject))
    case .cluster:
      return encode(try core.cluster())
    case .jobEvents:
      return encode(try core.attempts(of: try core.job(try name(json), for: caller).id))
    case .jobTrace:
      let job = try core.job(try name(json), for: caller).id
      guard let trace = core.traces.trace(of: job) else {
        throw .badRequest("nothing is kept of what the tasks of job \(job) took")
      }
      return encode(trace)
    case .deleteJob:
      subject = try name(json)
      try core.delete(try core.job(subject, for: caller).id)
    case .tokens:
      return encode(try core.store.tokens())
    case .createToken:
      let request = try decode(TokenRequest.self, json)
      subject = "for a \(request.role.rawValue)"
      try caller.authorise(governing: request.role)
      let token = try tokens.create(request, at: Core.wallClock)
      subject = "\(token.id) \(subject)"
      return encode(Name(name: token.text))
    case .revokeToken:
      subject = try name(json)
      guard let token = try core.store.tokens().first(where: { [subject] in $0.id == subject })
      else { throw .unknownToken(subject) }
      try caller.authorise(governing: token.role)
      try core.store.revokeToken(token.id)
    case .clients:
      return encode(try core.clientList())
    case .revokeClient:
      subject = try name(json)
      return encode(try revoke(client: &subject))
    case .webhookKey:
      return encode(Name(name: core.webhookKeys.text(of: caller.account)))
    case .operatorWebhookKey:
      return encode(Name(name: core.webhookKeys.text(of: WebhookKeys.operatorAccount)))
    case .audit:
      let limit = try decode(AuditRequest.self, json).limit
      guard (1...AuditRequest.maximum).contains(limit) else {
        throw .badRequest("an answer has 1 to \(AuditRequest.maximum) entries, not \(limit)")
      }
      return encode(try core.store.audit(limit: limit))
    }
    return encode(Nothing())
  }

  private func revoke(client: inout String) throws(CoordinatorError) -> KeyRevocation {
    let revocation = try core.revoke(client: client, by: caller)
    if let token = revocation.token { client += " and token \(token)" }
    return revocation
  }

  private func name(_ json: [UInt8]) throws(CoordinatorError) -> String {
    try decode(Name.self, json).name
  }

  private func decode<T: Decodable>(
    _ type: T.Type, _ json: [UInt8]
  ) throws(CoordinatorError) -> T {
    do {
      return try JSONDecoder().decode(type, from: Data(json))
    } catch {
      throw .badRequest(RequestFault.text(error))
    }
  }

  private func encode(_ value: some Encodable) -> [UInt8] { Self.encode(value) }

  private static func encode(_ value: some Encodable) -> [UInt8] {
    Array(Store.encode(value).utf8)
  }
}

extension Core {
  /// Checks and stores a job, under an id of its own unless one is given, and begins to work on it.
  func submit(
    _ request: SubmitRequest, as id: JobID? = nil, by caller: Caller,
    while isWanted: @Sendable () -> Bool = { true }
  ) throws(CoordinatorError) -> JobID {
    let record = try record(request, as: id, of: caller)
    let job = JobRequest(record)
    try uploads.check(job.uploads, of: caller.id)
    try shelf.hold(job.uploads)
    defer { shelf.letGo(job.uploads) }
    try checkLimits(of: caller, record.options)
    let named = try desk.perform(for: caller.account, limit: Self.plansPerMember, while: isWanted) {
      () throws(CoordinatorError) in
      // Lists of files are read at the desk: each takes memory, and there may be many who send some.
      let named = try engine.uploads(job)
      try uploads.check(named, of: caller.id)
      try engine.check(job, while: isWanted)
      return named
    }
    try shelf.adopt(job.uploads + named, of: record)
    log("job \(job: record.id): submitted by \(client: caller.id), \(record.modelName)")
    start(record)
    return record.id
  }

  /// Plans and submissions of one member that may wait or run.
  static let plansPerMember = 64

  /// Refuses a job of somebody who has as many, or as many bytes, as he may.
  private func checkLimits(
    of caller: Caller, _ options: SubmitOptions
  ) throws(CoordinatorError) {
    if try store.unfinishedJobs(ofAccount: caller.account) >= limits.jobs {
      throw .tooMany(what: "unfinished jobs of one client", limit: limits.jobs)
    }
    try book.checkJob(options: options.storedBytes, of: caller.account)
  }

  /// The plan of a job that is not submitted.
  func plan(
    _ request: SubmitRequest, by caller: Caller, while isWanted: @Sendable () -> Bool = { true }
  ) throws(CoordinatorError) -> String {
    let record = try record(request, of: caller)
    let request = JobRequest(record)
    try uploads.check(request.uploads, of: caller.id)
    try shelf.hold(request.uploads)
    defer { shelf.letGo(request.uploads) }
    return try desk.perform(for: caller.account, limit: Self.plansPerMember, while: isWanted) {
      () throws(CoordinatorError) in
      try uploads.check(try engine.uploads(request), of: caller.id)
      try engine.check(request, while: isWanted)
      return try engine.plan(request, for: workforce(record.options), while: isWanted)
    }
  }

  /// The answer to a question about files that the caller uploaded; takes turns with plans.
  func answer(
    _ inquiry: Inquiry, by caller: Caller, while isWanted: @Sendable () -> Bool = { true }
  ) throws(CoordinatorError) -> String {
    if let fault = inquiry.fault { throw .badJob(fault) }
    let files = inquiry.uploads
    try uploads.check(files, of: caller.id)
    try shelf.hold(files)
    defer { shelf.letGo(files) }
    return try desk.perform(for: caller.account, limit: Self.plansPerMember, while: isWanted) {
      () throws(CoordinatorError) in
      try engine.answer(inquiry, while: isWanted)
    }
  }

  /// Where a finished job's document is.
  func document(of stored: JobRecord) throws(CoordinatorError) -> DocumentReference {
    let record = current(stored)
    let job = record.id
    switch record.stage {
    case .failed: throw .jobFailed(id: job, reason: record.detail, code: record.failure)
    case .cancelled: throw .jobCancelled(id: job)
    default: break
    }
    guard record.stage == .done, let digest = record.document.flatMap({ Digest(bytes: $0) }) else {
      throw .jobNotFinished(id: job, stage: record.stage.rawValue)
    }
    guard let bytes = artifacts.size(of: digest) else {
      throw .artifact(digest: digest.hex, reason: "the document is not in the store any more")
    }
    return DocumentReference(digest: digest, bytes: bytes)
  }

  /// Some of the jobs that a caller may see.
  func page(_ query: JobQuery, for caller: Caller) throws(CoordinatorError) -> JobPage {
    var query = query
    if !caller.role.seesEveryJob {
      // Others' jobs are none of its business: asked for, they are as such that never were.
      if let owner = query.owner, owner != caller.id { return JobPage(jobs: [], next: nil) }
      query.owner = caller.id
    }
    let limit = query.limit ?? JobQuery.longestPage
    guard (1...JobQuery.longestPage).contains(limit) else {
      throw .badRequest("a page has 1 to \(JobQuery.longestPage) jobs, not \(limit)")
    }
    // One more than the page has shows whether there is another.
    let records = try store.jobs(
      of: query.owner, in: query.stages, model: query.model, after: query.after, limit: limit + 1,
      bytes: 2 * JobQuery.largestPage)
    // Once for all: a page takes two turns at the database, however long it is.
    let dropped = try store.quarantines(ofJobs: records.map(\.id))
    var page = JobPage(jobs: [], next: nil)
    var bytes = 0
    for record in records {
      if page.jobs.count == limit || bytes > JobQuery.largestPage {
        page.next = page.jobs.last.map { JobQuery.Place(submitted: $0.submitted, id: $0.id) }
        break
      }
      let summary = summary(record, dropped: dropped[record.id] ?? [])
      bytes += Store.encode(summary).utf8.count
      page.jobs.append(summary)
    }
    return page
  }

  /// One job's line.
  func summary(of job: JobID) throws(CoordinatorError) -> JobSummary {
    guard let record = try store.job(job) else { throw .unknownJob(job) }
    return try summary(record)
  }

  /// One job's line.
  func summary(_ record: JobRecord) throws(CoordinatorError) -> JobSummary {
    var summary = summary(record, dropped: try store.quarantined(job: record.id).map(\.reason))
    let deliveries = try store.deliveries(of: record.id)
    if !deliveries.isEmpty { summary.webhooks = deliveries }
    return summary
  }

  /// One job's line, with the workers that were dropped.
  private func summary(_ record: JobRecord, dropped: [String]) -> JobSummary {
    let record = current(record)
    var options = record.options
    // The rest of the address may be a secret of its owner's, and viewers see all jobs.
    options.webhook = options.webhook.map(WebhookTarget.shown)
    return JobSummary(
      id: record.id, model: record.modelName, stage: record.stage,
      detail: record.stage.isFinal ? record.detail : step(of: record) ?? record.detail,
      failure: record.failure, owner: record.owner, submitted: record.submitted,
      updated: record.updated,
      options: options,
      dropped: dropped)
  }

  private func step(of record: JobRecord) -> String? {
    latest(of: record.id).map { $0.notice ?? $0.step }
  }

  private func record(
    _ request: SubmitRequest, as id: JobID? = nil, of caller: Caller
  ) throws(CoordinatorError) -> JobRecord {
    if let fault = request.options.fault { throw .badJob(fault) }
    var request = request
    if let only = request.options.only { request.options.only = try ids(ofWorkers: only) }
    return JobRecord(
      id: id ?? SystemRandom.name(), owner: caller.id, account: caller.account,
      kind: request.kind ?? .model, modelName: Admission.printable(request.modelName),
      model: request.model.bytes, input: request.input.bytes,
      calibration: request.calibration?.bytes, options: request.options,
      seed: SystemRandom.bytes(32), stage: .submitted, detail: "", submitted: Core.wallClock,
      updated: Core.wallClock)
  }
}
