import Model

/// How near a run's outputs are to the float model's, and how near its submitter wanted them: the prover's word.
///
/// `DocumentVerifier` compares ``reached`` with what it computes itself, where values are public, and judges by its reader's
/// tolerance, never by ``tolerance``.
public struct RecordedAccuracy: Equatable, Sendable {
  /// The largest error that was accepted, absolute or relative to results above 1; nil: any, and other whole numbers too.
  public var tolerance: Double?
  /// The largest error of every output in order, nil where it is not finite; nil where some input or output is not public, whose
  /// values errors would tell something about.
  public var reached: [Double?]?

  /// What a document records of a judgement.
  ///
  /// - Parameter showing: whether all inputs and outputs are public.
  package init(_ judgement: AccuracyJudgement, showing: Bool) {
    tolerance = judgement.rule == .any ? nil : judgement.rule.tolerance
    reached =
      showing
      ? judgement.outputs.map { output in
        let error = output.worst?.error ?? 0
        return error.isFinite ? error : nil
      } : nil
  }

  /// The tolerance in words.
  var text: String { tolerance.map { "\($0)" } ?? "any" }

  /// Two computations of one error may differ by as much: the functions of a machine's library are not those of another's.
  private static let slack = (absolute: 1e-6, relative: 0.01)

  /// For every error that is not the one that a judgement found, a line.
  func differences(from judgement: AccuracyJudgement) -> [String] {
    let found = RecordedAccuracy(judgement, showing: true).reached ?? []
    let claimed = reached ?? []
    guard claimed.count == found.count else { return ["not one number for every output"] }
    return zip(judgement.outputs, zip(claimed, found)).compactMap { output, errors in
      let (claim, error) = errors
      guard let claim, let error else {
        return claim == error ? nil : "output '\(output.name)' has another error"
      }
      let slack = Self.slack.absolute + Self.slack.relative * error
      return abs(claim - error) <= slack
        ? nil : "output '\(output.name)' is said to be off by \(claim), it is by \(error)"
    }
  }
}

extension RecordedAccuracy: Codable {
  private enum CodingKeys: String, CodingKey { case tolerance, reached }

  /// Decodes the fields; that any error was accepted is said by a null, not by silence.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    tolerance = try container.decode(Double?.self, forKey: .tolerance)
    reached = try container.decodeIfPresent([Double?].self, forKey: .reached)
  }

  /// Encodes the fields.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(tolerance, forKey: .tolerance)
    try container.encodeIfPresent(reached, forKey: .reached)
  }
}
