/// What is wrong with a command line.
package enum UsageError: Error, Equatable, Sendable {
  case missingCommand(prefix: String, choices: [String])
  case unknownCommand(String, suggestion: String?)
  case unknownOption(String, suggestion: String?)
  case missingValue(option: String, expected: String)
  case unexpectedValue(flag: String)
  case repeatedOption(String)
  case missingOption(String)
  case missingArgument(String)
  case unexpectedArgument(String)
  case invalidValue(name: String, value: String, expected: String)
  case conflict(String, String)

  /// One line that names the culprit and what was expected.
  package var message: String {
    switch self {
    case .missingCommand(let prefix, let choices):
      prefix.isEmpty
        ? "no command given" : "'\(prefix)' needs one of: \(choices.joined(separator: ", "))"
    case .unknownCommand(let name, _): "unknown command '\(name)'"
    case .unknownOption(let name, _): "unknown option '\(name)'"
    case .missingValue(let option, let expected): "\(option) needs a value (\(expected))"
    case .unexpectedValue(let flag): "\(flag) takes no value"
    case .repeatedOption(let option): "\(option) is given more than once"
    case .missingOption(let option): "\(option) is required"
    case .missingArgument(let name): "missing argument \(name)"
    case .unexpectedArgument(let value): "unexpected argument '\(value)'"
    case .invalidValue(let name, let value, let expected):
      "\(name): '\(value)' is not \(expected)"
    case .conflict(let one, let other): "\(one) and \(other) exclude each other"
    }
  }

  /// The nearest thing that would have been understood.
  package var suggestion: String? {
    switch self {
    case .unknownCommand(_, let suggestion), .unknownOption(_, let suggestion):
      suggestion.map { "did you mean '\($0)'?" }
    default: nil
    }
  }
}

/// The candidate nearest to a mistyped word, if one is near enough to be worth naming.
package func nearest(_ word: String, among candidates: [String]) -> String? {
  let ranked = candidates.map { ($0, editDistance(Array(word), Array($0))) }
  guard let best = ranked.min(by: { $0.1 < $1.1 }) else { return nil }
  return best.1 <= max(1, (word.count + 2) / 3) ? best.0 : nil
}

/// Levenshtein's distance.
package func editDistance(_ a: [Character], _ b: [Character]) -> Int {
  var row = Array(0...b.count)
  for (i, x) in a.enumerated() {
    var diagonal = row[0]
    row[0] = i + 1
    for (j, y) in b.enumerated() {
      let substituted = diagonal + (x == y ? 0 : 1)
      diagonal = row[j + 1]
      row[j + 1] = min(substituted, row[j] + 1, row[j + 1] + 1)
    }
  }
  return row[b.count]
}
