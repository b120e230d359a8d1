import Glibc
import Synchronization

/// A terminal that a program has for itself: another screen, keys without a return. What was there before comes back.
package final class ScreenTerminal: Sendable {
  private let before: termios
  private let isTaken = Mutex(true)

  /// Takes the terminal of standard input and output; nil where they are none.
  ///
  /// Ctrl-C still is a signal: whoever handles it gives the terminal back.
  package init?() {
    var settings = termios()
    guard isatty(STDIN_FILENO) == 1, isatty(STDOUT_FILENO) == 1,
      tcgetattr(STDIN_FILENO, &settings) == 0
    else { return nil }
    before = settings
    settings.c_lflag &= ~tcflag_t(ICANON | ECHO)
    withUnsafeMutableBytes(of: &settings.c_cc) { codes in
      codes[Int(VMIN)] = 0
      codes[Int(VTIME)] = 0
      // Nobody would give the terminal back while the program sleeps.
      codes[Int(VSUSP)] = 0
    }
    guard tcsetattr(STDIN_FILENO, TCSANOW, &settings) == 0 else { return nil }
    Self.write("\u{1b}[?1049h\u{1b}[?25l")
  }

  deinit { giveBack() }

  /// Makes the terminal what it was; may be called more than once, and from any thread.
  package func giveBack() {
    isTaken.withLock { isTaken in
      guard isTaken else { return }
      isTaken = false
      Self.write("\u{1b}[?25h\u{1b}[?1049l")
      var settings = before
      tcsetattr(STDIN_FILENO, TCSANOW, &settings)
    }
  }

  /// Rows that it has now, at least 5.
  package var rows: Int {
    var size = winsize()
    guard ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_row > 0 else { return 24 }
    return max(5, Int(size.ws_row))
  }

  /// Shows these lines and nothing else.
  package func draw(_ lines: [String]) {
    isTaken.withLock { isTaken in
      guard isTaken else { return }
      let text = lines.map { $0 + "\u{1b}[K" }.joined(separator: "\r\n")
      Self.write("\u{1b}[H" + text + "\u{1b}[J")
    }
  }

  /// The keys that were pressed within so many seconds; returns at the first, and at once where there is no terminal any more.
  package func keys(within seconds: Double) -> [TopView.Key] {
    var waiting = pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0)
    guard poll(&waiting, 1, Int32(max(0, min(seconds, 3600)) * 1000)) > 0 else { return [] }
    var buffer = [UInt8](repeating: 0, count: 64)
    let count = read(STDIN_FILENO, &buffer, buffer.count)
    return count <= 0 ? [.quit] : Self.keys(in: buffer[..<count])
  }

  /// What a terminal sends for keys.
  package static func keys(in bytes: ArraySlice<UInt8>) -> [TopView.Key] {
    var keys: [TopView.Key] = []
    var rest = bytes
    while let byte = rest.popFirst() {
      switch byte {
      case UInt8(ascii: "q"), UInt8(ascii: "Q"), 4: keys.append(.quit)
      case UInt8(ascii: "r"): keys.append(.reverse)
      case UInt8(ascii: "k"): keys.append(.up)
      case UInt8(ascii: "j"): keys.append(.down)
      case UInt8(ascii: "s"), UInt8(ascii: ">"): keys.append(.right)
      case UInt8(ascii: "<"): keys.append(.left)
      case 0x1b where rest.first == UInt8(ascii: "[") || rest.first == UInt8(ascii: "O"):
        rest.removeFirst()
        // Numbers, and then what the key is.
        let parameters = rest.prefix { (0x30...0x3f).contains($0) }
        rest = rest.dropFirst(parameters.count)
        keys.append(sequence(Array(parameters), rest.popFirst()))
      default: keys.append(.other)
      }
    }
    return keys
  }

  private static func sequence(_ parameters: [UInt8], _ end: UInt8?) -> TopView.Key {
    switch end {
    case UInt8(ascii: "A"): .up
    case UInt8(ascii: "B"): .down
    case UInt8(ascii: "C"): .right
    case UInt8(ascii: "D"): .left
    case UInt8(ascii: "H"): .home
    case UInt8(ascii: "~"):
      switch parameters {
      case Array("5".utf8): .pageUp
      case Array("6".utf8): .pageDown
      case Array("1".utf8): .home
      default: .other
      }
    default: .other
    }
  }

  private static func write(_ text: String) { TextStream.standardOutput.write(text) }
}
