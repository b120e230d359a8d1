import Foundation
import Wire

extension ClientSession {
  /// Runs a method; nil where the answer follows later.
  func call(
    _ method: ClientMethod, id: UInt64, _ json: [UInt8]
  ) throws(CoordinatorError) -> [UInt8]? {
    switch method {
    case .submit:
      let request = try decode(SubmitRequest.self, json)
      try answerLater(id) { [core] isWanted throws(CoordinatorError) in
        Self.encode(Name(name: try core.submit(request, while: isWanted)))
      }
      return nil
    case .plan:
      let request = try decode(SubmitRequest.self, json)
      try answerLater(id) { [core] isWanted throws(CoordinatorError) in
        Array(try core.plan(request, while: isWanted).utf8)
      }
      return nil
    case .jobs:
      var list: [JobSummary] = []
      for record in try core.store.jobs() { list.append(try core.summary(record)) }
      return encode(list)
    case .job:
      return encode(try core.summary(of: try name(json)))
    case .jobPlan:
      let job = try name(json)
      guard let text = try core.store.planText(of: job) else {
        throw .jobNotFinished(id: job, stage: "it is not planned yet")
      }
      return Array(text.utf8)
    case .cancel:
      try core.cancel(try name(json))
    case .follow:
      try follow(try name(json), id: id)
      return nil
    case .document:
      return encode(try core.document(of: try name(json)))
    case .workers:
      return encode(try core.workers())
    case .revokeWorker:
      try core.revoke(worker: try name(json))
    case .drainWorker:
      let wanted = try name(json)
      let found = try core.workers().filter { $0.id == wanted || $0.name == wanted }
      if found.isEmpty { throw .unknownWorker(wanted) }
      for worker in found { core.dismiss(worker.id) }
    case .tokens:
      return encode(try core.store.tokens())
    case .createToken:
      let request = try decode(TokenRequest.self, json)
      return encode(Name(name: try tokens.create(request, at: Core.wallClock)))
    case .revokeToken:
      try core.store.revokeToken(try name(json))
    }
    return encode(Nothing())
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
      throw .protocolViolation("the request is not a \(type)")
    }
  }

  private func encode(_ value: some Encodable) -> [UInt8] { Self.encode(value) }

  private static func encode(_ value: some Encodable) -> [UInt8] {
    Array(Store.encode(value).utf8)
  }
}

extension Core {
  /// Checks and stores a job, and begins to work on it.
  func submit(
    _ request: SubmitRequest, while isWanted: @Sendable () -> Bool = { true }
  ) throws(CoordinatorError) -> JobID {
    let record = try record(request)
    let job = JobRequest(record)
    try shelf.hold(job.uploads)
    defer { shelf.letGo(job.uploads) }
    try desk.perform(for: "submission", while: isWanted) { () throws(CoordinatorError) in
      try engine.check(job, while: isWanted)
    }
    try store.insert(record)
    try shelf.adopt(job.uploads + (try engine.uploads(job)), of: record.id)
    log("job \(record.id): submitted, \(record.modelName)")
    start(record)
    return record.id
  }

  /// The plan of a job that is not submitted.
  func plan(
    _ request: SubmitRequest, while isWanted: @Sendable () -> Bool = { true }
  ) throws(CoordinatorError) -> String {
    let record = try record(request)
    let request = JobRequest(record)
    try shelf.hold(request.uploads)
    defer { shelf.letGo(request.uploads) }
    return try desk.perform(for: "plan", while: isWanted) { () throws(CoordinatorError) in
      try engine.check(request, while: isWanted)
      return try engine.plan(request, for: workforce(record.options), while: isWanted)
    }
  }

  /// Where a finished job's document is.
  func document(of job: JobID) throws(CoordinatorError) -> DocumentReference {
    guard let stored = try store.job(job) else { throw .unknownJob(job) }
    let record = current(stored)
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

  /// One job's line.
  func summary(of job: JobID) throws(CoordinatorError) -> JobSummary {
    guard let record = try store.job(job) else { throw .unknownJob(job) }
    return try summary(record)
  }

  /// One job's line.
  func summary(_ record: JobRecord) throws(CoordinatorError) -> JobSummary {
    let record = current(record)
    return JobSummary(
      id: record.id, model: record.modelName, stage: record.stage,
      detail: record.stage.isFinal ? record.detail : step(of: record) ?? record.detail,
      failure: record.failure, submitted: record.submitted, updated: record.updated,
      options: record.options,
      dropped: try store.quarantined(job: record.id).map(\.reason))
  }

  private func step(of record: JobRecord) -> String? {
    latest(of: record.id).map { $0.notice ?? $0.step }
  }

  private func record(_ request: SubmitRequest) throws(CoordinatorError) -> JobRecord {
    let counts = SubmitOptions.workerCounts
    if let workers = request.options.workers, !counts.contains(workers) {
      throw .badJob(
        "the number of workers must be from \(counts.lowerBound) to \(counts.upperBound), not \(workers)"
      )
    }
    return JobRecord(
      id: SystemRandom.name(), kind: request.kind ?? .model,
      modelName: Admission.printable(request.modelName),
      model: request.model.bytes, input: request.input.bytes,
      calibration: request.calibration?.bytes, options: request.options,
      seed: SystemRandom.bytes(32), stage: .submitted, detail: "", submitted: Core.wallClock,
      updated: Core.wallClock)
  }
}
