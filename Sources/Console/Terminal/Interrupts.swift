import Glibc

/// The write end of the pipe that carries signal numbers out of the handler.
nonisolated(unsafe) private var signalPipe: Int32 = -1

/// Turns SIGINT and SIGTERM into a callback, and SIGHUP into another; a second SIGINT or SIGTERM ends the process.
///
/// The handler only writes a byte to a pipe; a thread of its own reads it and does the work, so that the callback may
/// do anything. Handlers, unlike a blocked signal mask, are not inherited by child processes.
package enum Interrupts {
  /// Which signal asked for the end.
  package enum Cause: Equatable, Sendable {
    case interrupt
    case terminate

    /// The exit status for a program that stopped because of it.
    package var exitCode: ExitCode { self == .interrupt ? .interrupted : .cancelled }
  }

  /// Installs the handlers, once per process; callbacks run on threads of their own.
  ///
  /// - Parameters:
  ///   - hangUp: what SIGHUP does; nil: it ends the process, as it does without handlers.
  ///   - last: what a second SIGINT or SIGTERM does before it ends the process; it must not wait for anybody.
  ///   - first: what the first one does.
  package static func install(
    hangUp: (@Sendable () -> Void)? = nil, last: @escaping @Sendable () -> Void = {},
    _ first: @escaping @Sendable (Cause) -> Void
  ) {
    precondition(signalPipe < 0, "installed twice")
    var ends: [Int32] = [-1, -1]
    guard pipe(&ends) == 0 else { return }
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    signalPipe = ends[1]
    signal(SIGPIPE, SIG_IGN)
    let numbers = hangUp == nil ? [SIGINT, SIGTERM] : [SIGINT, SIGTERM, SIGHUP]
    for number in numbers {
      signal(number) { number in
        let saved = errno
        var byte = UInt8(truncatingIfNeeded: number)
        _ = write(signalPipe, &byte, 1)
        errno = saved
      }
    }
    // A parent may have started this process from a thread that blocks signals, and masks are inherited.
    var mask = sigset_t()
    sigemptyset(&mask)
    for number in numbers { sigaddset(&mask, number) }
    pthread_sigmask(SIG_UNBLOCK, &mask, nil)
    let source = ends[0]
    startThread {
      var count = 0
      while true {
        var byte: UInt8 = 0
        let length = read(source, &byte, 1)
        if length < 0, errno == EINTR { continue }
        guard length == 1 else { return }
        if Int32(byte) == SIGHUP {
          hangUp?()
          continue
        }
        count += 1
        if count > 1 {
          last()
          _exit(128 + Int32(byte))
        }
        // The first one may take its time, and must not keep the second one from being heard.
        let cause: Cause = Int32(byte) == SIGINT ? .interrupt : .terminate
        startThread { first(cause) }
      }
    }
  }

  private final class Body {
    let run: @Sendable () -> Void
    init(_ run: @escaping @Sendable () -> Void) { self.run = run }
  }

  private static func startThread(_ run: @escaping @Sendable () -> Void) {
    var thread = pthread_t()
    let body = Unmanaged.passRetained(Body(run)).toOpaque()
    let status = pthread_create(
      &thread, nil,
      { raw in
        Unmanaged<Body>.fromOpaque(raw!).takeRetainedValue().run()
        return nil
      }, body)
    precondition(status == 0, "no thread for signals")
    pthread_detach(thread)
  }
}
