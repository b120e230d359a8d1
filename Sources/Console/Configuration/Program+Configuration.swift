import Foundation

extension Program {
  /// The variable that names the configuration file: `EZKL_COORD_CONFIG` for `ezkl-coord`. Each program has its own, because one
  /// starts the other and the environment goes along.
  var configurationVariable: String { Self.configurationVariable(of: name) }

  static func configurationVariable(of name: String) -> String {
    name.uppercased().replacing("-", with: "_") + "_CONFIG"
  }

  /// Where a configuration file is looked for, in this order, if none is named.
  func configurationPlaces(_ environment: (String) -> String?) -> [String] {
    let own = environment("XDG_CONFIG_HOME") ?? environment("HOME").map { $0 + "/.config" }
    return [own, "/etc"].compactMap(\.self).filter { $0.hasPrefix("/") }
      .map { "\($0)/ezkl/\(name).json" }
  }

  /// The path of the configuration file that is in use; nil where there is none.
  func configurationPath(named path: String?, _ environment: (String) -> String?) -> String? {
    path ?? environment(configurationVariable).flatMap { $0.isEmpty ? nil : $0 }
      ?? configurationPlaces(environment).first(where: FileManager.default.fileExists)
  }

  /// The configuration file: the one that is named, or the first one that is there; nil where there is none.
  func configuration(
    named path: String?, _ environment: (String) -> String?
  ) throws -> ConfigurationFile? {
    let found = configurationPath(named: path, environment)
    guard let found else { return nil }
    let file = try ConfigurationFile(path: found)
    if let fault = file.faults(in: commands).first {
      throw CommandFailure(
        .badInput, "configuration '\(found)': \(fault)",
        hint: "'\(name) config check \(found)' lists all")
    }
    return file
  }

  /// Which configuration a command line names.
  enum ConfigurationChoice: Equatable {
    /// The file that is found, and the environment.
    case standard
    /// The file at this path, and the environment.
    case file(String)
    /// Neither file nor environment: options come from the command line alone.
    case none
  }

  /// The flag for whoever starts a program and means what he says: no file and no variable sets options.
  package static let noConfigurationFlag = "--no-config"

  /// Takes `--config FILE`, `--config=FILE` or `--no-config` out of a command line; what follows `--` is nobody's option.
  static func splitConfiguration(
    _ words: [String]
  ) throws(UsageError) -> (choice: ConfigurationChoice, words: [String]) {
    var choice = ConfigurationChoice.standard
    var rest: [String] = []
    var index = 0
    while index < words.count, words[index] != "--" {
      let word = words[index]
      index += 1
      let found: ConfigurationChoice
      if word == noConfigurationFlag {
        found = .none
      } else if word == "--config" {
        guard index < words.count else {
          throw .missingValue(option: "--config", expected: "FILE")
        }
        found = .file(words[index])
        index += 1
      } else if word.hasPrefix("--config=") {
        found = .file(String(word.dropFirst("--config=".count)))
      } else {
        rest.append(word)
        continue
      }
      switch (choice, found) {
      case (.standard, _): choice = found
      case (.none, .file), (.file, .none): throw .conflict("--config", noConfigurationFlag)
      default: throw .repeatedOption(found == .none ? noConfigurationFlag : "--config")
      }
    }
    return (choice, rest + words[index...])
  }
}
