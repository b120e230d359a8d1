import Foundation
import Glibc
import Synchronization

/// Takes entries from any thread, leaves out what nobody wants, and writes the rest.
public final class LogWriter: Sendable {
  private let file: LogFile?
  private let descriptor: Int32
  private let format: LogFormat
  private let least: Mutex<LogLevel>

  /// Writes to a file; without one, to a descriptor, as text for its journal if it is one's.
  ///
  /// - Parameters:
  ///   - least: entries of lower levels are left out.
  ///   - environment: the value of an environment variable.
  public init(
    file: LogFile? = nil, descriptor: Int32 = STDERR_FILENO, format: LogFormat = .text,
    least: LogLevel = .info,
    environment: (String) -> String? = { ProcessInfo.processInfo.environment[$0] }
  ) {
    self.file = file
    self.descriptor = descriptor
    let isJournal =
      file == nil && format == .text && Self.isJournal(descriptor, environment("JOURNAL_STREAM"))
    self.format = isJournal ? .journal : format
    self.least = Mutex(least)
  }

  /// The level below which entries are left out from now on.
  public var level: LogLevel {
    get { least.withLock { $0 } }
    set { least.withLock { $0 = newValue } }
  }

  /// Writes an entry.
  public func write(_ entry: LogEntry) {
    guard entry.level >= level else { return }
    let line = format.line(entry, at: Date().timeIntervalSince1970)
    guard let file else {
      // One call for one line: lines of several threads do not mix.
      _ = writeAll(Array((line + "\n").utf8), to: descriptor)
      return
    }
    file.write(line)
  }

  /// Opens the file anew, if there is one.
  public func reopen() { file?.reopen() }

  /// Whether a descriptor is the stream that a journal's variable names: `DEVICE:INODE`.
  static func isJournal(_ descriptor: Int32, _ stream: String?) -> Bool {
    var info = stat()
    guard let stream, fstat(descriptor, &info) == 0 else { return false }
    return stream == "\(info.st_dev):\(info.st_ino)"
  }
}
