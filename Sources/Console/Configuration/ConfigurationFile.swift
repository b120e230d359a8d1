import Foundation

/// What a configuration file says of one option.
package enum ConfiguredValue: Hashable, Sendable, Decodable {
  /// A text or number, as it would be typed.
  case text(String)
  /// Whether a flag is set.
  case flag(Bool)
  /// The values of an option that may be repeated.
  case list([String])

  package init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if let flag = try? container.decode(Bool.self) {
      self = .flag(flag)
    } else if let number = try? container.decode(Int.self) {
      self = .text(String(number))
    } else if let number = try? container.decode(Double.self) {
      self = .text("\(number)")
    } else if let list = try? container.decode([String].self) {
      self = .list(list)
    } else if let text = try? container.decode(String.self) {
      self = .text(text)
    } else {
      throw DecodingError.dataCorruptedError(
        in: container,
        debugDescription: "neither a text, a number, true, false nor a list of texts")
    }
  }
}

/// Options of commands, kept in a file: a JSON object with an object for each command, `{"serve": {"owner-jobs": 100}}`.
package struct ConfigurationFile: Sendable, Equatable {
  /// Where it was read.
  package let path: String
  /// For every command's name, as it is typed, its options by their names without dashes.
  package let commands: [String: [String: ConfiguredValue]]

  /// The largest file that is read, in bytes.
  static let maximumBytes = 1 << 20

  /// Reads a file.
  ///
  /// - Throws: `CommandFailure` (bad input) that names the file and the place.
  package init(path: String) throws {
    func refuse(_ reason: String) -> CommandFailure {
      CommandFailure(.badInput, "configuration '\(path)': \(reason)")
    }
    // A pipe would keep whoever opens it until somebody writes.
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else {
      throw refuse("cannot be read: \(String(cString: strerror(errno)))")
    }
    let handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
    var info = stat()
    guard fstat(descriptor, &info) == 0, info.st_mode & S_IFMT == S_IFREG else {
      throw refuse(info.st_mode & S_IFMT == S_IFDIR ? "is a folder" : "is no file of the disk")
    }
    guard let bytes = try? handle.read(upToCount: Self.maximumBytes + 1) ?? Data() else {
      throw refuse("cannot be read")
    }
    guard bytes.count <= Self.maximumBytes else {
      throw refuse("has more than \(Self.maximumBytes) bytes")
    }
    try self.init(json: bytes, path: path)
  }

  /// Reads the text of a file.
  package init(json: Data, path: String) throws {
    do {
      commands = try JSONDecoder().decode([String: [String: ConfiguredValue]].self, from: json)
    } catch {
      throw CommandFailure(
        .badInput, "configuration '\(path)': \(Self.reason(error))",
        hint: "it is JSON, an object for each command: {\"serve\": {\"owner-jobs\": 100}}")
    }
    self.path = path
  }

  private static func reason(_ error: any Error) -> String {
    guard let error = error as? DecodingError else { return "not JSON" }
    switch error {
    case .typeMismatch(_, let context), .valueNotFound(_, let context),
      .keyNotFound(_, let context), .dataCorrupted(let context):
      let place = context.codingPath.map(\.stringValue).joined(separator: ".")
      return place.isEmpty ? "not a JSON object" : "\(place): \(context.debugDescription)"
    @unknown default: return "not JSON"
    }
  }

  func value(of option: String, in command: String) -> ConfiguredValue? {
    commands[command]?[option]
  }

  /// Every name that no command or option has, and every value of the wrong kind, as lines; none if it can be used.
  package func faults(in commands: [Command]) -> [String] {
    var faults: [String] = []
    for (name, options) in self.commands.sorted(by: { $0.key < $1.key }) {
      guard let command = commands.first(where: { $0.name == name }) else {
        faults.append(
          "there is no command '\(name)'" + Self.guess(name, among: commands.map(\.name)))
        continue
      }
      for (key, value) in options.sorted(by: { $0.key < $1.key }) {
        if let fault = Self.fault(of: value, for: key, in: command) { faults.append(fault) }
      }
    }
    return faults
  }

  private static func fault(
    of value: ConfiguredValue, for key: String, in command: Command
  ) -> String? {
    let place = "\(command.name).\(key)"
    guard let option = command.options.first(where: { $0.name == key && !$0.hidden }) else {
      let known = command.options.filter(\.isConfigurable).map(\.name)
      return "\(place): there is no such option" + guess(key, among: known)
    }
    guard option.isConfigurable else {
      return "\(place): a secret has no place here; give --\(key)-file or the environment"
    }
    switch value {
    case .flag: return option.placeholder == nil ? nil : "\(place): a value is needed"
    case .text: return option.placeholder != nil ? nil : "\(place): true or false is needed"
    case .list: return option.repeated ? nil : "\(place): takes one value"
    }
  }

  private static func guess(_ word: String, among words: [String]) -> String {
    nearest(word, among: words).map { "; did you mean '\($0)'?" } ?? ""
  }
}
