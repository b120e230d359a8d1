import CSQLite
import Glibc

/// A value that goes into or comes out of a statement.
package enum SQLiteValue: Equatable, Sendable {
  case null
  case integer(Int64)
  case real(Double)
  case text(String)
  case blob([UInt8])
}

/// The owner of one SQLite connection; the only type that sees a pointer of the library.
///
/// Not safe for concurrent use: `Store` serialises all calls.
package final class SQLiteConnection {
  private let handle: OpaquePointer
  private let path: String
  private var statements: [String: OpaquePointer] = [:]
  private var transactionDepth = 0

  /// The library's version.
  package static var version: String { String(cString: sqlite3_libversion()) }

  /// Opens or creates the file in WAL mode with full durability.
  ///
  /// `maximumPages` caps the size of the file, for tests of a full disk.
  package init(path: String, maximumPages: Int? = nil) throws(CoordinatorError) {
    var opened: OpaquePointer?
    let flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX
    let code = sqlite3_open_v2(path, &opened, flags, nil)
    guard code == SQLITE_OK, let opened else {
      let message = opened.map { String(cString: sqlite3_errmsg($0)) } ?? "cannot open"
      sqlite3_close_v2(opened)
      throw .file(path: path, reason: message)
    }
    handle = opened
    self.path = path
    sqlite3_extended_result_codes(handle, 1)
    sqlite3_busy_timeout(handle, 5_000)
    // A commit must survive a power cut: round transcripts are what a restart goes on from.
    try run("PRAGMA journal_mode = WAL")
    try run("PRAGMA synchronous = FULL")
    try run("PRAGMA foreign_keys = ON")
    if let maximumPages { try run("PRAGMA max_page_count = \(maximumPages)") }
  }

  deinit {
    for statement in statements.values { sqlite3_finalize(statement) }
    sqlite3_close_v2(handle)
  }

  /// Runs one statement to its end and returns the number of rows it changed.
  @discardableResult
  package func run(_ sql: String, _ values: [SQLiteValue] = []) throws(CoordinatorError) -> Int {
    _ = try rows(sql, values)
    return Int(sqlite3_changes(handle))
  }

  /// Runs one statement and returns all its rows.
  package func rows(_ sql: String, _ values: [SQLiteValue] = []) throws(CoordinatorError)
    -> [SQLiteRow]
  {
    let statement = try prepared(sql)
    defer {
      sqlite3_reset(statement)
      sqlite3_clear_bindings(statement)
    }
    precondition(
      Int(sqlite3_bind_parameter_count(statement)) == values.count,
      "a statement needs one value per parameter")
    for (index, value) in values.enumerated() { try bind(value, at: Int32(index + 1), statement) }
    var rows: [SQLiteRow] = []
    while true {
      switch sqlite3_step(statement) {
      case SQLITE_ROW: rows.append(SQLiteRow(columns: read(statement)))
      case SQLITE_DONE: return rows
      case let code: throw failure(code)
      }
    }
  }

  /// How statements begin that read or change rows.
  private static let planned = ["SELECT", "INSERT", "UPDATE", "DELETE"]

  /// The steps in which the library runs each statement that was run so far: what a long history costs shows there.
  package func plans() throws(CoordinatorError) -> [String: [String]] {
    var plans: [String: [String]] = [:]
    for (sql, statement) in statements where Self.planned.contains(where: sql.hasPrefix) {
      let values = [SQLiteValue](
        repeating: .null, count: Int(sqlite3_bind_parameter_count(statement)))
      plans[sql] = try rows("EXPLAIN QUERY PLAN " + sql, values).map {
        (row) throws(CoordinatorError) in
        try row.text("plan", "detail")
      }
    }
    return plans
  }

  /// Runs `body` so that either all it wrote stays, or nothing; may be nested.
  package func transaction<T>(_ body: () throws(CoordinatorError) -> T) throws(CoordinatorError)
    -> T
  {
    if transactionDepth > 0 { return try body() }
    try run("BEGIN IMMEDIATE")
    transactionDepth += 1
    defer { transactionDepth -= 1 }
    do {
      let result = try body()
      try run("COMMIT")
      return result
    } catch {
      // Some failures, a full disk among them, have rolled back already.
      if sqlite3_get_autocommit(handle) == 0 { _ = try? run("ROLLBACK") }
      throw error
    }
  }

  private func prepared(_ sql: String) throws(CoordinatorError) -> OpaquePointer {
    if let statement = statements[sql] { return statement }
    var statement: OpaquePointer?
    let code = sqlite3_prepare_v2(handle, sql, -1, &statement, nil)
    guard code == SQLITE_OK, let statement else { throw failure(code) }
    statements[sql] = statement
    return statement
  }

  private func bind(
    _ value: SQLiteValue, at index: Int32, _ statement: OpaquePointer
  ) throws(CoordinatorError) {
    // SQLITE_TRANSIENT: SQLite copies before the call returns.
    let transient = unsafeBitCast(-1, to: sqlite3_destructor_type.self)
    let code: Int32
    switch value {
    case .null: code = sqlite3_bind_null(statement, index)
    case .integer(let number): code = sqlite3_bind_int64(statement, index, number)
    case .real(let number): code = sqlite3_bind_double(statement, index, number)
    case .text(let text): code = sqlite3_bind_text(statement, index, text, -1, transient)
    case .blob(let bytes):
      code = bytes.withUnsafeBytes { buffer in
        guard let base = buffer.baseAddress else {
          return sqlite3_bind_zeroblob(statement, index, 0)
        }
        return sqlite3_bind_blob64(statement, index, base, UInt64(buffer.count), transient)
      }
    }
    guard code == SQLITE_OK else { throw failure(code) }
  }

  private func read(_ statement: OpaquePointer) -> [String: SQLiteValue] {
    var columns: [String: SQLiteValue] = [:]
    for index in 0..<sqlite3_column_count(statement) {
      let name = sqlite3_column_name(statement, index).map { String(cString: $0) } ?? ""
      let value: SQLiteValue
      switch sqlite3_column_type(statement, index) {
      case SQLITE_INTEGER: value = .integer(sqlite3_column_int64(statement, index))
      case SQLITE_FLOAT: value = .real(sqlite3_column_double(statement, index))
      case SQLITE_TEXT: value = .text(String(cString: sqlite3_column_text(statement, index)))
      case SQLITE_BLOB:
        let count = Int(sqlite3_column_bytes(statement, index))
        let base = sqlite3_column_blob(statement, index)
        value = .blob([UInt8](UnsafeRawBufferPointer(start: base, count: base == nil ? 0 : count)))
      default: value = .null
      }
      columns[name] = value
    }
    return columns
  }

  private func failure(_ code: Int32) -> CoordinatorError {
    switch code & 0xff {
    case SQLITE_FULL: return .diskFull(path: path)
    // Where its index of the log cannot grow it says so in another way.
    case SQLITE_IOERR where [ENOSPC, EDQUOT].contains(sqlite3_system_errno(handle)):
      return .diskFull(path: path)
    case SQLITE_CANTOPEN where [EMFILE, ENFILE].contains(sqlite3_system_errno(handle)),
      SQLITE_IOERR where [EMFILE, ENFILE].contains(sqlite3_system_errno(handle)):
      return .noDescriptors
    case SQLITE_CANTOPEN, SQLITE_READONLY, SQLITE_PERM, SQLITE_NOTADB, SQLITE_IOERR, SQLITE_CORRUPT:
      return .file(path: path, reason: String(cString: sqlite3_errmsg(handle)))
    default: return .database(code: code, message: String(cString: sqlite3_errmsg(handle)))
    }
  }
}
