extension Program {
  /// A page of the manual.
  package struct ManualPage: Sendable, Equatable {
    /// The name of its file.
    package let file: String
    /// The page for `man`.
    package let text: String
  }

  /// The manual: a page about the program and one for each command, made from what `--help` is made of.
  package var manual: [ManualPage] {
    [ManualPage(file: "\(name).1", text: overviewPage)]
      + commands.map {
        ManualPage(file: ([name] + $0.path).joined(separator: "-") + ".1", text: page(of: $0))
      }
  }

  private var overviewPage: String {
    var page = RoffPage(title: name, source: "\(name) \(version)")
    page.section("NAME", [.text("\(name) \\- \(summary)")])
    page.section("SYNOPSIS", [.text("\(name) COMMAND [OPTIONS]")])
    page.section(
      "COMMANDS",
      commands.map { command in
        .entry(
          "\(([name] + command.path).joined(separator: "-"))(1)", command.summary)
      })
    return page.text
  }

  private func page(of command: Command) -> String {
    var page = RoffPage(
      title: ([name] + command.path).joined(separator: "-"), source: "\(name) \(version)")
    page.section(
      "NAME", [.text("\(([name] + command.path).joined(separator: "-")) \\- \(command.summary)")])
    page.section("SYNOPSIS", [.text(usage(of: command))])
    page.section("ARGUMENTS", command.positionals.map { .entry($0.name, $0.help) })
    page.section(
      "OPTIONS", command.options.filter { !$0.hidden }.map { .entry($0.usage, $0.explanation) })
    page.section("NOTES", command.notes.map { .text($0) })
    page.section("EXAMPLES", command.examples.map { .example("\(name) \($0.line)", $0.effect) })
    page.section(
      "EXIT STATUS", exitCodes(of: command).map { .entry(String($0.rawValue), $0.meaning) })
    page.section("SEE ALSO", [.text("\(name)(1)")])
    return page.text
  }
}

/// A manual page in roff with the macros of `man`.
private struct RoffPage {
  enum Paragraph {
    case text(String)
    case entry(String, String)
    case example(String, String)
  }

  private(set) var text: String

  init(title: String, source: String) {
    text = ".TH \(Self.quoted(title.uppercased())) 1 \"\" \(Self.quoted(source)) \"\"\n"
  }

  /// Adds a section; none without paragraphs.
  mutating func section(_ title: String, _ paragraphs: [Paragraph]) {
    guard !paragraphs.isEmpty else { return }
    text += ".SH \(Self.quoted(title))\n"
    for paragraph in paragraphs {
      switch paragraph {
      case .text(let words): text += ".PP\n\(Self.escaped(words))\n"
      case .entry(let name, let words):
        text += ".TP\n.B \(Self.escaped(name))\n\(Self.escaped(words))\n"
      case .example(let line, let effect):
        text += ".PP\n\(Self.escaped(effect)):\n.PP\n.nf\n.RS\n\(Self.escaped(line))\n.RE\n.fi\n"
      }
    }
  }

  /// Text as roff takes it: no escape, no hyphen that is broken, no request at the beginning of a line.
  private static func escaped(_ text: String) -> String {
    let plain = text.replacing("\\- ", with: "\u{0}").replacing("\\", with: "\\e")
      .replacing("-", with: "\\-").replacing("\u{0}", with: "\\- ")
    return plain.split(separator: "\n", omittingEmptySubsequences: false).map {
      $0.hasPrefix(".") || $0.hasPrefix("'") ? "\\&" + $0 : String($0)
    }.joined(separator: "\n")
  }

  private static func quoted(_ text: String) -> String {
    "\"" + escaped(text).replacing("\"", with: "\\(dq") + "\""
  }
}
