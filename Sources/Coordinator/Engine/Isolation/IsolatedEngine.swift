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
  private let large = LargePlanning()
  private let plans: KeptPlans?
  private let identity: PlannerIdentity

  /// An engine whose children are `program`, and check the keys whose check takes more than so many bytes.
  ///
  /// - Parameter plans: the plans that are kept; nil: none are.
  package init(
    _ inner: VarunaEngine, program: String, limits: ChildLimits,
    largestKeyHere: Int = KeyCheck.largestHere, plans: KeptPlans? = nil
  ) {
    self.plans = plans
    identity = PlannerIdentity(program)
    self.inner = inner
    self.largestKeyHere = largestKeyHere
    self.program = program
    self.limits = limits
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
    _ work: PlanningOrder.Work, _ request: JobRequest, _ workforce: Workforce,
    files: [Digest]? = nil, checking: KeyOrder? = nil, _ isWanted: () -> Bool,
    onLine: (String) -> Void = { _ in }
  ) throws(CoordinatorError) -> (reply: PlanningReply, folder: StagingFolder) {
    let folder = try StagingFolder(in: Self.folders(inner.home))
    let inputs =
      if let files { files } else { request.uploads + (try inner.uploads(request)) }
    for digest in inputs {
      try folder.link(digest, from: inner.artifacts)
    }
    let key = keptKey(work, request, workforce)
    let kept = KeptPlanFiles(folder: folder.path)
    if let key, request.options.replan != true { plans?.lend(key, to: kept) }
    let order = PlanningOrder(
      work: work, request: request, workforce: workforce, home: inner.home.url.path,
      parameters: inner.home.parameters.path, folder: folder.path, limits: limits, key: checking,
      keepsPlan: key != nil)
    do {
      try DurableFile.create(at: folder.order, contents: Array(Store.encode(order).utf8))
    } catch {
      throw CoordinatorError(error)
    }
    // No backtraces: they take long, and show what is in memory.
    var environment = ProcessInfo.processInfo.environment
    environment["SWIFT_BACKTRACE"] = "enable=no"
    let child = ChildProcess(
      program: program, arguments: [PlanningProcess.verb], environment: environment,
      limits: limits, errors: folder.errors, large: large)
    let place = PlanningPlace.current
    let end = try child.run(
      orders: folder.order, while: isWanted, onLine: onLine, onSleep: { place?.sleeps($0) })
    switch end {
    case .exited(0): break
    case .exited(PlanningProcess.tooMuchMemory):
      if let key { plans?.drop(key) }
      throw .plannerBroke(ChildEnd.overMemory(limits.memory).description)
    case .exited(PlanningProcess.diskFull): throw .diskFull(path: folder.path)
    case .abandoned: throw .jobCancelled(id: request.id)
    default:
      // Whatever ended it, the next attempt begins from nothing.
      if let key { plans?.drop(key) }
      throw .plannerBroke(end.description)
    }
    if let key { plans?.take(key, from: kept) }
    let reply: PlanningReply
    do {
      let bytes = try DurableFile.read(folder.reply, limit: Self.longestReply)
      reply = try JSONDecoder().decode(PlanningReply.self, from: Data(bytes))
    } catch {
      throw .plannerBroke("its reply cannot be read: \(Self.reason(error))")
    }
    if case .refused(let refusal) = reply { throw refusal.error }
    return (reply, folder)
  }

  /// What the plan of this work is kept under; nil where none is kept.
  private func keptKey(
    _ work: PlanningOrder.Work, _ request: JobRequest, _ workforce: Workforce
  ) -> KeptPlanKey? {
    guard plans != nil, work == .plan || work == .prepare, let program = identity.digest else {
      return nil
    }
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

  private static let nonsense = CoordinatorError.plannerBroke("its reply cannot be read")
}
