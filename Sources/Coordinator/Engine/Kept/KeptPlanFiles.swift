import AleoEZKL
import Foundation
import Wire

/// Kept plans in the folder of a planning process: those that it may use, and the one that it leaves.
///
/// A file is the SHA-256 of the rest, then the rest. One that is damaged, or that this version does not read, is none.
package struct KeptPlanFiles: Sendable {
  /// Larger plans are not kept.
  static let largest: UInt64 = 256 << 20

  /// The folder of the process.
  let folder: String

  /// The plans in a folder.
  package init(folder: String) { self.folder = folder }

  /// Where a plan lies that may be used.
  package func path(_ scope: KeptPlanKey.Scope) -> String { "\(folder)/\(scope.rawValue)" }

  /// Where a plan lies that was made.
  package func freshPath(_ scope: KeptPlanKey.Scope) -> String { path(scope) + ".new" }

  /// The plan that may be used; nil where there is none.
  func read(_ scope: KeptPlanKey.Scope) -> KeptPlan? {
    guard let bytes = try? DurableFile.read(path(scope), limit: Self.largest),
      bytes.count > Digest.byteCount
    else { return nil }
    let content = Array(bytes[Digest.byteCount...])
    guard Digest(of: content).bytes == Array(bytes[..<Digest.byteCount]) else { return nil }
    return try? KeptPlan(bytes: content)
  }

  /// Leaves a plan for later ones; where that is not possible, nothing is left.
  func write(_ plan: KeptPlan, _ scope: KeptPlanKey.Scope) {
    let content = plan.bytes
    guard content.count < Self.largest - UInt64(Digest.byteCount) else { return }
    try? DurableFile.create(at: freshPath(scope), contents: Digest(of: content).bytes + content)
  }
}
