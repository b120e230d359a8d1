extension Program {
  /// The help of the whole program.
  package func overview() -> String {
    var text = "\(summary)\n\nUsage: \(name) COMMAND [OPTIONS]\n\n"
    text += "Commands:\n" + columns(commands.map { ($0.name, $0.summary) })
    text += "\n'\(name) COMMAND --help' explains a command with examples and exit codes.\n"
    text += "'\(name) --version' prints the version.\n"
    text +=
      "Options may stand in a file (--config FILE) or in the environment: '\(name) config check --help'.\n"
    return text
  }

  /// The help of a group of commands such as `token`.
  func overview(of group: [Command]) -> String {
    "Usage: \(name) \(group[0].path[0]) COMMAND [OPTIONS]\n\n"
      + "Commands:\n" + columns(group.map { ($0.name, $0.summary) })
  }

  /// The help of one command.
  package func help(for command: Command) -> String {
    let options = command.options.filter { !$0.hidden }
    var text = "\(command.summary)\n\nUsage: \(usage(of: command))\n"
    if !command.positionals.isEmpty {
      text += "\nArguments:\n" + columns(command.positionals.map { ($0.name, $0.help) })
    }
    if !options.isEmpty {
      text += "\nOptions:\n" + columns(options.map { ($0.usage, $0.explanation) })
    }
    for note in command.notes { text += "\n" + Human.wrapped(note, width: 80) + "\n" }
    if !command.examples.isEmpty {
      text += "\nExamples:\n"
      for example in command.examples {
        text += "  # \(example.effect)\n  \(name) \(example.line)\n"
      }
    }
    text +=
      "\nExit codes:\n"
      + columns(exitCodes(of: command).map { (String($0.rawValue), $0.meaning) })
    return text
  }

  /// Every exit code that a command can end with.
  func exitCodes(of command: Command) -> [ExitCode] {
    ([.success] + command.exitCodes + [.usage]).sorted { $0.rawValue < $1.rawValue }
  }

  func usage(of command: Command) -> String {
    var words = [name] + command.path
    let places = command.positionals.map(\.usage)
    words += places
    if command.acceptsGroups { words.append("[-- " + places.joined(separator: " ") + "]...") }
    words += command.options.filter { $0.required }.map(\.usage)
    if command.options.contains(where: { !$0.required && !$0.hidden }) { words.append("[OPTIONS]") }
    if command.acceptsRest { words.append("[-- ARGUMENT...]") }
    return words.joined(separator: " ")
  }

  private func columns(_ rows: [(String, String)]) -> String {
    let width = min(28, rows.map(\.0.count).max() ?? 0)
    var text = ""
    for (left, right) in rows {
      let lines = Human.wrapped(right, width: 74 - width).split(separator: "\n")
      if left.count > width {
        text += "  \(left)\n"
      } else {
        text +=
          "  " + Human.padded(left, to: width) + "  " + (lines.first.map(String.init) ?? "") + "\n"
      }
      for line in lines.dropFirst(left.count > width ? 0 : 1) {
        text += String(repeating: " ", count: width + 4) + line + "\n"
      }
    }
    return text
  }
}

extension Positional {
  var usage: String {
    let name = repeated ? "\(name)..." : name
    return optional ? "[\(name)]" : name
  }
}

extension CommandOption {
  var usage: String { "--\(name)" + (placeholder.map { " " + $0 } ?? "") }

  var explanation: String {
    var notes: [String] = []
    if required { notes.append("required") }
    if repeated { notes.append("may be repeated") }
    return notes.isEmpty ? help : "\(help) (\(notes.joined(separator: ", ")))"
  }
}
