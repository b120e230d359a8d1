import Model

/// The verdict about a document: what was checked, what that establishes, and what it does not.
public struct DocumentVerdict: Codable, Equatable, Sendable {
  /// Something that decides what a document means, and who chose it.
  public struct Choice: Codable, Equatable, Sendable {
    /// Whose word it is.
    public enum Source: String, Codable, Sendable {
      /// The reader of the document gave it.
      case user
      /// It is built into this product.
      case product
      /// It is as the document says, which is the prover's word.
      case prover
    }

    /// What was chosen.
    public var what: String
    /// What it is.
    public var value: String
    /// Whose word it is.
    public var source: Source
  }

  /// All checks in the order they were made.
  public var checks: [DocumentCheck]
  /// What decides the meaning of the verdict, and who chose it.
  public var choices: [Choice]
  /// What holds if the document is accepted; empty if it is not.
  public var established: [String]
  /// What a reader might believe, and this verdict does not say.
  public var notEstablished: [String]
  /// What a reader must know even if every check holds.
  public var warnings: [String]
  /// How far the outputs are from the float model's; nil where that was not computed.
  public var accuracy: AccuracyJudgement?
  /// What the prover's settings lose on random inputs; nil where that was not tried.
  public var trial: SettingsTrial?
  /// The outputs whose numbers have names in the model that was given; nil where there are none.
  public var labels: [LabelledOutput]?
  /// The inputs of texts with the texts that the model that was given knows; nil where there are none.
  public var inputLabels: [LabelledOutput]?
  /// The digest of the quantisation settings; nil where no model was proven.
  public var settings: FileDigest?
  /// Whether every check holds.
  public var accepted: Bool { !checks.isEmpty && checks.allSatisfy(\.passed) }

  /// The verdict about a document that cannot even be read.
  public init(unreadable error: DocumentError) {
    checks = [DocumentCheck("document", [error.description], otherwise: "")]
    (choices, established, notEstablished, warnings) = ([], [], [], [])
  }

  init(
    checks: [DocumentCheck], choices: [Choice], established: [String], notEstablished: [String],
    warnings: [String], accuracy: AccuracyJudgement?, trial: SettingsTrial?,
    labels: [LabelledOutput], inputLabels: [LabelledOutput], settings: FileDigest?
  ) {
    self.checks = checks
    self.choices = choices
    self.established = established
    self.notEstablished = notEstablished
    self.warnings = warnings
    self.accuracy = accuracy
    self.trial = trial
    self.labels = labels.isEmpty ? nil : labels
    self.inputLabels = inputLabels.isEmpty ? nil : inputLabels
    self.settings = settings
  }
}
