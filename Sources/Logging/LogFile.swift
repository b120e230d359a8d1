import Glibc
import Synchronization

/// A file of log lines that only its owner may read: can be opened anew after somebody renamed it, and makes way for a new one
/// when it is large.
public final class LogFile: Sendable {
  /// When a file makes way: it becomes `FILE.1`, that one `FILE.2`, and so on.
  public struct Rotation: Equatable, Sendable {
    /// Bytes beyond which a file takes no further line; at least one line is taken.
    public var bytes: UInt64
    /// Old files that are kept, at least 1.
    public var kept: Int

    /// A rotation.
    public init(bytes: UInt64, kept: Int) {
      self.bytes = bytes
      self.kept = max(1, kept)
    }
  }

  private struct State {
    var file: Int32
    var bytes: UInt64
  }

  private let path: String
  private let rotation: Rotation?
  private let state: Mutex<State>

  /// Opens the file, or makes it; what is there stays.
  ///
  /// - Throws: what the system says against it.
  public init(_ path: String, rotation: Rotation? = nil) throws(LogFault) {
    self.path = path
    self.rotation = rotation
    guard let opened = Self.open(path) else {
      throw LogFault(path: path, reason: String(cString: strerror(errno)))
    }
    state = Mutex(opened)
  }

  deinit { state.withLock { _ = close($0.file) } }

  /// Opens the file under its name again; where that fails, lines go on into the old one.
  public func reopen() { state.withLock { reopen(&$0) } }

  /// Writes a line, whole; what cannot be written is lost, and nobody is kept waiting by it.
  public func write(_ line: String) {
    let bytes = Array((line + "\n").utf8)
    state.withLock { state in
      if let rotation, state.bytes > 0, state.bytes + UInt64(bytes.count) > rotation.bytes {
        makeWay(keeping: rotation.kept)
        reopen(&state)
      }
      state.bytes += UInt64(writeAll(bytes, to: state.file))
    }
  }

  private func reopen(_ state: inout State) {
    guard let opened = Self.open(path) else { return }
    close(state.file)
    state = opened
  }

  private func makeWay(keeping kept: Int) {
    for number in stride(from: kept, to: 1, by: -1) {
      rename("\(path).\(number - 1)", "\(path).\(number)")
    }
    rename(path, "\(path).1")
  }

  private static func open(_ path: String) -> State? {
    // A pipe that nobody reads would keep whoever opens it, or writes to it, for ever: signals were not answered any more.
    let file = Glibc.open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NONBLOCK, 0o600)
    guard file >= 0 else { return nil }
    var info = stat()
    guard fstat(file, &info) == 0, [S_IFREG, S_IFCHR].contains(info.st_mode & S_IFMT) else {
      close(file)
      errno = EINVAL
      return nil
    }
    _ = fcntl(file, F_SETFL, O_APPEND)
    return State(file: file, bytes: UInt64(max(0, info.st_size)))
  }
}

/// A file of the log cannot be written.
public struct LogFault: Error, Equatable, Sendable {
  /// The file.
  public let path: String
  /// What the system says.
  public let reason: String
}

/// Writes all bytes as far as the descriptor takes them; returns how many.
func writeAll(_ bytes: [UInt8], to file: Int32) -> Int {
  var done = 0
  while done < bytes.count {
    let count = bytes[done...].withUnsafeBytes { Glibc.write(file, $0.baseAddress, $0.count) }
    if count > 0 {
      done += count
    } else if errno != EINTR {
      break
    }
  }
  return done
}
