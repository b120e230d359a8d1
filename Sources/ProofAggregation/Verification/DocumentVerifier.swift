import Model
import Varuna

/// Judges a proof document against what its reader brings along.
///
/// Which checks are made follows from the question (a model, circuits, other documents) and from what is recomputed, never
/// from what the document says; what it lacks, it fails. Works on outside data: never traps.
public struct DocumentVerifier: Sendable {
  let document: ProofDocument
  let pins: Pins

  /// Collects the fields.
  public init(_ document: ProofDocument, pins: Pins = Pins()) {
    self.document = document
    self.pins = pins
  }

  /// Why a document cannot answer a question, nil if it can.
  ///
  /// - Parameters:
  ///   - document: what is asked.
  ///   - model: whether it is asked about a model.
  ///   - pins: what else the reader brings along.
  public static func mismatch(
    of document: ProofDocument, model: Bool, pins: Pins = Pins()
  ) -> String? {
    switch document.kind {
    case .model:
      return pins.circuits == nil
        ? nil
        : "the proof is about a model, whose circuits only --model can check: without the plan nobody knows "
          + "how they belong together"
    case .circuits, .proofs:
      return model
        ? "the proof is about circuits that were given as files, not about a model (--r1cs)" : nil
    }
  }

  /// What the model gave that a user asks about.
  private enum Question {
    /// Nobody gave a model.
    case withoutModel
    /// A model was given, and nothing made again from it, because the document fails before.
    case refused
    case model(Result<ModelExpectation, UnfitManifest>)
  }

  /// Runs the checks that need no model.
  public func verify() -> DocumentVerdict { verdict(ownChecks, .withoutModel) }

  /// Runs every check, with an expectation that is there already.
  public func verify(expecting expectation: ModelExpectation) -> DocumentVerdict {
    verdict(ownChecks, .model(.success(expectation)))
  }

  /// Runs every check.
  ///
  /// - Parameter recompute: makes everything again from the model that the user gave, which may take long; not called for a
  ///   document that fails without it.
  /// - Throws: what `recompute` throws, other than `UnfitManifest`.
  public func verify(
    recomputing recompute: (ProofDocument.PlanReference) throws -> ModelExpectation
  ) throws -> DocumentVerdict {
    let checks = ownChecks
    guard let plan = document.plan, checks.allSatisfy(\.passed),
      pinChecks(plan).allSatisfy(\.passed),
      Self.mismatch(of: document, model: true, pins: pins) == nil
    else { return verdict(checks, .refused) }
    do {
      return verdict(checks, .model(.success(try recompute(plan))))
    } catch let unfit as UnfitManifest {
      return verdict(checks, .model(.failure(unfit)))
    }
  }

  private func verdict(_ ownChecks: [DocumentCheck], _ question: Question) -> DocumentVerdict {
    var checks = ownChecks
    var expectation: ModelExpectation?
    var judgement: AccuracyJudgement?
    var trial: SettingsTrial?
    var isAboutModel = true
    if case .withoutModel = question { isAboutModel = false }
    if let mismatch = Self.mismatch(of: document, model: isAboutModel, pins: pins) {
      checks.append(DocumentCheck("question", [mismatch], otherwise: ""))
    } else if !isAboutModel, pins.settings != nil || !pins.sameWeights.isEmpty {
      let reason = "settings and weights are compared together with a model"
      checks.append(DocumentCheck("question", [reason], otherwise: ""))
    }
    if let plan = document.plan { checks += pinChecks(plan) }
    switch question {
    case .withoutModel, .refused: break
    case .model(.failure(let unfit)):
      checks.append(DocumentCheck(unfit.check, [unfit.description], otherwise: ""))
    case .model(.success(let made)):
      expectation = made
      checks += modelChecks(made)
      let (compared, found) = accuracyChecks(made)
      checks += compared
      judgement = found
      let (trialled, result) = trialCheck(made)
      if let trialled { checks.append(trialled) }
      trial = result
    }
    if let circuits = pins.circuits { checks += circuitChecks(circuits) }
    for other in pins.sameWeights { checks.append(sameWeightsCheck(other)) }
    return verdict(checks, expectation, judgement, trial)
  }

  /// What can be checked with nothing but the document.
  private var ownChecks: [DocumentCheck] {
    let (parameters, srsCheck) = srsCheck
    return [kindCheck].compactMap { $0 } + [contentCheck, versionCheck, srsCheck]
      + document.groups.indices.map { proofCheck(group: $0, parameters: parameters) }
      + DocumentStatement(document).checks
  }
}

extension ProofDocument {
  /// What a bound tensor is to the model.
  enum TensorKind: String { case input, output, parameter }

  /// Everything of the model that commitments bind, and what it is.
  var boundTensors: [(kind: TensorKind, tensors: [BoundTensor])] {
    [(.input, inputs), (.output, outputs), (.parameter, parameters ?? [])]
  }
}
