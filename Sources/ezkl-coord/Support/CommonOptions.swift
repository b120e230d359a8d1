import Console
import Coordinator
import Foundation
import Wire

extension CommandOption {
  /// The home folder.
  static let home = value("home", "DIR", "home folder (default: \(defaultHome.path))")
  /// The coordinator of a client command.
  static let to = value(
    "to", "HOST:PORT", "the coordinator (default: the one that runs in the home folder)")
  /// The client token for the first contact.
  static let token: [CommandOption] = [
    value(
      "token", "TOKEN", "client token, needed for the first contact only (or EZKL_TOKEN)",
      secret: true),
    value(
      "token-file", "FILE",
      "file with the token, - for standard input: a command line is no place for secrets"),
  ]

  /// What every client command takes.
  static let client: [CommandOption] = [to] + token + [home, json]
}

/// `$XDG_STATE_HOME/ezkl-coord`, or `~/.ezkl-coord`.
let defaultHome: URL = {
  let environment = ProcessInfo.processInfo.environment
  if let state = environment["XDG_STATE_HOME"], state.hasPrefix("/") {
    return URL(fileURLWithPath: state).appendingPathComponent("ezkl-coord")
  }
  return URL(fileURLWithPath: environment["HOME"] ?? ".").appendingPathComponent(".ezkl-coord")
}()

extension Arguments {
  /// The home folder that was given, or the default one.
  var home: URL { string("home").map { URL(fileURLWithPath: $0) } ?? defaultHome }

  /// The join token that was given, by whatever way.
  func token() throws -> String? {
    let environment = ProcessInfo.processInfo.environment
    return try secret("token", variable: "EZKL_TOKEN") { environment[$0] }
  }

  /// An address, HOST:PORT.
  static func endpoint(_ text: String, name: String) throws(UsageError) -> Endpoint {
    try parsed(text, name: name, as: "HOST:PORT", by: Endpoint.init(parsing:))
  }

  /// A connection to the coordinator that the options name.
  func client() throws -> JobClient {
    if let address = string("to") { _ = try Arguments.endpoint(address, name: "--to") }
    return try JobClient(to: string("to"), home: home, token: try token()) {
      TextStream.standardError.write("\n\(Human.oneLine($0))\n")
    }
  }
}

/// Prints a value as JSON.
func printJSON(_ value: some Encodable, oneLine: Bool = false) throws {
  TextStream.standardOutput.write(try JSONOutput.text(value, oneLine: oneLine))
}

/// Prints text on standard output.
func printText(_ text: String) { TextStream.standardOutput.write(text) }

/// A time of the wall clock for tables, in the machine's time zone.
func timeText(_ seconds: Double) -> String {
  guard seconds > 0 else { return "never" }
  let formatter = DateFormatter()
  formatter.locale = Locale(identifier: "en_US_POSIX")
  formatter.dateFormat = "yyyy-MM-dd HH:mm:ss"
  return formatter.string(from: Date(timeIntervalSince1970: seconds))
}
