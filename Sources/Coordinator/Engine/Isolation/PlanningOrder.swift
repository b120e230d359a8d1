import Foundation
import Wire

/// What a planning process is to do: a file in its folder. Secret: the request holds what salts follow from.
struct PlanningOrder: Codable, Sendable {
  /// The kind of work.
  enum Work: String, Codable, Sendable {
    /// Refuse what cannot be proven.
    case check
    /// The printable plan.
    case plan
    /// The statement, with its circuits and witnesses in the folder.
    case prepare
    /// What is wrong with a verifying key.
    case key
    /// The answer to a question.
    case inquiry
  }

  var work: Work
  /// The job's request; nil where there is no job.
  var request: JobRequest?
  var workforce: Workforce
  /// The coordinator's home folder.
  var home: String
  /// The folder with the public parameters.
  var parameters: String
  /// The folder that holds the inputs, and takes what is made.
  var folder: String
  var limits: ChildLimits
  /// The key to be checked, where that is the work.
  var key: KeyOrder?
  /// The question, where that is the work.
  var inquiry: Inquiry?
  /// Whether a plan that is made is left for later ones.
  var keepsPlan = false
}

/// What a planning process found.
enum PlanningReply: Codable, Sendable {
  case done
  case plan(String)
  case statement(JobStatement)
  case verdict(String?)
  case answer(String)
  case refused(PlanningRefusal)
}

/// The errors of planning that mean something to a user, as they go from process to process.
struct PlanningRefusal: Codable, Equatable, Sendable {
  private enum Kind: String, Codable {
    case badJob, badFile, artifact, unknownSRS, srsTooSmall, diskFull, file, cancelled
  }

  private var kind: Kind
  private var text: String
  private var words: [String] = []
  private var numbers: [Int] = []

  init(_ error: CoordinatorError) {
    switch error {
    case .badFile(let file, let reason): (kind, text, words) = (.badFile, reason, [file.rawValue])
    case .artifact(let digest, let reason): (kind, text, words) = (.artifact, reason, [digest])
    case .unknownSRS(let name, let known): (kind, text, words) = (.unknownSRS, name, known)
    case .srsTooSmall(let name, let needed, let available):
      (kind, text, numbers) = (.srsTooSmall, name, [needed, available])
    case .diskFull(let path, _): (kind, text) = (.diskFull, path)
    case .file(let path, let reason): (kind, text, words) = (.file, reason, [path])
    case .jobCancelled(let id): (kind, text) = (.cancelled, id)
    case .badJob(let reason): (kind, text) = (.badJob, reason)
    default: (kind, text) = (.badJob, error.publicText())
    }
  }

  /// The error as it was thrown.
  var error: CoordinatorError {
    switch kind {
    case .badJob: .badJob(text)
    case .badFile:
      words.first.flatMap { JobFile(rawValue: $0) }.map { .badFile($0, reason: text) }
        ?? .badJob(text)
    case .artifact: .artifact(digest: words.first ?? "", reason: text)
    case .unknownSRS: .unknownSRS(name: text, known: words)
    case .srsTooSmall:
      .srsTooSmall(name: text, needed: numbers.first ?? 0, available: numbers.last ?? 0)
    case .diskFull: .diskFull(path: text)
    case .file: .file(path: words.first ?? "", reason: text)
    case .cancelled: .jobCancelled(id: text)
    }
  }
}
