import AleoEZKL
import Foundation
import Model
import ProofAggregation
import Varuna
import Wire

/// Questions that make no job.
extension VarunaEngine {
  /// What `POST /v1/verify` answers.
  private struct VerifyAnswer: Encodable {
    /// Whether every check holds.
    let accepted: Bool
    /// As `verify --json` prints it.
    let report: DocumentVerdict
  }

  /// What `POST /v1/calibrate` answers.
  private struct CalibrateAnswer: Encodable {
    /// As `calibrate --json` prints it.
    let calibration: Calibration
    /// The settings as a file, for `calibration` of a job.
    let settings: String
  }

  package func answer(
    _ inquiry: Inquiry, while isWanted: @Sendable () -> Bool
  ) throws(CoordinatorError) -> String {
    if let fault = inquiry.fault { throw .badJob(fault) }
    switch inquiry {
    case .verify(let question): return try verify(question)
    case .calibrate(let question): return try calibrate(question)
    }
  }

  private func verify(_ question: Inquiry.Verification) throws(CoordinatorError) -> String {
    func text(_ report: DocumentVerdict) throws(CoordinatorError) -> String {
      try Self.json(VerifyAnswer(accepted: report.accepted, report: report))
    }
    let json = Data(try read(question.proof))
    let document: ProofDocument
    do throws(DocumentError) {
      document = try ProofDocument(json: json)
    } catch {
      // A document that claims nonsense is one that does not hold.
      if case .malformed = error { return try text(DocumentVerdict(unreadable: error)) }
      throw .badJob(error.description)
    }
    let pins = Pins(
      settings: question.settings,
      visibility: VisibilityPins(
        inputs: question.inputVisibility, outputs: question.outputVisibility,
        weights: question.parameterVisibility),
      accuracy: question.anyAccuracy == true
        ? .any : question.tolerance.map { AccuracyRule(tolerance: $0) },
      allowsUnsoundVersion: question.allowUnsoundVersion == true)
    if let mismatch = DocumentVerifier.mismatch(
      of: document, model: question.model != nil, pins: pins)
    {
      throw .badJob(mismatch)
    }
    let verifier = DocumentVerifier(document, pins: pins)
    guard let digest = question.model else { return try text(verifier.verify()) }
    let model = try read(digest)
    do {
      return try text(
        verifier.verify { plan in
          try ModelExpectation(
            model: model, for: document, plan: plan,
            parameters: { R, C, K in try library.parameters(of: document, R: R, C: C, K: K) },
            threads: threads)
        })
    } catch let error as CoordinatorError {
      throw error
    } catch let error as RunError {
      throw CoordinatorError(error)
    } catch {
      throw .badJob("\(error)")
    }
  }

  private func calibrate(
    _ question: Inquiry.SettingsSearch
  ) throws(CoordinatorError) -> String {
    let options = SubmitOptions(
      tolerance: question.tolerance, anyAccuracy: question.anyAccuracy, inputs: question.inputs)
    var request = PlanRequest.onOneMachine(powers: SRSLibrary.developmentLimit)
    request.workers = question.workers ?? 2
    if question.parameterVisibility?.committed != nil { request.parameterVisibility = .hashed }
    let model = try read(question.model)
    let data = try question.data.map(read)
    let calibration: Calibration
    do throws(RunError) {
      calibration = try Calibration(
        model: model, data: data, target: question.target ?? .both, options: options.run,
        request: request)
    } catch {
      throw CoordinatorError(error)
    }
    return try Self.json(
      CalibrateAnswer(
        calibration: calibration,
        settings: String(decoding: calibration.settingsFile, as: UTF8.self)))
  }

  /// Errors of a model may be no numbers: these are texts.
  private static func json(_ value: some Encodable) throws(CoordinatorError) -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    do {
      return String(decoding: try encoder.encode(value), as: UTF8.self)
    } catch {
      throw .badJob("the answer cannot be written as JSON")
    }
  }
}
