extension DocumentVerifier {
  /// Whether the document's settings are those that its digest names, and the user's where the user pinned them.
  func settingsCheck(_ plan: ProofDocument.PlanReference) -> DocumentCheck {
    var failures: [String] = []
    let own = plan.manifest.settingsDigest
    if plan.settings != own {
      failures.append(
        "the recipe's settings have the digest \(own), the document says \(plan.settings)")
    }
    if let pinned = pins.settings, pinned != own {
      failures.append("the proof was made with \(own), you gave \(pinned)")
    }
    return DocumentCheck(
      "settings", failures, otherwise: own.hex + (pins.settings == nil ? "" : ", pinned"))
  }
}
