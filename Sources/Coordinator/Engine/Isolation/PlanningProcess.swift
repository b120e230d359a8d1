import AleoEZKL
import Foundation
import Glibc
import Model
import Wire

/// The other side of `IsolatedEngine`: what `ezkl-coord` runs when it starts itself for planning.
///
/// Whatever a model or a circuit of any size makes it do happens here: a trap, memory without end, a search without end. The coordinator
/// sees a child that ended.
public enum PlanningProcess {
  /// The private command that starts it; nobody types it.
  public static let verb = "plan-apart"

  /// The exit status of a process that had more memory than it may.
  static let tooMuchMemory: Int32 = 5

  /// The exit status of a process whose reply the disk did not take.
  static let diskFull: Int32 = 6

  /// Longer orders are nonsense: a request that a client can send has a megabyte at most.
  private static let longestOrder: UInt64 = 16 << 20
  /// Longer paths are nonsense.
  private static let longestPath = 1 << 14
  /// Address space beside resident memory: stacks, the allocator's arenas, mapped files.
  private static let addressSlack: UInt64 = 8 << 30

  /// Reads the orders, follows them, and leaves the reply; returns the exit status.
  public static func main() -> Int32 {
    closeStrangers()
    guard let path = readPath(), let bytes = try? DurableFile.read(path, limit: longestOrder),
      let order = try? JSONDecoder().decode(PlanningOrder.self, from: Data(bytes))
    else { return 2 }
    unlink(path)
    watchLifeline()
    limit(order.limits)
    let (reply, fresh): (PlanningReply, Fresh?)
    do throws(CoordinatorError) {
      (reply, fresh) = try follow(order)
    } catch {
      (reply, fresh) = (.refused(PlanningRefusal(error)), nil)
    }
    // Whoever watches from outside may have blinked.
    if peakBytes > order.limits.memory { return tooMuchMemory }
    let text = Array(Store.encode(reply).utf8)
    do {
      try DurableFile.create(at: order.folder + "/reply", contents: text)
    } catch {
      if case .diskFull = CoordinatorError(error) { return diskFull }
      return 3
    }
    // Last, so that it takes nothing that the reply needs; its bytes are at most as many as are resident.
    if let fresh, order.keepsPlan,
      ProcessMemory.residentBytes(of: getpid()) < order.limits.memory / 4
    {
      KeptPlanFiles(folder: order.folder).write(fresh.plan, fresh.scope)
    }
    return 0
  }

  private typealias Fresh = (plan: KeptPlan, scope: KeptPlanKey.Scope)

  private static func follow(
    _ order: PlanningOrder
  ) throws(CoordinatorError) -> (PlanningReply, Fresh?) {
    let artifacts: ArtifactStore
    do {
      artifacts = try ArtifactStore(directory: order.folder)
    } catch {
      throw CoordinatorError(error)
    }
    let engine = VarunaEngine(
      home: HomeFolder(
        URL(fileURLWithPath: order.home), parameters: URL(fileURLWithPath: order.parameters)),
      artifacts: artifacts, threads: order.limits.threads)
    let kept = KeptPlanFiles(folder: order.folder)
    if order.work == .inquiry {
      guard let inquiry = order.inquiry else { throw .badJob("there is no question") }
      return (.answer(try engine.answer(inquiry) { true }), nil)
    }
    guard let request = order.request else { throw .badJob("there is no job") }
    switch order.work {
    case .check:
      try engine.check(request)
      return (.done, nil)
    case .plan:
      let plan = try engine.plan(request, for: order.workforce, kept: kept)
      return (.plan(plan.result), plan.fresh)
    case .prepare:
      PlanningProgress.listen { say($0) }
      let statement = try engine.statement(request, for: order.workforce, kept: kept) { text in
        say(text)
      }
      return (.statement(statement.result), statement.fresh)
    case .key:
      guard let key = order.key else { throw .badJob("there is no key to be checked") }
      return (.verdict(try engine.fault(key, under: request.options.srs)), nil)
    case .inquiry: preconditionFailure("answered above")
    }
  }

  /// The most resident bytes that this program had.
  ///
  /// Not `ru_maxrss`: that counts what the process was before it became this program, and that is the coordinator.
  private static var peakBytes: UInt64 {
    let file = open("/proc/self/status", O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { return 0 }
    defer { close(file) }
    var buffer = [UInt8](repeating: 0, count: 1 << 14)
    let count = read(file, &buffer, buffer.count)
    let lines = String(decoding: buffer.prefix(max(0, count)), as: UTF8.self).split(separator: "\n")
    let words = lines.first { $0.hasPrefix("VmHWM:") }?.split(whereSeparator: \.isWhitespace)
    return (words?.dropFirst().first.flatMap { UInt64($0) } ?? 0) * 1024
  }

  /// One line of progress.
  private static func say(_ text: String) {
    let bytes = Array((text.replacingOccurrences(of: "\n", with: " ") + "\n").utf8)
    _ = bytes.withUnsafeBytes { write(1, $0.baseAddress, $0.count) }
  }

  /// Closes descriptors that this process has no business with: sockets and files of the coordinator.
  private static func closeStrangers() {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd")) ?? []
    for file in names.compactMap({ Int32($0) }) where file > 2 { close(file) }
  }

  /// The path of the orders, from standard input.
  private static func readPath() -> String? {
    var path: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 4096)
    while path.last != 0 {
      let count = read(0, &buffer, buffer.count)
      guard count > 0, path.count + count <= longestPath else { return nil }
      path += buffer[..<count]
    }
    return String(decoding: path.dropLast(), as: UTF8.self)
  }

  /// Ends this process when the other end of standard input goes: the coordinator has ended, however it did.
  private static func watchLifeline() {
    let thread = Thread {
      var byte: UInt8 = 0
      while read(0, &byte, 1) > 0 {}
      _exit(4)
    }
    thread.name = "lifeline"
    thread.stackSize = 1 << 16
    thread.start()
  }

  private static func limit(_ limits: ChildLimits) {
    func set(_ resource: __rlimit_resource, _ bound: UInt64) {
      var value = rlimit(rlim_cur: rlim_t(bound), rlim_max: rlim_t(bound))
      setrlimit(__rlimit_resource_t(resource.rawValue), &value)
    }
    let (address, over) = limits.memory.addingReportingOverflow(addressSlack)
    set(RLIMIT_AS, over ? .max : address)
    set(RLIMIT_CPU, UInt64(min(limits.seconds, 1e9)) * UInt64(max(1, limits.threads)) + 1)
    set(RLIMIT_CORE, 0)
    // Where the machine is short of memory, this is what has to go first, not the coordinator.
    let file = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC)
    if file >= 0 {
      _ = write(file, "1000", 4)
      close(file)
    }
  }
}
