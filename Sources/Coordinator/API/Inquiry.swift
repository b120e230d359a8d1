import AleoEZKL
import Model
import ProofAggregation
import Wire

/// A question about uploaded files that is answered at once, and makes no job.
package enum Inquiry: Codable, Equatable, Sendable {
  /// Whether a proof document holds.
  case verify(Verification)
  /// Which settings suit a model and sample inputs.
  case calibrate(SettingsSearch)

  /// A document, what it is to be about, and what else the reader brings along: what `verify` takes.
  package struct Verification: Codable, Equatable, Sendable {
    /// The document.
    package var proof: Digest
    /// The model that it must be about; nil: only what it says itself is checked.
    package var model: Digest?
    /// The digest of the only settings to accept.
    package var settings: FileDigest?
    package var inputVisibility, outputVisibility: Visibility?
    package var parameterVisibility: ParameterVisibility?
    package var tolerance: Double?
    package var anyAccuracy: Bool?
    /// Whether Varuna V1 and V2, which have a public soundness flaw, are accepted.
    package var allowUnsoundVersion: Bool?
  }

  /// A model and inputs: what `calibrate` takes.
  package struct SettingsSearch: Codable, Equatable, Sendable {
    package var model: Digest
    /// Input files, or files with a list of inputs.
    package var data: [Digest]
    package var target: CalibrationTarget?
    package var tolerance: Double?
    package var anyAccuracy: Bool?
    /// For how many workers the chunks of the report are cut; nil: two.
    package var workers: Int?
    package var parameterVisibility: ParameterVisibility?
    package var inputs: InputChoices?
  }

  /// The most files of sample inputs.
  static let mostFiles = 1024

  /// The files that it is about.
  var uploads: [Digest] {
    switch self {
    case .verify(let question): [question.proof] + (question.model.map { [$0] } ?? [])
    case .calibrate(let question): [question.model] + question.data
    }
  }

  /// What no question can have; nil where all can be used.
  var fault: String? {
    switch self {
    case .verify(let question):
      if let tolerance = question.tolerance, !(tolerance > 0 && tolerance.isFinite) {
        return "the tolerance must be above 0, not \(tolerance)"
      }
      let pins: [Any?] = [
        question.settings, question.inputVisibility, question.outputVisibility,
        question.parameterVisibility, question.tolerance, question.anyAccuracy,
      ]
      return question.model == nil && pins.contains { $0 != nil }
        ? "settings, visibilities and accuracy mean something beside a model only" : nil
    case .calibrate(let question):
      guard (1...Self.mostFiles).contains(question.data.count) else {
        return "there must be 1 to \(Self.mostFiles) files of sample inputs"
      }
      var options = SubmitOptions(
        workers: question.workers, tolerance: question.tolerance, inputs: question.inputs)
      options.anyAccuracy = question.anyAccuracy
      return options.fault
    }
  }
}
