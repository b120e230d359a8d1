/// What stands after the question mark, taken strictly: a misspelt filter would answer another question.
extension APICall {
  /// The parameters, each at most once and none but these.
  func query(_ names: String...) throws(CoordinatorError) -> [String: String] {
    var found: [String: String] = [:]
    for (name, value) in request.query {
      guard names.contains(name) else {
        throw .badRequest(
          "there is no parameter '\(Admission.printable(name))' here"
            + (names.isEmpty ? "" : "; there are: \(names.joined(separator: ", "))"))
      }
      if found.updateValue(value, forKey: name) != nil {
        throw .badRequest("the parameter '\(name)' is given more than once")
      }
    }
    return found
  }

  /// A whole number; `standard` where it is not given.
  static func number(
    _ text: String?, _ name: String, in range: ClosedRange<Int>, standard: Int
  ) throws(CoordinatorError) -> Int {
    guard let text else { return standard }
    guard let value = Int(text), range.contains(value), text.allSatisfy(\.isASCII),
      text.first != "+"
    else {
      throw .badRequest(
        "'\(name)' is a number from \(range.lowerBound) to \(range.upperBound), not '\(Admission.printable(text))'"
      )
    }
    return value
  }

  /// Yes or no; no where it is not given.
  static func flag(_ text: String?, _ name: String) throws(CoordinatorError) -> Bool {
    switch text {
    case nil, "false": return false
    case "true": return true
    case let other?:
      throw .badRequest("'\(name)' is true or false, not '\(Admission.printable(other))'")
    }
  }
}
