import Model

/// What the document says of its plan, against itself and what the reader pins, before anything is made from it.
extension DocumentVerifier {
  func pinChecks(_ plan: ProofDocument.PlanReference) -> [DocumentCheck] {
    [settingsCheck(plan)]
      + [visibilityCheck(plan.manifest.request), sizeCheck(plan.manifest.settings)]
      .compactMap { $0 }
  }

  /// Elements of inputs that a model may have beyond those that its circuits read.
  private static let unreadElements = 1 << 16

  /// Whether the inputs are more than the circuits of the document could have read: planning for them would take long, and in vain.
  /// Nil where they are not.
  private func sizeCheck(_ settings: QuantizationSettings) -> DocumentCheck? {
    func sum(_ numbers: some Sequence<Int>) -> Int {
      numbers.reduce(0) { $0.addingReportingOverflow($1).overflow ? .max : $0 + $1 }
    }
    let elements = sum(settings.inputShapes.map { $0.reduce(1, *) })
    let variables = document.variableCount
    guard elements > Self.unreadElements, elements - Self.unreadElements > max(0, variables) else {
      return nil
    }
    return DocumentCheck(
      "size",
      ["the recipe is for \(elements) numbers, and the circuits have \(variables) variables"],
      otherwise: "")
  }

  /// Whether the document's settings are those that its digest names, fit its inputs, and are the user's where the user pinned
  /// them.
  private func settingsCheck(_ plan: ProofDocument.PlanReference) -> DocumentCheck {
    var failures: [String] = []
    let own = plan.manifest.settingsDigest
    if plan.settings != own {
      failures.append(
        "the recipe's settings have the digest \(own), the document says \(plan.settings)")
    }
    if plan.manifest.settings.inputShapes != document.inputs.map(\.shape) {
      failures.append("the recipe is for inputs of other shapes than the document has")
    }
    if let pinned = pins.settings, pinned != own {
      failures.append("the proof was made with \(own), you gave \(pinned)")
    }
    return DocumentCheck(
      "settings", failures, otherwise: own.hex + (pins.settings == nil ? "" : ", pinned"))
  }

  /// Whether inputs, outputs and weights are as visible as the user pinned; nil where nothing is pinned.
  private func visibilityCheck(_ request: PlanRequest) -> DocumentCheck? {
    let pinned = pins.visibility
    guard pinned != VisibilityPins() else { return nil }
    var failures: [String] = []
    func compare<Value: Equatable>(_ what: String, _ found: Value, _ wanted: Value?) {
      guard let wanted, wanted != found else { return }
      failures.append("\(what) \(found), you asked for \(wanted)")
    }
    compare("inputs are", request.inputVisibility, pinned.inputs)
    compare("outputs are", request.outputVisibility, pinned.outputs)
    compare("weights are", ParameterVisibility(request), pinned.weights)
    return DocumentCheck("visibility", failures, otherwise: "as you asked")
  }
}
