import Console
import Coordinator
import Foundation
import Glibc
import Synchronization

/// What checking one document may take: it is somebody else's, and what it names can be long to plan again.
///
/// A document that takes more is not accepted: the process says so and ends, whatever it is at.
struct VerificationLimits {
  /// Seconds by the wall.
  let seconds: Double
  /// Resident bytes.
  let memory: UInt64

  /// The options that set the limits.
  static let options: [CommandOption] = [
    .value("max-time", "TIME", "longest that verification may take, such as 10m (default: 1h)"),
    .value(
      "max-memory", "SIZE",
      "the most memory that it may take (default: three quarters of what is there)"),
  ]

  /// How often the limits are looked at, in microseconds.
  private static let tick: UInt32 = 50_000

  /// The limits of a command line.
  init(_ arguments: Arguments) throws(UsageError) {
    seconds = Double(max(1, try arguments.duration("max-time") ?? 3600))
    memory =
      try arguments.bytes("max-memory").map { UInt64($0) } ?? ProcessMemory.available / 4 * 3
  }

  /// Ends the process with a word when it takes more, from now on until the watch is ended.
  func watch(_ document: String, json: Bool) -> Watch {
    let watch = Watch()
    let thread = Thread { [self] in
      let began = ContinuousClock.now
      while true {
        usleep(Self.tick)
        guard watch.goesOn else { return }
        if ContinuousClock.now - began > .seconds(seconds) {
          Self.giveUp(
            document, "it took longer than \(Int(seconds)) s; --max-time allows more", json)
        }
        if ProcessMemory.residentBytes(of: getpid()) > memory {
          let limit = Human.bytes(Int(clamping: memory))
          Self.giveUp(
            document, "it took more than \(limit) of memory; --max-memory allows more", json)
        }
      }
    }
    thread.name = "limits"
    thread.start()
    return watch
  }

  /// A watch under way.
  final class Watch: Sendable {
    private let ended = Mutex(false)

    fileprivate var goesOn: Bool { ended.withLock { !$0 } }

    /// Verification is over: what follows is the command's own work.
    func end() { ended.withLock { $0 = true } }
  }

  private struct Answer: Encodable {
    let accepted = false
    let notVerified: String
    private enum CodingKeys: String, CodingKey {
      case accepted
      case notVerified = "not_verified"
    }
  }

  private static func giveUp(_ document: String, _ reason: String, _ json: Bool) -> Never {
    if json { try? printJSON(Answer(notVerified: reason)) }
    TextStream.standardError.write(
      "ezkl-coord: \(Human.oneLine(document)): not verified: \(reason)\n")
    _exit(ExitCode.resource.rawValue)
  }
}
