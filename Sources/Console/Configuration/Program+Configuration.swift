import Foundation

extension Program {
  /// The option that every command takes, before or after its own.
  static let configurationOption = CommandOption.value(
    "config", "FILE", "configuration file (default: see 'config check --help')")

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

  /// Takes `--config FILE` or `--config=FILE` out of a command line; what follows `--` is nobody's option.
  static func splitConfiguration(
    _ words: [String]
  ) throws(UsageError) -> (path: String?, words: [String]) {
    var path: String?
    var rest: [String] = []
    var index = 0
    while index < words.count, words[index] != "--" {
      let word = words[index]
      index += 1
      var value: String
      if word == "--config" {
        guard index < words.count else {
          throw .missingValue(option: "--config", expected: "FILE")
        }
        value = words[index]
        index += 1
      } else if word.hasPrefix("--config=") {
        value = String(word.dropFirst("--config=".count))
      } else {
        rest.append(word)
        continue
      }
      guard path == nil else { throw .repeatedOption("--config") }
      path = value
    }
    return (path, rest + words[index...])
  }
}
