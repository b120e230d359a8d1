/// An option of a command: `--name VALUE`, `--name=VALUE`, or a flag without a value.
package struct CommandOption: Equatable, Sendable {
  /// The name without dashes.
  package let name: String
  /// What stands for the value in help, or nil for a flag.
  package let placeholder: String?
  /// Whether it may be given several times.
  package let repeated: Bool
  /// Whether the command cannot do without it.
  package let required: Bool
  /// One phrase for help.
  package let help: String
  /// Accepted, and left out of help.
  package let hidden: Bool
  /// Whether its value is a secret: never kept in a configuration file, never printed.
  package let secret: Bool

  /// Whether environment and configuration file may set it.
  var isConfigurable: Bool { !hidden && !secret }

  /// An option with a value.
  package static func value(
    _ name: String, _ placeholder: String, _ help: String, repeated: Bool = false,
    required: Bool = false, hidden: Bool = false, secret: Bool = false
  ) -> CommandOption {
    CommandOption(
      name: name, placeholder: placeholder, repeated: repeated, required: required, help: help,
      hidden: hidden, secret: secret)
  }

  /// An option without a value.
  package static func flag(_ name: String, _ help: String, hidden: Bool = false) -> CommandOption {
    CommandOption(
      name: name, placeholder: nil, repeated: false, required: false, help: help, hidden: hidden,
      secret: false)
  }

  /// `--json`, the same everywhere.
  package static let json = flag("json", "print machine-readable JSON")
}

/// An argument given by its place.
package struct Positional: Equatable, Sendable {
  /// In capitals, as help shows it.
  package let name: String
  /// One phrase for help.
  package let help: String
  /// Whether it may be left out.
  package let optional: Bool
  /// Whether it may be given several times; only the last one of a command can.
  package let repeated: Bool

  /// An argument, required and given once unless said otherwise.
  package init(_ name: String, _ help: String, optional: Bool = false, repeated: Bool = false) {
    self.name = name
    self.help = help
    self.optional = optional
    self.repeated = repeated
  }
}

/// One subcommand: what it accepts, how it is explained, and what it runs.
package struct Command: Sendable {
  /// The words that select it, for example `["token", "create"]`.
  package let path: [String]
  /// One sentence.
  package let summary: String
  /// The arguments by place.
  package let positionals: [Positional]
  /// The options, in the order help shows them.
  package let options: [CommandOption]
  /// Whether words after `--` are passed on.
  package let acceptsRest: Bool
  /// Whether `--` begins the arguments by place anew; options may stand in every group.
  package let acceptsGroups: Bool
  /// Paragraphs after the options.
  package let notes: [String]
  /// Whole command lines that work, with what they do.
  package let examples: [(line: String, effect: String)]
  /// The exit codes it can end with, beyond 0 and 2.
  package let exitCodes: [ExitCode]
  /// Whether options make sense, without doing anything; nil where only the work itself can tell.
  package let check: (@Sendable (Arguments) throws -> Void)?
  /// The work.
  package let run: @Sendable (Arguments) throws -> ExitCode

  /// Declares a command; the path is written as it is typed.
  package init(
    _ path: String, _ summary: String, positionals: [Positional] = [],
    options: [CommandOption] = [], acceptsRest: Bool = false, acceptsGroups: Bool = false,
    notes: [String] = [], examples: [(line: String, effect: String)] = [],
    exitCodes: [ExitCode] = [], check: (@Sendable (Arguments) throws -> Void)? = nil,
    run: @escaping @Sendable (Arguments) throws -> ExitCode
  ) {
    self.path = path.split(separator: " ").map(String.init)
    self.summary = summary
    self.positionals = positionals
    self.options = options
    self.acceptsRest = acceptsRest
    self.acceptsGroups = acceptsGroups
    self.notes = notes
    self.examples = examples
    self.exitCodes = exitCodes
    self.check = check
    self.run = run
  }

  /// Whether environment and configuration file set its options; not where the configuration itself is looked at.
  var readsConfiguration: Bool { !Program.ownNames.contains(name) }

  /// The words that select it, as one string.
  package var name: String { path.joined(separator: " ") }
}
