import Model

/// The files that a user gives to a job; only the user knows their paths.
public enum JobFile: String, Sendable, CaseIterable {
  /// The ONNX file.
  case model
  /// The numbers that the model is run on.
  case input
  /// More inputs to choose the quantisation from, or settings.
  case calibration

  /// The file that an error is about; nil where it is about no single one.
  init?(blamedBy error: ModelError) {
    switch error {
    case .emptyFile, .malformed, .unsupportedOpset, .unsupportedOperators, .invalidNode,
      .notFinite, .undefined, .invalidModel:
      self = .model
    case .invalidInputFile, .countMismatch, .invalidInput, .inputOutOfRange: self = .input
    case .invalidSettings: self = .calibration
    case .valueOutOfRange, .noProgram, .circuit, .invalidChoice: return nil
    }
  }

  /// The word for machines of an error about this file.
  var code: String { "bad_\(rawValue)" }
}

extension CoordinatorError {
  /// What a model error means for a job.
  init(_ error: ModelError) {
    if let file = JobFile(blamedBy: error) {
      self = .badFile(file, reason: error.description)
    } else {
      self = .badJob(error.description)
    }
  }

  /// The job's file that this error is about, found here or by the coordinator, and what is wrong with it.
  public var blame: (file: JobFile, reason: String)? {
    switch self {
    case .badFile(let file, let reason): return (file, reason)
    case .refused(let code, let text):
      return JobFile.allCases.first { $0.code == code }.map { ($0, text) }
    default: return nil
    }
  }
}
