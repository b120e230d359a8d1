import Foundation

/// An executable with subcommands: finds the command, parses, runs, and turns errors into one line and a code.
package struct Program: Sendable {
  /// The name of the executable.
  package let name: String
  /// One sentence for help.
  package let summary: String
  /// What `--version` prints.
  package let version: String
  /// The subcommands, in the order help shows them; the last ones are about the program itself.
  package let commands: [Command]

  /// Declares a program; to its commands come those about its configuration and manual.
  package init(name: String, summary: String, version: String, commands: [Command]) {
    self.name = name
    self.summary = summary
    self.version = version
    self.commands =
      commands
      + Self.ownCommands(of: name) {
        Program(name: name, summary: summary, version: version, commands: commands)
      }
  }

  /// What a command line asks for.
  package enum Request: Sendable {
    case help(String)
    case version(String)
    case run(Command, Arguments)
  }

  /// Understands a command line (without the executable's name) and runs nothing.
  ///
  /// - Parameter environment: the value of an environment variable.
  package func understand(
    _ words: [String], environment: @escaping @Sendable (String) -> String? = { _ in nil }
  ) throws -> Request {
    let (choice, own) = try Self.splitConfiguration(words)
    let request = try understand(own) { command throws in
      // A broken file must not keep its own examination from running.
      guard command.readsConfiguration else {
        if case .file = choice { throw UsageError.unknownOption("--config", suggestion: nil) }
        return OptionDefaults()
      }
      switch choice {
      case .none: return OptionDefaults()
      case .standard:
        return OptionDefaults(
          environment: environment, file: try configuration(named: nil, environment))
      case .file(let path):
        return OptionDefaults(
          environment: environment, file: try configuration(named: path, environment))
      }
    }
    guard case .run(let command, var arguments) = request else { return request }
    arguments.reread = Reread {
      guard case .run(_, let again) = try understand(words, environment: environment) else {
        return nil
      }
      return again
    }
    return .run(command, arguments)
  }

  private func understand(
    _ words: [String], defaults: (Command) throws -> OptionDefaults
  ) throws -> Request {
    guard let first = words.first else {
      throw UsageError.missingCommand(prefix: "", choices: topLevelWords)
    }
    if first == "--version" { return .version("\(name) \(version)") }
    if first == "--help" || first == "-h" || (first == "help" && words.count == 1) {
      return .help(overview())
    }
    let words = first == "help" ? Array(words.dropFirst()) + ["--help"] : words
    guard let command = command(selectedBy: words) else {
      let group = commands.filter { $0.path.count > 1 && $0.path[0] == words[0] }
      guard group.isEmpty else {
        if words.dropFirst().contains(where: { $0 == "--help" || $0 == "-h" }) {
          return .help(overview(of: group))
        }
        let choices = group.map { $0.path[1] }
        if words.count > 1, !words[1].hasPrefix("-") {
          throw UsageError.unknownCommand(
            words[0] + " " + words[1],
            suggestion: nearest(words[1], among: choices).map { words[0] + " " + $0 })
        }
        throw UsageError.missingCommand(prefix: words[0], choices: choices)
      }
      throw UsageError.unknownCommand(words[0], suggestion: nearest(words[0], among: topLevelWords))
    }
    let own = Array(words.dropFirst(command.path.count))
    if own.prefix(while: { $0 != "--" }).contains(where: { $0 == "--help" || $0 == "-h" }) {
      return .help(help(for: command))
    }
    return .run(command, try Arguments(parsing: own, for: command, defaults: defaults(command)))
  }

  private var topLevelWords: [String] {
    var seen: [String] = []
    for command in commands where !seen.contains(command.path[0]) { seen.append(command.path[0]) }
    return seen
  }

  /// The command with the longest path that the words begin with.
  func command(selectedBy words: [String]) -> Command? {
    commands.filter { words.starts(with: $0.path) }.max { $0.path.count < $1.path.count }
  }

  /// Runs the whole program and returns its exit status; output goes to the two streams.
  package func main(
    _ words: [String], output: TextStream = .standardOutput, errors: TextStream = .standardError,
    environment: @escaping @Sendable (String) -> String? = {
      ProcessInfo.processInfo.environment[$0]
    }
  ) -> Int32 {
    // A file that grows over the user's limit is an error to report, not a reason to die without a word.
    signal(SIGXFSZ, SIG_IGN)
    do {
      switch try understand(words, environment: environment) {
      case .help(let text): output.write(text)
      case .version(let text): output.write(text + "\n")
      case .run(let command, let arguments): return try command.run(arguments).rawValue
      }
      return ExitCode.success.rawValue
    } catch let error as UsageError {
      errors.write("\(name): \(error.message)\n")
      let selected = command(selectedBy: words).map { " " + $0.name } ?? ""
      let see = "see '\(name)\(selected) --help'"
      errors.write("  " + [error.suggestion, see].compactMap(\.self).joined(separator: " ") + "\n")
      return ExitCode.usage.rawValue
    } catch let failure as CommandFailure {
      errors.write("\(name): \(Human.oneLine(failure.message))\n")
      if let hint = failure.hint { errors.write("  \(hint)\n") }
      return failure.code.rawValue
    } catch {
      errors.write("\(name): \(Human.oneLine(String(describing: error)))\n")
      return ExitCode.failed.rawValue
    }
  }
}
