import Model
import Varuna

/// What checks that hold establish, in words.
extension DocumentVerifier {
  func verdict(
    _ checks: [DocumentCheck], _ expectation: ModelExpectation?, _ judgement: AccuracyJudgement?,
    _ trial: SettingsTrial?
  ) -> DocumentVerdict {
    let isAccepted = checks.allSatisfy(\.passed)
    return DocumentVerdict(
      checks: checks, choices: choices(expectation),
      established: isAccepted ? established(expectation, judgement) : [],
      notEstablished: isAccepted ? notEstablished(expectation, judgement) : [],
      warnings: warnings(expectation, judgement, trial), accuracy: judgement, trial: trial,
      labels: isAccepted ? expectation?.model.labelledOutputs ?? [] : [],
      inputLabels: isAccepted ? expectation?.model.labelledInputs ?? [] : [],
      settings: document.plan?.manifest.settingsDigest)
  }

  private func choices(_ expectation: ModelExpectation?) -> [DocumentVerdict.Choice] {
    var found: [DocumentVerdict.Choice] = []
    func add(_ what: String, _ value: String, _ source: DocumentVerdict.Choice.Source) {
      found.append(DocumentVerdict.Choice(what: what, value: value, source: source))
    }
    add(
      "powers of tau", document.srs.id, document.srs.kind == .mainnet ? .product : .prover)
    if let plan = document.plan, let model = document.model {
      add("model", model.digest.hex, expectation == nil ? .prover : .user)
      add(
        "settings", plan.manifest.settingsDigest.hex, pins.settings == nil ? .prover : .user)
      for fixed in fixedInputs {
        add(
          "input '\(fixed.name)'", fixed.text, pins.settings == nil ? .prover : .user)
      }
      add("accuracy that was asked for", document.accuracy?.text ?? "unknown", .prover)
      for mark in missing {
        add(
          "missing numbers of input '\(mark.name)'", "\(mark.mark)",
          pins.settings == nil ? .prover : .user)
      }
      if expectation != nil, document.showsValues || document.showsWhatIsComputed {
        add(
          "accuracy",
          pins.accuracy.tolerance == .infinity
            ? "any" : "\(pins.accuracy.tolerance) absolute or relative, whole numbers exact",
          pins.isAccuracyChosen ? .user : .product)
      }
      let request = plan.manifest.request
      add(
        "visibility",
        "inputs \(request.inputVisibility), outputs \(request.outputVisibility), weights "
          + (request.parameterVisibility.map { "\($0)" } ?? "in the circuits"),
        pins.visibility.isComplete ? .user : .prover)
    }
    for circuit in pins.circuits ?? [] { add("circuit", circuit.digest.hex, .user) }
    return found
  }

  private func established(
    _ expectation: ModelExpectation?, _ judgement: AccuracyJudgement?
  ) -> [String] {
    let instances = document.groups.reduce(0) { $0 + $1.publicInputs.reduce(0) { $0 + $1.count } }
    guard let expectation else {
      var lines = ["\(instances) instances satisfy the circuits of the document's keys"]
      if let circuits = pins.circuits {
        lines = ["\(instances) instances satisfy the \(circuits.count) circuits that you gave"]
      }
      if document.kind == .model {
        lines.append("the links, commitments and public values of the document fit each other")
      }
      return lines
    }
    let hasPrivateWeights = expectation.form.parameters.contains { $0.visibility == .private }
    func ends(_ kind: String, _ tensors: [BoundTensor]) -> String {
      tensors.map { "\(kind) '\($0.name)' \(Self.meaning(of: $0))" }.joined(separator: ", ")
    }
    // The numbers of these are said before, wherever they stand.
    let inputs = document.inputs.filter { !isFixed($0) }
    var lines = [
      "the model that you gave, as this program reads it, quantised by the settings \(document.plan!.settings)"
        + (hasPrivateWeights ? " but with weights that only the prover knows" : "")
        + fixedInputs.map { ", with \($0.text) for input '\($0.name)'" }.joined()
        + missing.map { ", where \($0.mark) in input '\($0.name)' is a missing number" }.joined()
        + (inputs.isEmpty ? ", gives " : ", turns \(ends("input", inputs)) into ")
        + ends("output", document.outputs)
    ]
    if let judgement, pins.accuracy.tolerance < .infinity {
      lines.append(
        "the float model, which is the file as this program reads it, gives these outputs within "
          + "\(pins.accuracy.tolerance) (absolute or relative; whole numbers exactly)"
          + (document.showsValues ? "" : ", those not shown as they follow from the inputs")
          + "; the largest error is \(judgement.worst)")
    }
    for other in pins.sameWeights {
      lines.append("the weights are behind the same commitments as in \(other.name)")
    }
    return lines
  }

  /// Inputs that the program was made for: their numbers are in the settings, and in no commitment.
  private var fixedInputs: [FixedInput] { document.plan?.manifest.settings.fixedInputs ?? [] }

  /// Whether a program was made for the numbers of an input, so that no circuit reads them.
  private func isFixed(_ tensor: BoundTensor) -> Bool {
    fixedInputs.contains { $0.name.utf8.elementsEqual(tensor.name.utf8) }
  }

  /// Numbers that stand for missing ones.
  private var missing: [MissingMark] { document.plan?.manifest.settings.missing ?? [] }

  /// What a trial adds to the warning about settings.
  private static func meaning(of trial: SettingsTrial?) -> String {
    guard let trial else { return "" }
    guard trial.inputs > 0 else {
      return
        "; they accept none of the random inputs that were tried, so that nothing speaks for them"
    }
    guard let worst = trial.worst else { return "; on random inputs nothing could be compared" }
    return
      "; on \(trial.inputs) random inputs they lose \(worst) of what the float model says, which says "
      + "nothing about this one"
  }

