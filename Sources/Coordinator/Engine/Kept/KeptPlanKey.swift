import Foundation
import Wire

/// What a kept plan belongs to: two digests of everything that it follows from.
///
/// With settings a plan is the same for every input of their shapes; without them the input decides. Only who reads the files knows which
/// it is, so there is a digest for either. Both name the owner: nobody meets what was kept for somebody else.
package struct KeptPlanKey: Equatable, Sendable {
  /// Which inputs a plan holds for.
  package enum Scope: String, CaseIterable, Sendable {
    /// Every input that the settings fit.
    case anyInput = "kept-any"
    /// This input and no other.
    case thisInput = "kept-this"
  }

  private let anyInput, thisInput: Digest

  /// The name of the entry of a scope.
  package func digest(_ scope: Scope) -> Digest {
    switch scope {
    case .anyInput: anyInput
    case .thisInput: thisInput
    }
  }

  /// The key of a job of a model; nil for other jobs.
  ///
  /// - Parameters:
  ///   - request: whose plan it is.
  ///   - workforce: whom it is cut for.
  ///   - program: the digest of the program that plans: another version may plan otherwise.
  package init?(_ request: JobRequest, for workforce: Workforce, by program: Digest) {
    guard request.kind == .model,
      var members = try? JSONSerialization.jsonObject(with: Data(Store.encode(request).utf8))
        as? [String: Any],
      var options = members["options"] as? [String: Any]
    else { return nil }
    // All but what neither numbers nor cuts depend on: what a request may come to have belongs to the key.
    for name in ["id", "seed"] { members[name] = nil }
    // The price of a program depends on the length of its name, and where weights are on prices.
    if request.options.target == nil { members["modelName"] = nil }
    for name in [
      "priority", "deadline", "parameterSalt", "varunaVersion", "replan", "webhook", "only",
      "freshKeys", "trace",
    ] { options[name] = nil }
    func digest() -> Digest? {
      members["options"] = options
      guard let text = try? JSONSerialization.data(withJSONObject: members, options: .sortedKeys)
      else { return nil }
      let basis = Basis(
        program: program, request: String(decoding: text, as: UTF8.self), workforce: workforce)
      return Digest(of: Array(Store.encode(basis).utf8))
    }
    guard let this = digest() else { return nil }
    members["input"] = nil
    if var inputs = options["inputs"] as? [String: Any] {
      inputs["sample"] = nil
      options["inputs"] = inputs.isEmpty ? nil : inputs
    }
    guard let any = digest() else { return nil }
    (thisInput, anyInput) = (this, any)
  }

  private struct Basis: Encodable {
    let format = "ezkl-kept/1"
    let program: Digest
    let request: String
    let workforce: Workforce
  }
}
