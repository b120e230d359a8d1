import Foundation
import Glibc

/// What a child process may take before it is ended.
package struct ChildLimits: Codable, Equatable, Sendable {
  /// Resident bytes.
  package var memory: UInt64
  /// Seconds of wall time.
  package var seconds: Double
  /// Threads it computes with; together with `seconds` they bound its processor time.
  package var threads: Int

  /// Limits of one child.
  package init(memory: UInt64, seconds: Double, threads: Int) {
    self.memory = memory
    self.seconds = seconds
    self.threads = threads
  }
}

/// How a child process ended.
package enum ChildEnd: Equatable, Sendable {
  case exited(Int32)
  case signalled(Int32)
  /// It had more resident bytes than it may.
  case overMemory(UInt64)
  /// It ran longer than it may.
  case overTime(Double)
  /// Nobody wants what it computes any more.
  case abandoned
  /// It gave its memory back to another, and begins again when it is its turn.
  case displaced

  /// The end in words.
  package var description: String {
    switch self {
    case .exited(let status): "it ended with status \(status)"
    case .signalled(let number): "it was ended by signal \(number) (\(Self.name(number)))"
    case .overMemory(let limit): "it took more than its limit of \(limit >> 20) MiB of memory"
    case .overTime(let limit): "it took longer than its limit of \(Int(limit)) s"
    case .abandoned: "nobody waits for it any more"
    case .displaced: "it gave its memory back to another"
    }
  }

  private static func name(_ signal: Int32) -> String {
    switch signal {
    case SIGKILL: "killed, perhaps by the system for want of memory"
    case SIGILL, SIGTRAP: "a trap"
    case SIGSEGV, SIGBUS: "a bad access to memory"
    case SIGABRT: "it gave up"
    case SIGXCPU: "it took too much processor time"
    default: String(cString: strsignal(signal))
    }
  }
}

/// Runs a program beside this one, under limits, and waits for its end.
///
/// The child is told on standard input where its orders are, which then stays open as its lifeline: it ends when this process
/// does, however that ends. (The kernel's own notice, `PR_SET_PDEATHSIG`, is about the parent's thread.) It writes lines of
/// progress on standard output. It closes all other descriptors that it finds, and no signal of a terminal reaches it.
struct ChildProcess {
  let program: String
  let arguments: [String]
  let environment: [String: String]
  let limits: ChildLimits
  /// The file that standard error goes to.
  let errors: String
  /// What it is to do that has so many resident bytes.
  let look: (UInt64) -> PlanningMemory.Verdict

  /// How often limits are looked at, in milliseconds.
  static let tick: Int32 = 50
  /// The most bytes that the last line of progress may have.
  private static let longestLine = 4096

  /// Runs the child to its end on the calling thread.
  ///
  /// - Parameters:
  ///   - orders: the path of the file with the orders, which may have any size. The pipe holds all of the path before the child
  ///     begins, so that one that ends without reading it breaks no pipe under this process.
  ///   - isWanted: asked many times a second; where it says no, the child is ended.
  ///   - onLine: gets every line of progress.
  ///   - onSleep: is told when the child is stopped for want of memory, and when it goes on.
  func run(
    orders path: String, while isWanted: () -> Bool, onLine: (String) -> Void,
    onSleep: (Bool) -> Void
  ) throws(CoordinatorError) -> ChildEnd {
    let orders = try pipe()
    let progress: (read: Int32, write: Int32)
    do {
      progress = try pipe()
    } catch {
      close(orders.read)
      close(orders.write)
      throw error
    }
    defer {
      close(orders.write)
      close(progress.read)
    }
    let child: pid_t
    do {
      defer {
        close(orders.read)
        close(progress.write)
      }
      try send(Array(path.utf8), to: orders.write)
      child = try spawn(input: orders.read, output: progress.write)
    }
    return watch(child, progress.read, isWanted, onLine, onSleep)
  }

