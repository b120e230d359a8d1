import Foundation

extension Program {
  /// The names of the commands that every program has.
  static let ownNames = ["config check", "config print", "completion", "man"]

  /// The commands that every program has: they are about the program itself.
  ///
  /// - Parameter program: makes the program, for when one of them runs; a program has these commands, so nothing may ask
  ///   for it before.
  static func ownCommands(
    of name: String, _ program: @escaping @Sendable () -> Program
  ) -> [Command] {
    [
      checkCommand(of: name, program), printCommand(program), completionCommand(of: name, program),
      manCommand(program),
    ]
  }

  private static func checkCommand(
    of name: String, _ program: @escaping @Sendable () -> Program
  ) -> Command {
    Command(
      "config check", "Checks a configuration file.",
      positionals: [
        Positional("FILE", "the file (default: the one that is in use)", optional: true)
      ],
      notes: [
        "The file is a JSON object with an object for each command, whose members are the command's options without dashes: "
          + "{\"serve\": {\"listen\": \"0.0.0.0:9000\", \"owner-jobs\": 100, \"json\": true}}. "
          + "Options that may be repeated take a list. Secrets have no place in it.",
        "It is the file of --config, else of \(configurationVariable(of: name)), else the first that is there of ~/.config/ezkl/\(name).json "
          + "(or $XDG_CONFIG_HOME) and /etc/ezkl/\(name).json.",
        "The command line wins over the environment (EZKL_SERVE_OWNER_JOBS for serve --owner-jobs), and that over the file.",
      ],
      examples: [("config check /etc/ezkl/ezkl-coord.json", "before a restart")],
      exitCodes: [.badInput]
    ) { arguments in
      let program = program()
      let environment: @Sendable (String) -> String? = { ProcessInfo.processInfo.environment[$0] }
      guard
        let path = program.configurationPath(named: arguments.positional(0), environment)
      else {
        throw CommandFailure(.badInput, "there is no configuration file, and none was named")
      }
      let file = try ConfigurationFile(path: path)
      var faults = file.faults(in: program.commands)
      if faults.isEmpty { faults = program.unusableValues(of: file) }
      guard faults.isEmpty else {
        for fault in faults { TextStream.standardOutput.write(Human.oneLine(fault) + "\n") }
        throw CommandFailure(.badInput, "configuration '\(path)' has \(faults.count) faults")
      }
      TextStream.standardOutput.write("\(path): ok\n")
      return .success
    }
  }

  /// What commands that can tell say of the values of a file.
  private func unusableValues(of file: ConfigurationFile) -> [String] {
    commands.compactMap { command in
      guard let check = command.check, file.commands[command.name] != nil else { return nil }
      do {
        try check(Arguments(defaults: OptionDefaults(file: file), for: command))
        return nil
      } catch let error as UsageError {
        return "\(command.name): \(error.message)"
      } catch {
        return "\(command.name): \((error as? CommandFailure)?.message ?? "\(error)")"
      }
    }
  }

  private struct Setting: Encodable {
    let option: String
    let values: [String]
    let source: String
  }

  private static func printCommand(_ program: @escaping @Sendable () -> Program) -> Command {
    Command(
      "config print", "Shows what configures a command, and where each value comes from.",
      positionals: [Positional("COMMAND", "the command's words", repeated: true)],
      options: [
        .value("file", "FILE", "configuration file (default: the one that is in use)"), .json,
      ],
      notes: ["Options that nobody sets have the defaults that --help names; they are left out."],
      examples: [("config print serve", "what 'serve' would run with")],
      exitCodes: [.badInput]
    ) { arguments in
      let program = program()
      let environment: @Sendable (String) -> String? = { ProcessInfo.processInfo.environment[$0] }
      let name = arguments.positionals.joined(separator: " ")
      guard let command = program.commands.first(where: { $0.name == name }) else {
        throw UsageError.unknownCommand(
          name, suggestion: nearest(name, among: program.commands.map(\.name)))
      }
      let file = try program.configuration(named: arguments.string("file"), environment)
      let found = try Arguments(
        defaults: OptionDefaults(environment: environment, file: file), for: command)
      let settings = command.options.compactMap { option in
        found.sources[option.name].map { source in
          Setting(
            option: option.name,
            values: option.placeholder == nil
              ? ["\(found.has(option.name))"] : found.strings(option.name),
            source: "\(source)")
        }
      }
      if arguments.has("json") {
        TextStream.standardOutput.write(try JSONOutput.text(settings))
      } else {
        var table = Table([.text("option"), .text("value"), .text("from")])
        for setting in settings {
          table.add([
            "--" + setting.option, Human.oneLine(setting.values.joined(separator: ", ")),
            Human.oneLine(setting.source),
          ])
        }
        TextStream.standardOutput.write(
          settings.isEmpty
            ? "nothing but the command line sets options of '\(name)'\n" : table.rendered())
      }
      return .success
    }
  }

  private static func completionCommand(
    of name: String, _ program: @escaping @Sendable () -> Program
  ) -> Command {
    Command(
      "completion", "Prints a completion script for a shell.",
      positionals: [Positional("SHELL", "bash, zsh or fish")],
      examples: [
        (
          "completion bash > /etc/bash_completion.d/\(name)",
          "for everybody, in new shells"
        ),
        ("completion fish | source", "for this fish"),
      ]
    ) { arguments in
      guard let shell = CompletionShell(rawValue: arguments.positionals[0]) else {
        throw UsageError.invalidValue(
          name: "SHELL", value: arguments.positionals[0], expected: "bash, zsh or fish")
      }
      TextStream.standardOutput.write(program().completion(for: shell))
      return .success
    }
  }

  private static func manCommand(_ program: @escaping @Sendable () -> Program) -> Command {
    Command(
      "man", "Writes the manual pages.",
      options: [.value("out", "DIR", "folder for a page per command", required: true)],
      examples: [("man --out share/man/man1", "NAME.1, and NAME-COMMAND.1 for each command")],
      exitCodes: [.badInput]
    ) { arguments in
      let folder = URL(fileURLWithPath: arguments.string("out")!)
      do {
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        for page in program().manual {
          try Data(page.text.utf8).write(to: folder.appendingPathComponent(page.file))
        }
      } catch {
        throw CommandFailure(.badInput, "--out: '\(folder.path)' cannot be written")
      }
      return .success
    }
  }
}
