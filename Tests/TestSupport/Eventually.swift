import Foundation

/// What a test waited for never came.
public struct NeverHappened: Error, CustomStringConvertible {
  /// What was waited for.
  public let description: String

  /// Names what was waited for.
  public init(_ description: String) { self.description = description }
}

/// Waits until a condition holds, and returns as soon as it does.
///
/// The limit only ends tests that would hang: it is far above what the slowest, busiest machine needs,
/// so that no test depends on speed.
///
/// - Throws: `NeverHappened` after `seconds`, and what the condition throws.
public func eventually(
  _ what: @autoclosure () -> String, within seconds: Double = 300, _ condition: () throws -> Bool
) throws {
  let end = ProcessInfo.processInfo.systemUptime + seconds
  while try !condition() {
    guard ProcessInfo.processInfo.systemUptime < end else {
      throw NeverHappened("waited \(Int(seconds)) s in vain for \(what())")
    }
    Thread.sleep(forTimeInterval: 0.02)
  }
}
