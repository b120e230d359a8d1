import Foundation
import Logging
import Wire
import Worker

/// A coordinator in this process and worker processes beside it, over loopback TCP.
///
/// Everything is the real thing; only the operator is missing. The workers end with this object, and
/// with this process however it ends.
public final class EmbeddedCluster: @unchecked Sendable {
  /// The environment variable that names the worker's program.
  public static let workerVariable = "EZKL_WORKER"
  /// How often a worker that ended is started again.
  public static let maximumRestarts = 3

  /// How a local cluster runs.
  public struct Options: Sendable {
    /// The coordinator's home folder; nil: a temporary one that is removed at the end.
    public var home: URL?
    /// The folder with the public parameters; nil: `srs` in the home folder.
    public var parameters: URL?
    /// Worker processes, at least 1.
    public var workers: Int
    /// Threads per worker; nil: the processors divided by the workers.
    public var threadsPerWorker: Int?
    /// Memory per worker in bytes; nil: its part of what the machine allows.
    public var memoryPerWorker: UInt64?
    /// The worker's program; nil: `EZKL_WORKER`, else `ezkl-worker` beside this program.
    public var program: URL?
    /// Takes one entry of the log at a time, from any thread.
    public var log: @Sendable (LogEntry) -> Void

    /// A local cluster's options.
    public init(
      home: URL? = nil, parameters: URL? = nil, workers: Int = 2, threadsPerWorker: Int? = nil,
      memoryPerWorker: UInt64? = nil, program: URL? = nil,
      log: @escaping @Sendable (LogEntry) -> Void = { _ in }
    ) {
      self.home = home
      self.parameters = parameters
      self.workers = max(1, workers)
      self.threadsPerWorker = threadsPerWorker
      self.memoryPerWorker = memoryPerWorker
      self.program = program
      self.log = log
    }
  }

  /// The coordinator's home folder.
  public let home: URL
  /// The coordinator.
  public let server: CoordinatorServer
  private let options: Options
  private let program: URL
  private let threads: Int
  private let memory: UInt64
  private let temporary: Bool
  private let launcher = LastingThread(name: "launcher")
  // `children`, `restarts`, `stopped`, `givenUp`, `loss` and `onLoss` are touched only under `lock`.
  private let lock = NSLock()
  private var children: [Int: Process] = [:]
  private var restarts: [Int: Int] = [:]
  private var stopped = false
  private var givenUp = 0
  private var loss: CoordinatorError?
  private var onLoss: (@Sendable (CoordinatorError) -> Void)?
  private let began = Core.wallClock

  /// Starts the coordinator and its workers; workers join a moment later.
  public init(_ options: Options) throws(CoordinatorError) {
    self.options = options
    program = try Self.find(options.program)
    threads =
      options.threadsPerWorker
      ?? max(1, ProcessInfo.processInfo.activeProcessorCount / options.workers)
    memory = options.memoryPerWorker ?? Self.defaultMemory(workers: options.workers)
    temporary = options.home == nil
    home =
      options.home
      ?? FileManager.default.temporaryDirectory.appendingPathComponent(
        "ezkl-\(SystemRandom.name())")
    server = try CoordinatorServer(
      CoordinatorConfiguration(home: home, parameters: options.parameters, log: options.log))
    try server.start()
    do throws(CoordinatorError) {
      for number in 1...options.workers {
        let failure: CoordinatorError?? = launcher.sync { [self] in attempt(number) }
        if case .some(.some(let error)) = failure { throw error }
      }
    } catch {
      stop()
      throw error
    }
  }

  deinit { stop() }

  /// A client of the cluster's coordinator.
  public func client() throws(CoordinatorError) -> JobClient {
    try JobClient(home: home)
  }

  /// What each of so many workers on this machine may use: a quarter is left to the coordinator and everything else.
  public static func defaultMemory(workers: Int) -> UInt64 {
    MemoryBudget.detect(operatorLimit: nil).bytes / 4 * 3 / UInt64(max(1, workers))
  }

  /// Process ids of the workers that run now, by number.
  public var workerProcesses: [Int: Int32] {
    locked { children.filter { $0.value.isRunning }.mapValues(\.processIdentifier) }
  }