  /// What a verdict says about a tensor's values.
  private static func meaning(of tensor: BoundTensor) -> String {
    if tensor.commitments.isEmpty { return "(which no circuit reads)" }
    return switch tensor.visibility {
    case .public: "as shown"
    case .hashed: "behind its hash"
    case .private: "known to the prover only"
    }
  }

  private func notEstablished(
    _ expectation: ModelExpectation?, _ judgement: AccuracyJudgement?
  ) -> [String] {
    var lines: [String] = []
    switch document.kind {
    case .model:
      if expectation == nil {
        lines.append(
          "that the keys, links, names and settings are those of any model, so nothing about what was "
            + "computed (--model FILE)")
      } else {
        lines.append(
          "that other runtimes read the model file as this program does: how far that was compared with onnxruntime is in "
            + "docs/conformance.md")
        if pins.settings == nil {
          lines.append("that the precision is one that you would choose (--settings FILE)")
        }
        if judgement == nil || pins.accuracy.tolerance == .infinity {
          lines.append("that the outputs are near those of the float model")
        }
      }
      for tensor in document.inputs where tensor.commitments.isEmpty && !isFixed(tensor) {
        lines.append("anything about input '\(tensor.name)': no circuit reads it")
      }
      for tensor in document.inputs where !tensor.commitments.isEmpty && !isFixed(tensor) {
        let rest = (tensor.elementCount ?? 0) - tensor.commitments.reduce(0) { $0 + $1.count }
        guard rest > 0 else { continue }
        lines.append(
          "anything about \(rest) elements of input '\(tensor.name)': no circuit reads them")
      }
      for tensor in document.inputs + document.outputs
      where tensor.visibility != .public && !tensor.commitments.isEmpty && !isFixed(tensor) {
        lines.append("which values '\(tensor.name)' has: it is \(tensor.visibility)")
      }
      if document.parameters?.contains(where: { $0.visibility == .private }) == true {
        lines.append("that the weights are those of the file: they are private")
      }
      for other in pins.sameWeights {
        lines.append("that \(other.name) itself verifies")
      }
    case .circuits, .proofs:
      if pins.circuits == nil {
        lines.append("that the keys are those of any circuit (--r1cs FILE)")
      }
      lines.append(
        "that the instances have to do with each other, or what their numbers mean: no links, no model"
      )
    }
    if document.srs.kind == .development {
      lines.append("that there was a witness at all: anybody can forge proofs under these powers")
    }
    return lines
  }

  /// Outputs of which an absolute tolerance says little: an error that keeps it is a good part of the largest element.
  private func tooSmallForTheTolerance(_ judgement: AccuracyJudgement?) -> [String] {
    guard let judgement, judgement.holds else { return [] }
    return zip(judgement.outputs, document.outputs).compactMap { output, tensor in
      // Of what is not shown the largest element is not known here.
      guard let worst = output.worst, !output.isExact, let floats = tensor.floats else {
        return nil
      }
      let largest = floats.reduce(abs(worst.expected)) { max($0, abs($1)) }
      guard abs(worst.expected - worst.found) > SettingsTrial.largestLoss * largest else {
        return nil
      }
      return
        "output '\(output.name)' is so small that the tolerance says little: element \(worst.index) is "
        + "\(worst.found), the float model gives \(worst.expected) (--tolerance X)"
    }
  }

  private func warnings(
    _ expectation: ModelExpectation?, _ judgement: AccuracyJudgement?, _ trial: SettingsTrial?
  ) -> [String] {
    var warnings: [String] = []
    if document.srs.kind == .development {
      warnings.append("development SRS: not sound; anybody can forge proofs under it")
    }
    if document.varunaVersion != .v3 {
      warnings.append(
        "Varuna V\(document.varunaVersion.rawValue) is unsound: false statements have accepted proofs"
      )
    }
    if expectation == nil, pins.circuits == nil, !pins.isOwnDocument {
      warnings.append(
        document.kind == .model
          ? "the verifying keys were not compared with a model (--model FILE does)"
          : "the verifying keys were not compared with circuits (--r1cs FILE does)")
    }
    if document.kind == .model, pins.settings == nil, !pins.isOwnDocument {
      let digest = document.plan?.manifest.settingsDigest.hex ?? ""
      warnings.append(
        judgement == nil || pins.accuracy.tolerance == .infinity
          ? "THE PRECISION WAS THE PROVER'S CHOICE: nobody compared the outputs with the float model, and "
            + "the settings \(digest) were not pinned (--settings FILE); a quantisation can be chosen that "
            + "gives another answer" + Self.meaning(of: trial)
          : "the settings \(digest) were not pinned (--settings FILE): the precision was the prover's choice; "
            + "only these outputs were compared with the float model")
    }
    warnings += trial?.warnings(tolerance: pins.accuracy.tolerance) ?? []
    warnings += tooSmallForTheTolerance(judgement)
    if expectation != nil, pins.accuracy.tolerance == .infinity {
      warnings.append("any accuracy was accepted (--any-accuracy)")
    } else if let judgement, pins.accuracy.tolerance > AccuracyRule.standard.tolerance {
      warnings.append(
        "a tolerance of \(judgement.rule.tolerance) was accepted (--tolerance), more than the default "
          + "\(AccuracyRule.standard.tolerance)")
    }
    if document.parameters?.contains(where: { $0.visibility == .private }) == true {
      warnings.append(
        "the weights are private: the proofs are about some weights behind these commitments, and no "
          + "model file shows which")
    }
    return warnings
  }
}
