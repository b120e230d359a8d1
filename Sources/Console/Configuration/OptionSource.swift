/// Where an option's value comes from; an earlier case wins over a later one.
package enum OptionSource: Hashable, Sendable, CustomStringConvertible {
  case commandLine
  /// The environment variable of this name.
  case environment(String)
  /// The configuration file at this path.
  case file(String)

  package var description: String {
    switch self {
    case .commandLine: "command line"
    case .environment(let name): "environment \(name)"
    case .file(let path): "file \(path)"
    }
  }
}

/// Values that options have unless the command line says otherwise.
package struct OptionDefaults: Sendable {
  /// The value of an environment variable.
  package var environment: @Sendable (String) -> String?
  /// The configuration file that was found.
  package var file: ConfigurationFile?

  /// Defaults from the environment and a file.
  package init(
    environment: @escaping @Sendable (String) -> String? = { _ in nil },
    file: ConfigurationFile? = nil
  ) {
    self.environment = environment
    self.file = file
  }

  /// What an option of a command is set to, and by whom; nil where nobody sets it.
  func setting(of option: CommandOption, in command: Command) -> (ConfiguredValue, OptionSource)? {
    guard option.isConfigurable else { return nil }
    let variable = Self.variable(of: option, in: command)
    if !ReservedVariables.all.contains(variable), let text = environment(variable), !text.isEmpty {
      return (.text(text), .environment(variable))
    }
    guard let file, let value = file.value(of: option.name, in: command.name) else { return nil }
    return (value, .file(file.path))
  }

  /// The variable that sets an option: `EZKL_SERVE_OWNER_JOBS` for `serve --owner-jobs`.
  package static func variable(of option: CommandOption, in command: Command) -> String {
    (["ezkl"] + command.path + [option.name]).joined(separator: "_").uppercased()
      .replacing("-", with: "_")
  }
}
