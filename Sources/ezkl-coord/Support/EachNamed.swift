import Console
import Coordinator

/// What came of one of the things that a command names.
struct NamedOutcome: Encodable {
  /// What was done, as the key of the name in JSON; nil where it failed.
  var done: String?
  var name: String
  /// Why it failed.
  var error: String?
  var token: String?
  var others: [String]?

  private struct Key: CodingKey {
    let stringValue: String
    var intValue: Int? { nil }
    init(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
  }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Key.self)
    try container.encode(name, forKey: Key(stringValue: done ?? "failed"))
    try container.encodeIfPresent(error, forKey: Key(stringValue: "error"))
    try container.encodeIfPresent(token, forKey: Key(stringValue: "token"))
    try container.encodeIfPresent(others, forKey: Key(stringValue: "others"))
  }
}

/// Does something to each of the things that a command names, and says of each what came of it.
///
/// One that fails does not keep the others from it; the command then ends with the code of the first failure.
func eachNamed(
  _ arguments: Arguments, _ done: String,
  _ body: (JobClient, String) throws(CoordinatorError) -> (NamedOutcome, text: String)
) throws -> ExitCode {
  try reporting {
    let names = arguments.positionals
    let client = try arguments.client()
    var outcomes: [NamedOutcome] = []
    var failures: [CoordinatorError] = []
    for name in names {
      do throws(CoordinatorError) {
        let (outcome, text) = try body(client, name)
        outcomes.append(outcome)
        if !arguments.has("json") { printText("\(done) \(name)\n\(text)") }
      } catch {
        // Nobody answers: nobody would answer about the others.
        if names.count == 1 { throw error }
        if case .unreachable = error { throw error }
        outcomes.append(NamedOutcome(done: nil, name: name, error: error.description))
        failures.append(error)
        if !arguments.has("json") {
          TextStream.standardError.write("\(name): \(Human.oneLine(error.description))\n")
        }
      }
    }
    if arguments.has("json") {
      if names.count == 1 { try printJSON(outcomes[0]) } else { try printJSON(outcomes) }
    }
    guard let first = failures.first else { return .success }
    throw CommandFailure(first.exitCode, "\(failures.count) of \(names.count) failed")
  }
}
