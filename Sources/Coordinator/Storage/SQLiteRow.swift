/// One row of a result; reading a column of another type than expected is an error, not a trap.
package struct SQLiteRow: Equatable, Sendable {
  package let columns: [String: SQLiteValue]

  /// A column that holds text.
  package func text(_ table: String, _ column: String) throws(CoordinatorError) -> String {
    guard case .text(let text)? = columns[column] else {
      throw .corruptRow(table: table, column: column, expected: "text")
    }
    return text
  }

  /// A column that holds an integer.
  package func integer(_ table: String, _ column: String) throws(CoordinatorError) -> Int64 {
    guard case .integer(let number)? = columns[column] else {
      throw .corruptRow(table: table, column: column, expected: "an integer")
    }
    return number
  }

  /// A column that holds an integer or nothing.
  package func optionalInteger(_ table: String, _ column: String) throws(CoordinatorError) -> Int64?
  {
    columns[column] == .null ? nil : try integer(table, column)
  }

  /// A column that holds a number of seconds or another real number.
  package func real(_ table: String, _ column: String) throws(CoordinatorError) -> Double {
    switch columns[column] {
    case .real(let number)?: return number
    case .integer(let number)?: return Double(number)
    default: throw .corruptRow(table: table, column: column, expected: "a number")
    }
  }

  /// A column that holds bytes; `count` bytes exactly where it is given.
  package func blob(
    _ table: String, _ column: String, count: Int? = nil
  ) throws(CoordinatorError) -> [UInt8] {
    guard case .blob(let bytes)? = columns[column], count == nil || bytes.count == count else {
      throw .corruptRow(
        table: table, column: column, expected: count.map { "\($0) bytes" } ?? "bytes")
    }
    return bytes
  }

  /// A column that holds bytes or nothing.
  package func optionalBlob(_ table: String, _ column: String) throws(CoordinatorError) -> [UInt8]?
  {
    columns[column] == .null ? nil : try blob(table, column)
  }

  /// A column that holds text or nothing.
  package func optionalText(_ table: String, _ column: String) throws(CoordinatorError) -> String? {
    columns[column] == .null ? nil : try text(table, column)
  }
}
