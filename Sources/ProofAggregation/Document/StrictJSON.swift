/// JSON as it stands in a file, for the questions that a decoder does not ask: is a key unknown, or given twice?
///
/// Numbers keep their text, so that no digit is lost before somebody says what type they have.
package enum StrictJSON: Equatable, Sendable {
  case null
  case bool(Bool)
  case number(String)
  case string(String)
  case array([StrictJSON])
  case object([String: StrictJSON])

  /// Lists and objects inside each other at most.
  package static let maximumDepth = 24
  /// Characters of a number at most.
  package static let maximumDigits = 64

  /// Values at most, an object counting as eight: what is read takes a few hundred MiB.
  package static let maximumValues = 1 << 24

  /// Why bytes are not such JSON.
  package struct Failure: Error, Equatable {
    /// Bytes before the place in question.
    package var offset: Int
    /// What is wrong there.
    package var reason: String
  }

  /// A member of an object; nil where there is none or this is no object.
  subscript(key: String) -> StrictJSON? {
    if case .object(let members) = self { members[key] } else { nil }
  }

  /// The first place where two values say different things.
  struct Difference: Equatable {
    /// Keys and indices that lead there, such as `groups[0].proof`.
    var path: String
    /// What is there.
    package var reason: String
  }

  /// Where this differs from what was understood of it; nil: nowhere.
  ///
  /// Numbers are equal if their texts are, or if one of them is no integer and both are the same double.
  func difference(fromUnderstood other: StrictJSON, path: String = "") -> Difference? {
    switch (self, other) {
    case (.object(let mine), .object(let others)):
      for key in mine.keys.sorted() {
        let place = path.isEmpty ? key : "\(path).\(key)"
        guard let understood = others[key] else {
          return Difference(path: place, reason: "no such field")
        }
        if let found = mine[key]!.difference(fromUnderstood: understood, path: place) {
          return found
        }
      }
      return others.keys.sorted().first { mine[$0] == nil }.map {
        Difference(path: path.isEmpty ? $0 : "\(path).\($0)", reason: "missing")
      }
    case (.array(let mine), .array(let others)):
      guard mine.count == others.count else {
        return Difference(path: path, reason: "\(mine.count) elements, \(others.count) understood")
      }
      for index in mine.indices {
        if let found = mine[index].difference(
          fromUnderstood: others[index], path: "\(path)[\(index)]")
        {
          return found
        }
      }
      return nil
    case (.number(let mine), .number(let other)) where Self.areEqual(mine, other): return nil
    default:
      return self == other
        ? nil : Difference(path: path, reason: "not written as this field is written")
    }
  }

  private static func areEqual(_ a: String, _ b: String) -> Bool {
    if a == b { return true }
    func isInteger(_ text: String) -> Bool { !text.utf8.contains { [46, 69, 101].contains($0) } }
    return !(isInteger(a) && isInteger(b)) && Double(a) == Double(b)
  }
}
