import Foundation
import Glibc

/// The service manager that started this process, as systemd's notification protocol has it (sd_notify(3)): datagrams of
/// `NAME=VALUE` lines to the socket of `NOTIFY_SOCKET`.
package struct ServiceManager: Sendable {
  /// What it is told.
  package enum State: Equatable, Sendable {
    /// The service answers.
    case ready
    /// Configuration is read again; `ready` follows.
    case reloading
    /// It ends of its own will.
    case stopping
    /// It still does its work.
    case alive
    /// One line for people.
    case status(String)

    /// The datagram.
    var text: String {
      switch self {
      case .ready: "READY=1"
      case .reloading: "RELOADING=1\nMONOTONIC_USEC=\(Self.monotonicMicroseconds)"
      case .stopping: "STOPPING=1"
      case .alive: "WATCHDOG=1"
      case .status(let line): "STATUS=\(Human.oneLine(line))"
      }
    }

    private static var monotonicMicroseconds: Int {
      var time = timespec()
      clock_gettime(CLOCK_MONOTONIC, &time)
      return time.tv_sec * 1_000_000 + time.tv_nsec / 1000
    }
  }

  /// The socket's path; a leading `@` stands for a name without a file.
  private let path: String
  /// How often it must hear that the service is alive, in seconds; nil: never.
  package let watchdogSeconds: Double?

  /// The manager that the environment names; nil where there is none.
  package init?(environment: (String) -> String? = { ProcessInfo.processInfo.environment[$0] }) {
    guard let path = environment("NOTIFY_SOCKET"), path.hasPrefix("/") || path.hasPrefix("@"),
      path.utf8.count < MemoryLayout.size(ofValue: sockaddr_un().sun_path)
    else { return nil }
    self.path = path
    let microseconds = environment("WATCHDOG_USEC").flatMap(UInt64.init)
    let isMine = environment("WATCHDOG_PID").map { $0 == String(getpid()) } ?? true
    watchdogSeconds = isMine ? microseconds.map { Double($0) / 1e6 } : nil
  }

  /// Tells it something; a manager that does not listen is no reason to do anything else.
  package func tell(_ state: State) {
    let descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    guard descriptor >= 0 else { return }
    defer { close(descriptor) }
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    var name = Array(path.utf8)
    let isAbstract = name[0] == UInt8(ascii: "@")
    if isAbstract { name[0] = 0 }
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: name) }
    // A name without a file ends with its last byte, a path with a zero.
    let length = MemoryLayout.offset(of: \sockaddr_un.sun_path)! + name.count + (isAbstract ? 0 : 1)
    let text = Array(state.text.utf8)
    _ = withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        sendto(
          descriptor, text, text.count, Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT),
          $0, socklen_t(length))
      }
    }
  }

  /// Says three times per period that the service is alive, as long as it is; a manager without a watchdog hears nothing.
  ///
  /// - Parameter isAlive: whether the service still does its work; it may take its time, and says nothing until it answers.
  package func keepAlive(while isAlive: @escaping @Sendable () -> Bool) {
    guard let watchdogSeconds else { return }
    let thread = Thread {
      while true {
        if isAlive() { tell(.alive) }
        Thread.sleep(forTimeInterval: watchdogSeconds / 3)
      }
    }
    thread.name = "watchdog"
    thread.start()
  }
}