  private func watch(
    _ child: pid_t, _ output: Int32, _ isWanted: () -> Bool, _ onLine: (String) -> Void,
    _ onSleep: (Bool) -> Void
  ) -> ChildEnd {
    let began = Core.now
    var line: [UInt8] = []
    var isOpen = true
    var slept = 0.0
    var asleepSince: Double?
    while true {
      if !isOpen { usleep(UInt32(Self.tick) * 200) }
      if isOpen { isOpen = read(output, waiting: Self.tick, &line, onLine) != 0 }
      var status: Int32 = 0
      if waitpid(child, &status, WNOHANG) == child {
        // What it said last; the pipe's other end may still be open elsewhere.
        while read(output, waiting: 0, &line, onLine) > 0 {}
        return status & 0x7f == 0 ? .exited(status >> 8 & 0xff) : .signalled(status & 0x7f)
      }
      if !isWanted() { return end(child, .abandoned) }
      let resident = ProcessMemory.residentBytes(of: child)
      if resident > limits.memory { return end(child, .overMemory(limits.memory)) }
      switch (look(resident), asleepSince) {
      case (.run, let since?):
        slept += Core.now - since
        asleepSince = nil
        kill(child, SIGCONT)
        onSleep(false)
      case (.sleep, nil):
        // Where this process ends now the kernel ends the sleeper: its process group has no parent any more.
        kill(child, SIGSTOP)
        asleepSince = Core.now
        onSleep(true)
      case (.restart, _): return end(child, .displaced)
      case (.run, nil), (.sleep, _): break
      }
      let awake = (asleepSince ?? Core.now) - began - slept
      if awake > limits.seconds { return end(child, .overTime(limits.seconds)) }
    }
  }

  private func end(_ child: pid_t, _ reason: ChildEnd) -> ChildEnd {
    kill(child, SIGKILL)
    var status: Int32 = 0
    while waitpid(child, &status, 0) == -1, errno == EINTR {}
    return reason
  }

  /// Reads what is there, waiting so many milliseconds for it; returns how many bytes, -1 for none yet, 0 at the end.
  private func read(
    _ file: Int32, waiting: Int32, _ line: inout [UInt8], _ onLine: (String) -> Void
  ) -> Int {
    var poll = pollfd(fd: file, events: Int16(POLLIN), revents: 0)
    guard Glibc.poll(&poll, 1, waiting) > 0 else { return -1 }
    var buffer = [UInt8](repeating: 0, count: 4096)
    let count = Glibc.read(file, &buffer, buffer.count)
    if count <= 0 { return count < 0 && errno == EINTR ? -1 : 0 }
    for byte in buffer[..<count] {
      if byte == UInt8(ascii: "\n") {
        onLine(String(decoding: line, as: UTF8.self))
        line.removeAll()
      } else if line.count < Self.longestLine {
        line.append(byte)
      }
    }
    return count
  }

  private func spawn(input: Int32, output: Int32) throws(CoordinatorError) -> pid_t {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_adddup2(&actions, input, 0)
    posix_spawn_file_actions_adddup2(&actions, output, 1)
    posix_spawn_file_actions_addopen(&actions, 2, errors, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    var signals = sigset_t()
    sigemptyset(&signals)
    posix_spawnattr_setsigmask(&attributes, &signals)
    sigfillset(&signals)
    posix_spawnattr_setsigdefault(&attributes, &signals)
    posix_spawnattr_setpgroup(&attributes, 0)
    posix_spawnattr_setflags(
      &attributes,
      Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP))
    var words: [UnsafeMutablePointer<CChar>?] = ([program] + arguments).map { strdup($0) } + [nil]
    var settings: [UnsafeMutablePointer<CChar>?] =
      environment.map { strdup("\($0)=\($1)") } + [nil]
    defer { for word in words + settings { free(word) } }
    var child: pid_t = 0
    let code = posix_spawn(&child, program, &actions, &attributes, &words, &settings)
    guard code == 0 else { throw fault(code) }
    return child
  }

  private func pipe() throws(CoordinatorError) -> (read: Int32, write: Int32) {
    var ends: [Int32] = [0, 0]
    guard Glibc.pipe(&ends) == 0 else { throw fault(errno) }
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    return (ends[0], ends[1])
  }

  private func fault(_ number: Int32) -> CoordinatorError {
    number == EMFILE || number == ENFILE
      ? .noDescriptors : .process(name: program, reason: String(cString: strerror(number)))
  }

  /// Puts a path and the zero byte that ends it into the pipe, whose other end is still open here.
  private func send(_ path: [UInt8], to file: Int32) throws(CoordinatorError) {
    let line = path + [0]
    // A pipe takes all of what it has room for at once; one without room must not be waited for: nobody reads yet.
    _ = fcntl(file, F_SETFL, O_NONBLOCK)
    guard write(file, line, line.count) == line.count else {
      throw .process(name: program, reason: "the path of its orders fits no pipe")
    }
  }
}
