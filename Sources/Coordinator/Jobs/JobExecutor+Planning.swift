import Foundation
import Logging
import Wire

extension JobExecutor {
  /// Quantises, cuts and evaluates beside the queue, when it is the job's turn; stops early once the job has ended.
  ///
  /// The attempt is counted before it begins, so that a job that ends the coordinator does so a bounded number of times.
  func plan(_ workforce: Workforce) throws(CoordinatorError) {
    let history = try core.store.planning(of: id)
    if let burden = history.burden { throw .badJob(burden) }
    if let verdict = history.verdict { throw .plannerBroke(verdict) }
    let request = JobRequest(record)
    record.workforce = workforce
    planningStep = "waiting for its turn to be planned"
    if let spare = core.workersBeyond(workforce) {
      core.log(
        "job \(job: id): it is cut for \(workforce.workers) workers, \(spare) more are there")
    }
    let rank: Int
    switch record.options.priority ?? .normal {
    case .high: rank = 1
    case .normal: rank = 2
    case .low: rank = 3
    }
    Self.aside { [self] in
      let result: Result<any PreparedJob, CoordinatorError>
      do throws(CoordinatorError) {
        result = .success(
          try core.desk.perform(for: sender, rank: rank, while: { !isOver }) {
            () throws(CoordinatorError) in
            try prepare(request, workforce)
          })
      } catch {
        result = .failure(error)
      }
      post(.prepared(result))
    }
  }

  private func prepare(
    _ request: JobRequest, _ workforce: Workforce
  ) throws(CoordinatorError) -> any PreparedJob {
    try core.store.beginPlanning(of: id)
    do throws(CoordinatorError) {
      let job = try core.engine.prepare(request, for: workforce) {
        (text) throws(CoordinatorError) in
        if isOver { throw .jobCancelled(id: id) }
        post(.said(text))
      }
      try core.shelf.put(job, of: id)
      try core.store.endPlanning(of: id)
      return job
    } catch {
      if case .plannerBroke(let fault) = error {
        try core.store.planningBroke(of: id, fault: fault)
      } else {
        try core.store.endPlanning(of: id)
      }
      throw error
    }
  }

  /// Plans once more what broke off, or ends the job.
  private func planAgain(after fault: String) {
    core.log(.warning("job \(job: id): planning broke off: \(fault)"))
    notice = core.text(.plannerBroke(fault))
    do throws(CoordinatorError) {
      try plan(record.workforce ?? Workforce(workers: 1))
    } catch {
      fail(error)
    }
  }

  /// Goes on with a planned job.
  func take(_ result: Result<any PreparedJob, CoordinatorError>) {
    guard machine.stage == .planning else { return }
    if case .failure(.plannerBroke(let fault)) = result { return planAgain(after: fault) }
    do throws(CoordinatorError) {
      let job = try result.get()
      prepared = job
      expectedReplies = job.groups.indices.map {
        Self.expectedReplies(job.needs(ofGroup: $0), workers: record.workforce?.workers ?? 1)
      }
      if let old = record.planDigest, old != job.planDigest {
        core.log(
          .warning(
            "job \(job: id): the plan differs from the one before the restart; its groups begin anew"
          ))
        try core.store.removeGroups(of: id)
      }
      record.planDigest = job.planDigest
      try core.store.setPlan(
        workforce: record.workforce ?? Workforce(workers: 1), digest: job.planDigest,
        text: job.planText, of: id)
      tracer?.plan(
        keys: job.circuits.map(\.needs), groups: job.groups.indices.map(job.needs(ofGroup:)),
        circuits: job.groups)
      // Known keys are not made again, unless that is the point.
      for (circuit, entry) in job.circuits.enumerated() where record.options.freshKeys != true {
        keys[circuit] = try core.store.verifyingKey(
          program: entry.program.bytes, srs: job.keyScope)
      }
      var attempts = [Int](repeating: 0, count: job.groups.count)
      for group in try core.store.groups(of: id) where attempts.indices.contains(group.number) {
        begun[group.number] = group
        attempts[group.number] = group.attempt + (group.state == .faulted ? 1 : 0)
        if group.state == .proved { proofs[group.number] = group.proof }
      }
      advance(
        .planned(
          circuits: job.circuits.count,
          missingKeys: Set(job.circuits.indices.filter { keys[$0] == nil }),
          groups: job.groups, proved: Set(proofs.keys), attempts: attempts))
    } catch {
      fail(error)
    }
  }

  /// Puts the document together and verifies it beside the queue.
  func assemble() {
    guard let prepared else { return }
    let proofList = prepared.groups.indices.compactMap { proofs[$0] }
    let keyList = prepared.circuits.indices.compactMap { keys[$0] }
    let account = account
    Self.aside { [self] in
      let result: Result<[UInt8], CoordinatorError>
      do throws(CoordinatorError) {
        result = .success(
          try counted { () throws(CoordinatorError) in
            try prepared.document(proofs: proofList, keys: keyList, account: account)
          })
      } catch {
        result = .failure(error)
      }
      post(.assembled(result))
    }
  }

  /// Stores the verified document.
  func take(document result: Result<[UInt8], CoordinatorError>) {
    guard machine.stage == .verifying else { return }
    do throws(CoordinatorError) {
      let bytes = try result.get()
      let digest: Digest
      do {
        digest = try core.artifacts.add(bytes)
      } catch {
        throw CoordinatorError(error)
      }
      record.document = digest.bytes
      try core.store.finish(id, document: digest.bytes, at: Core.wallClock)
      advance(.documentVerified)
    } catch {
      fail(error)
    }
  }

  /// Runs a computation that takes the job's size of memory here; counted before it begins, so that a job which is more
  /// than the coordinator can bear ends it a bounded number of times.
  func counted<T>(
    _ body: () throws(CoordinatorError) -> T
  ) throws(CoordinatorError) -> T {
    let isCounted = beginCounting()
    defer { endCounting(isCounted) }
    return try body()
  }

  // A full disk is no reason not to compute: what cannot be counted is not counted.

  /// Counts a computation that begins; returns whether it was.
  func beginCounting() -> Bool {
    do throws(CoordinatorError) {
      try core.store.beginComputation(of: id)
      return true
    } catch {
      return false
    }
  }

  /// Counts no longer a computation that is over, where it was counted.
  func endCounting(_ isCounted: Bool) {
    guard isCounted else { return }
    do throws(CoordinatorError) {
      try core.store.endComputation(of: id)
    } catch {
      unwrittenEnds.withLock { $0 += 1 }
    }
  }

  static func aside(_ body: @escaping @Sendable () -> Void) {
    // A thread of its own: long computations must not occupy the pool that serves the queues.
    let thread = Thread(block: body)
    thread.name = "job work"
    thread.stackSize = 16 << 20
    thread.start()
  }
}

extension JobRequest {
  /// The request of a stored job; its digests were checked when the row was read.
  init(_ record: JobRecord) {
    self.init(
      id: record.id, owner: record.account, kind: record.kind, modelName: record.modelName,
      model: Digest(bytes: record.model)!, input: Digest(bytes: record.input)!,
      calibration: record.calibration.flatMap { Digest(bytes: $0) },
      options: record.options, seed: record.seed)
  }
}
