/// One claim of a proof document and whether it holds.
public struct DocumentCheck: Codable, Equatable, Sendable {
  /// What it is called.
  public var name: String
  /// Whether the claim holds.
  public var passed: Bool
  /// What was found, or why the claim fails.
  public var detail: String

  /// - Parameters:
  ///   - failures: why the claim fails; none if it holds.
  ///   - detail: what was found if it holds.
  init(_ name: String, _ failures: [String], otherwise detail: String) {
    self.name = name
    passed = failures.isEmpty
    self.detail = failures.isEmpty ? detail : failures.prefix(5).joined(separator: "; ")
  }
}
