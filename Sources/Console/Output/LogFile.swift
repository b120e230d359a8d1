import Glibc
import Synchronization

/// Where the lines of a log go: standard output, or a file that can be opened anew after somebody renamed it.
package final class LogFile: Sendable {
  private let path: String?
  private let descriptor: Mutex<Int32>

  /// Appends to a file that only its owner may read; without one, writes to standard output.
  ///
  /// - Throws: `CommandFailure` where the file cannot be opened.
  package init(_ path: String?) throws {
    self.path = path
    descriptor = Mutex(-1)
    guard let path else { return }
    let file = Self.open(path)
    guard file >= 0 else {
      throw CommandFailure(
        .badInput, "--log: '\(path)' cannot be written: \(String(cString: strerror(errno)))")
    }
    descriptor.withLock { $0 = file }
  }

  deinit { descriptor.withLock { if $0 >= 0 { close($0) } } }

  /// Opens the file under its name again; where that fails, lines go on into the old one.
  package func reopen() {
    guard let path else { return }
    let file = Self.open(path)
    guard file >= 0 else { return }
    descriptor.withLock { old in
      close(old)
      old = file
    }
  }

  /// Writes a line, whole; what cannot be written is lost, and nobody is kept waiting by it.
  package func write(_ line: String) {
    guard path != nil else { return TextStream.standardOutput.write(line + "\n") }
    let bytes = Array((line + "\n").utf8)
    descriptor.withLock { file in
      var done = 0
      while done < bytes.count {
        let count = bytes[done...].withUnsafeBytes { Glibc.write(file, $0.baseAddress, $0.count) }
        if count > 0 {
          done += count
        } else if errno != EINTR {
          return
        }
      }
    }
  }

  private static func open(_ path: String) -> Int32 {
    Glibc.open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
  }
}
