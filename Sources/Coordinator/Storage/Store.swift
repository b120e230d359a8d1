import Foundation
import Synchronization
import Wire

/// The coordinator's memory: jobs, groups with their transcripts, tasks, leases, members, tokens, keys.
///
/// One connection behind one lock; every method is one transaction and returns only when what it
/// wrote is durable. All methods may be called from any thread.
package final class Store: @unchecked Sendable {
  // `connection` is touched only inside `perform`, under `lock`.
  private let lock = NSLock()
  private let connection: SQLiteConnection
  /// Where the database is.
  package let path: String
  private let tokenVersion = Atomic(0)
  private let turnCount = Atomic(0)

  /// How many transactions there have been since it was opened.
  package var turns: Int { turnCount.load(ordering: .relaxed) }

  /// Grows with every change of the tokens, after it.
  package var tokenChanges: Int { tokenVersion.load(ordering: .acquiring) }

  private let damage = Mutex(Damage())

  private struct Damage {
    var report: (@Sendable (CoordinatorError) -> Void)?
    var told: Set<String> = []
  }

  /// Different faults of rows that are told at most, each once.
  private static let mostFaults = 100

  /// Has faults of rows told that lists leave out: each once.
  package func tellDamage(_ report: @escaping @Sendable (CoordinatorError) -> Void) {
    damage.withLock { $0.report = report }
  }

  /// A row cannot be read.
  func noteDamage(_ fault: CoordinatorError) {
    let report = damage.withLock { damage in
      guard damage.told.count < Self.mostFaults, damage.told.insert(fault.description).inserted
      else { return nil as (@Sendable (CoordinatorError) -> Void)? }
      return damage.report
    }
    report?(fault)
  }

  /// What rows say; a damaged one is the end of what it is about only, and left out.
  func readable<T>(
    _ rows: [SQLiteRow], _ read: (SQLiteRow) throws(CoordinatorError) -> T
  ) -> [T] {
    rows.compactMap { row in
      do throws(CoordinatorError) {
        return try read(row)
      } catch {
        noteDamage(error)
        return nil
      }
    }
  }

  /// To be called after a change of the tokens.
  func tokensChanged() { tokenVersion.wrappingAdd(1, ordering: .releasing) }

  /// Opens or creates the database and brings its tables up to date.
  package init(
    path: String, migrations: [Migration] = Migration.all, maximumPages: Int? = nil
  ) throws(CoordinatorError) {
    do {
      // The library would let everybody read it; what it makes beside it has the same access.
      try PrivateFolder.prepareFile(path)
    } catch {
      throw CoordinatorError(error)
    }
    self.path = path
    connection = try SQLiteConnection(path: path, maximumPages: maximumPages)
    try Migration.apply(migrations, to: connection)
  }

  /// Runs `body` alone and in a transaction.
  @discardableResult
  package func perform<T>(
    _ body: (SQLiteConnection) throws(CoordinatorError) -> T
  ) throws(CoordinatorError) -> T {
    lock.lock()
    defer { lock.unlock() }
    turnCount.wrappingAdd(1, ordering: .relaxed)
    return try connection.transaction { () throws(CoordinatorError) in try body(connection) }
  }

  /// Looks through the whole database.
  ///
  /// - Throws: `corruptRow` or `database` where it is damaged.
  package func check() throws(CoordinatorError) {
    try perform { connection throws(CoordinatorError) in
      let rows = try connection.rows("PRAGMA quick_check(1)")
      guard let row = rows.first, try row.text("database", "quick_check") == "ok" else {
        throw .corruptRow(table: "database", column: "pages", expected: "whole")
      }
    }
    _ = try jobs(isStrict: true)
  }

  /// Moves what was written into the database's own file, so that this file alone has all of it.
  ///
  /// For the end of the coordinator: where it cannot be done now, the next start does it.
  package func settle() {
    lock.lock()
    defer { lock.unlock() }
    _ = try? connection.rows("PRAGMA wal_checkpoint(TRUNCATE)")
  }

  /// Decodes a JSON column.
  package static func decode<T: Decodable>(
    _ type: T.Type, _ text: String, table: String, column: String
  ) throws(CoordinatorError) -> T {
    do {
      return try JSONDecoder().decode(type, from: Data(text.utf8))
    } catch {
      throw .corruptRow(table: table, column: column, expected: "JSON of \(type)")
    }
  }

  /// Encodes a JSON column with sorted keys.
  package static func encode(_ value: some Encodable) -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    // Only types of this module with plain members are stored: encoding them cannot fail.
    guard let data = try? encoder.encode(value) else { preconditionFailure("not encodable") }
    return String(decoding: data, as: UTF8.self)
  }
}