  /// Ends the workers and the coordinator; unfinished jobs stay in a home folder that is kept.
  public func stop() {
    let running: [Process] = locked {
      if stopped { return [] }
      stopped = true
      return Array(children.values)
    }
    for child in running where child.isRunning { child.terminate() }
    server.stop()
    wait(for: running, seconds: 3)
    for child in running where child.isRunning { kill(child.processIdentifier, SIGKILL) }
    wait(for: running, seconds: 3)
    launcher.finish()
    if temporary { try? FileManager.default.removeItem(at: home) }
  }

  private func wait(for children: [Process], seconds: Double) {
    let end = ProcessInfo.processInfo.systemUptime + seconds
    while children.contains(where: \.isRunning), ProcessInfo.processInfo.systemUptime < end {
      Thread.sleep(forTimeInterval: 0.05)
    }
  }

  private func attempt(_ number: Int) -> CoordinatorError? {
    do throws(CoordinatorError) {
      try launch(number)
      return nil
    } catch {
      return error
    }
  }

  private func launch(_ number: Int) throws(CoordinatorError) {
    let token = try server.createToken(role: .worker, lifetime: 600, uses: 1)
    do {
      let child = try worker(number).process(
        program, joining: server.address, token: token, threads: threads, memory: memory)
      child.terminationHandler = { [weak self] child in self?.ended(number, child) }
      try child.run()
      locked { children[number] = child }
    } catch {
      throw .process(name: program.path, reason: "cannot be started")
    }
  }

  private func worker(_ number: Int) -> LocalWorker {
    LocalWorker(number: number, folder: home.appendingPathComponent("workers/\(number)"))
  }

  private func ended(_ number: Int, _ child: Process) {
    let ends: Int? = locked {
      if stopped { return nil }
      children[number] = nil
      restarts[number, default: 0] += 1
      return restarts[number]
    }
    guard let ends else { return }
    let again = ends <= Self.maximumRestarts
    options.log(
      .warning(
        "worker \(worker: "local-\(number)") ended with \(child.terminationStatus); \(again ? "starting it again" : "it is not started again")"
      ))
    if !again { return giveUp(worker(number), child, ends: ends) }
    launcher.async { [weak self] in
      guard let self, let error = attempt(number) else { return }
      options.log(.error("worker \(worker: "local-\(number)"): \(error)"))
      lose(error)
    }
  }

  /// A worker is not started again: the others go on with what it did, unless it never came, or there are none.
  private func giveUp(_ worker: LocalWorker, _ child: Process, ends: Int) {
    let isLast = locked {
      givenUp += 1
      return givenUp == options.workers
    }
    if isLast || !server.hasSeen(worker: worker.name, since: began) {
      lose(worker.loss(child, attempts: ends))
    }
  }

  private func lose(_ error: CoordinatorError) {
    let action: (@Sendable (CoordinatorError) -> Void)? = locked {
      if stopped || loss != nil { return nil }
      loss = error
      return onLoss
    }
    action?(error)
  }

  /// Says once, from any thread, that workers are missing that will not come any more, and why; at once where that is so
  /// already.
  ///
  /// Whoever waits for a job waits in vain from then on.
  public func whenWorkersAreLost(_ action: @escaping @Sendable (CoordinatorError) -> Void) {
    let known: CoordinatorError? = locked {
      onLoss = action
      return loss
    }
    if let known { action(known) }
  }

  private static func find(_ given: URL?) throws(CoordinatorError) -> URL {
    if let given { return try executable(given) }
    if let path = ProcessInfo.processInfo.environment[workerVariable], !path.isEmpty {
      return try executable(URL(fileURLWithPath: path))
    }
    let own =
      (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe"))
      ?? CommandLine.arguments[0]
    return try executable(
      URL(fileURLWithPath: own).deletingLastPathComponent().appendingPathComponent("ezkl-worker"))
  }

  private static func executable(_ url: URL) throws(CoordinatorError) -> URL {
    guard FileManager.default.isExecutableFile(atPath: url.path) else {
      throw .process(
        name: url.path, reason: "is not there or not executable; set \(workerVariable)")
    }
    return url
  }

  private func locked<T>(_ body: () -> T) -> T {
    lock.lock()
    defer { lock.unlock() }
    return body()
  }
}
