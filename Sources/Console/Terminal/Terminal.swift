import Glibc

/// What the other end of a descriptor can show.
package struct Terminal: Equatable, Sendable {
  /// Whether lines can be redrawn in place.
  package let isInteractive: Bool
  /// Whether colours are wanted.
  package let hasColor: Bool
  /// Columns, at least 20.
  package let width: Int

  /// Fixed abilities.
  package init(isInteractive: Bool, hasColor: Bool, width: Int) {
    self.isInteractive = isInteractive
    self.hasColor = hasColor
    self.width = max(20, width)
  }

  /// Asks the descriptor and the environment (`NO_COLOR`, `TERM`, `COLUMNS`).
  package static func detect(
    descriptor: Int32, environment: (String) -> String? = Terminal.environment
  ) -> Terminal {
    let isTerminal = isatty(descriptor) == 1
    let dumb = environment("TERM") == nil || environment("TERM") == "dumb"
    let noColor = environment("NO_COLOR").map { !$0.isEmpty } ?? false
    var size = winsize()
    var width = 80
    if ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 {
      width = Int(size.ws_col)
    } else if let columns = environment("COLUMNS").flatMap({ Int($0) }), columns > 0 {
      width = columns
    }
    let interactive = isTerminal && !dumb
    return Terminal(isInteractive: interactive, hasColor: interactive && !noColor, width: width)
  }

  /// A variable of the process environment.
  package static func environment(_ name: String) -> String? {
    getenv(name).map { String(cString: $0) }
  }

  /// Colours by meaning.
  package enum Style: String, Sendable {
    case strong = "1"
    case faint = "2"
    case bad = "31"
    case good = "32"
    case warning = "33"
  }

  /// The text in a style, or as it is where colours are not wanted.
  package func styled(_ text: String, _ style: Style) -> String {
    hasColor ? "\u{1b}[\(style.rawValue)m\(text)\u{1b}[0m" : text
  }
}
