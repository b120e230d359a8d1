import Foundation
import ProofAggregation
import Wire

/// The real engine with everything that outside data could break done by a process of its own.
///
/// Planning reads models, searches cuts, and evaluates: a trap there, memory or time without end is a child's end and
/// a `planner` error here. What comes back is a `JobStatement`; proving goes on in this process, but for keys of circuits
/// so large that checking them takes much memory.
package struct IsolatedEngine: JobEngine {
  private let inner: VarunaEngine
  private let program: String
  private let limits: ChildLimits
  private let largestKeyHere: Int
  private let budget: PlanningBudget
  private let plans: KeptPlans?
  private let identity: PlannerIdentity

  /// An engine whose children are `program`, and check the keys whose check takes more than so many bytes.
  ///
  /// - Parameters:
  ///   - limits: of each child, but for the memory, which they have together: one may take nine tenths of it.
  ///   - plans: the plans that are kept; nil: none are.
  package init(
    _ inner: VarunaEngine, program: String, limits: ChildLimits,
    largestKeyHere: Int = KeyCheck.largestHere, plans: KeptPlans? = nil
  ) {
    self.plans = plans
    identity = PlannerIdentity(program)
    self.inner = inner
    self.largestKeyHere = largestKeyHere
    self.program = program
    budget = PlanningBudget(total: limits.memory)
    self.limits = ChildLimits(
      memory: budget.largest, seconds: limits.seconds, threads: limits.threads)
  }

  /// The folders of planning processes, in a home folder.
  static func folders(_ home: HomeFolder) -> URL { home.url.appendingPathComponent("planning") }

  package func check(
    _ request: JobRequest, while isWanted: @Sendable () -> Bool
  ) throws(CoordinatorError) {
    _ = try run(.check, request, Workforce(workers: 1), isWanted)
  }

  package func plan(
    _ request: JobRequest, for workforce: Workforce, while isWanted: @Sendable () -> Bool
  ) throws(CoordinatorError) -> String {
    guard case .plan(let text) = try run(.plan, request, workforce, isWanted).reply else {
      throw Self.nonsense
    }
    return text
  }

  package func prepare(
    _ request: JobRequest, for workforce: Workforce,
    progress: @Sendable (String) throws(CoordinatorError) -> Void
  ) throws(CoordinatorError) -> any PreparedJob {
    func isWanted(_ text: String) -> Bool { (try? progress(text)) != nil }
    var said = "reading the model"
    let (reply, folder) = try run(
      .prepare, request, workforce, { isWanted(said) }, onLine: { said = $0 })
    guard case .statement(let statement) = reply, statement.isConsistent else {
      throw Self.nonsense
    }
    return try inner.job(
      statement, request, artifacts: inner.artifacts, staging: folder,
      judge: KeyJudge(largestHere: largestKeyHere) {
        (order, isWanted) throws(CoordinatorError) in
        try fault(order, of: request, while: isWanted)
      }, progress: progress)
  }

  package func answer(
    _ inquiry: Inquiry, while isWanted: @Sendable () -> Bool
  ) throws(CoordinatorError) -> String {
    let reply = try run(
      .inquiry, nil, Workforce(workers: 1), files: inquiry.uploads, inquiry: inquiry, isWanted
    ).reply
    guard case .answer(let text) = reply else { throw Self.nonsense }
    return text
  }

  private func fault(
    _ key: KeyOrder, of request: JobRequest, while isWanted: () -> Bool
  ) throws(CoordinatorError) -> String? {
    let reply = try run(
      .key, request, Workforce(workers: 1), files: [key.program], checking: key, isWanted
    ).reply
    guard case .verdict(let fault) = reply else { throw Self.nonsense }
    return fault
  }

  package func expire(usedBefore time: Double) { plans?.expire(usedBefore: time) }

  package func uploads(_ request: JobRequest) throws(CoordinatorError) -> [Digest] {
    try inner.uploads(request)
  }

  private func run(
    _ work: PlanningOrder.Work, _ request: JobRequest?, _ workforce: Workforce,
    files: [Digest]? = nil, checking: KeyOrder? = nil, inquiry: Inquiry? = nil,
    _ isWanted: () -> Bool,
    onLine: (String) -> Void = { _ in }
  ) throws(CoordinatorError) -> (reply: PlanningReply, folder: StagingFolder) {
    let kept = keptKey(work, request, workforce)
    let ticket = budget.enter()
    defer { budget.leave(ticket) }
    while true {
      try waitForRoom(ticket, request?.id, isWanted)
      // What a process that begins again had made is not to be mixed with what it makes now.
      let folder = try StagingFolder(in: Self.folders(inner.home))
      var inputs = files ?? []
      if files == nil, let request { inputs = request.uploads + (try inner.uploads(request)) }
      for digest in inputs {
        try folder.link(digest, from: inner.artifacts)
      }
      let staged = KeptPlanFiles(folder: folder.path)
      if let kept, request?.options.replan != true { plans?.lend(kept, to: staged) }
      let order = PlanningOrder(
        work: work, request: request, workforce: workforce, home: inner.home.url.path,
        parameters: inner.home.parameters.path, folder: folder.path, limits: limits, key: checking,
        inquiry: inquiry, keepsPlan: kept != nil)
      do {
        try DurableFile.create(at: folder.order, contents: Array(Store.encode(order).utf8))
      } catch {
        throw CoordinatorError(error)
      }
      switch try runChild(ticket, folder, isWanted, onLine) {
      case .displaced: continue
      case .exited(0):
        if let kept { plans?.take(kept, from: staged) }
        return (try Self.reply(in: folder), folder)
      case .exited(PlanningProcess.diskFull): throw .diskFull(path: folder.path)
      case .abandoned: throw .jobCancelled(id: request?.id ?? Self.noJob)
      case let end:
        // Whatever ended it, the next attempt begins from nothing.
        if let kept { plans?.drop(kept) }
        let isTooMuch = end == .exited(PlanningProcess.tooMuchMemory)
        throw .plannerBroke((isTooMuch ? .overMemory(limits.memory) : end).description)
      }
    }
  }

  /// What the process found.
  private static func reply(in folder: StagingFolder) throws(CoordinatorError) -> PlanningReply {
    let reply: PlanningReply
    do {
      let bytes = try DurableFile.read(folder.reply, limit: longestReply)
      reply = try JSONDecoder().decode(PlanningReply.self, from: Data(bytes))
    } catch {
      throw .plannerBroke("its reply cannot be read: \(reason(error))")
    }
    if case .refused(let refusal) = reply { throw refusal.error }
    return reply
  }

  /// Waits until there is memory for one more process.
  private func waitForRoom(
    _ ticket: PlanningMemory.Ticket, _ job: JobID?, _ isWanted: () -> Bool
  ) throws(CoordinatorError) {
    let place = PlanningPlace.current
    var isAsleep = false
    while !budget.begin(ticket) {
      guard isWanted() else { throw .jobCancelled(id: job ?? Self.noJob) }
      if !isAsleep { place?.sleeps(true) }
      isAsleep = true
      usleep(UInt32(ChildProcess.tick) * 1000)
    }
    // Also where it was displaced in its sleep.
    place?.sleeps(false)
  }

  private func runChild(
    _ ticket: PlanningMemory.Ticket, _ folder: StagingFolder, _ isWanted: () -> Bool,
    _ onLine: (String) -> Void
  ) throws(CoordinatorError) -> ChildEnd {
    // No backtraces: they take long, and show what is in memory.
    var environment = ProcessInfo.processInfo.environment
    environment["SWIFT_BACKTRACE"] = "enable=no"
    let child = ChildProcess(
      program: program, arguments: [PlanningProcess.verb], environment: environment,
      limits: limits, errors: folder.errors, look: { budget.look(ticket, resident: $0) })
    let place = PlanningPlace.current
    return try child.run(
      orders: folder.order, while: isWanted, onLine: onLine, onSleep: { place?.sleeps($0) })
  }

  /// What the plan of this work is kept under; nil where none is kept.
  private func keptKey(
    _ work: PlanningOrder.Work, _ request: JobRequest?, _ workforce: Workforce
  ) -> KeptPlanKey? {
    guard plans != nil, work == .plan || work == .prepare, let request,
      let program = identity.digest
    else { return nil }
    return KeptPlanKey(request, for: workforce, by: program)
  }

  /// The longest reply that is read into memory: statements name circuits and witnesses, they do not contain them.
  private static let longestReply: UInt64 = 256 << 20
  /// What of a reply cannot be read: a field and no value, for replies are secret.
  private static func reason(_ error: any Error) -> String {
    switch error {
    case DecodingError.keyNotFound(_, let context), DecodingError.valueNotFound(_, let context),
      DecodingError.typeMismatch(_, let context), DecodingError.dataCorrupted(let context):
      return "something in '\(context.codingPath.map(\.stringValue).joined(separator: "."))'"
    case let error as DocumentError: return error.description
    default: return "it is not there, or too long"
    }
  }

  /// What a question is called that nobody waits for any more.
  private static let noJob = "question"

  private static let nonsense = CoordinatorError.plannerBroke("its reply cannot be read")
}
