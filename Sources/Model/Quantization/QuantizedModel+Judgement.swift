import Foundation

extension QuantizedModel {
  /// Why a rule refuses what the program gives for these inputs, as one line; nil where it does not.
  ///
  /// Names the output, the element, both values, the operator at fault, and what can be done about it.
  /// - Parameters:
  ///   - rule: how far outputs may be from the float model's.
  ///   - inputs: the numbers of each input.
  ///   - showingValues: false keeps the output's values out of the text.
  ///   - remedy: what to do beside accepting the result, for people.
  /// - Throws: as `run`.
  public func refusal(
    by rule: AccuracyRule, _ inputs: [Numbers], showingValues: Bool = true, remedy: String? = nil
  ) throws(ModelError) -> String? {
    try refusal(
      of: judgement(by: rule, inputs), inputs, showingValues: showingValues, remedy: remedy)
  }

  /// The same for a judgement that is there already.
  ///
  /// - Parameters:
  ///   - judgement: what the program gives for these inputs, beside the float model's results.
  ///   - inputs: the numbers of each input.
  ///   - showingValues: false keeps the output's values out of the text.
  ///   - remedy: what to do beside accepting the result, for people.
  /// - Throws: as `run`.
  public func refusal(
    of judgement: AccuracyJudgement, _ inputs: [Numbers], showingValues: Bool = true,
    remedy: String? = nil
  ) throws(ModelError) -> String? {
    let rule = judgement.rule
    let values = inputs.map(\.reals)
    guard let output = judgement.outputs.first(where: { $0.failing > 0 }) else { return nil }
    guard let worst = output.worst else { return "output '\(output.name)' has missing elements" }
    var text = "output '\(output.name)', element \(worst.index): "
    if showingValues {
      text += "the integer program gives \(Self.text(worst.found)), "
      text += "the float model \(Self.text(worst.expected))"
    } else {
      text += "the integer program and the float model differ"
      if !output.isExact { text += " by \(Self.text(worst.error))" }
    }
    if output.isExact {
      text += ", and whole numbers may not differ"
    } else {
      text += ", further apart than the tolerance \(Self.text(rule.tolerance))"
    }
    if let decision = try differingDecision(values) {
      text += "; \(decision.node) decides element \(decision.element) by a margin of "
      text += "\(Self.text(decision.margin)), and its numbers are off by "
      text += "\(Self.text(decision.error))"
    } else if let loss = try losses(values, atMost: 1).first {
      text += "; \(loss.node) loses most"
    }
    text += "; "
    if let remedy { text += remedy + ", or " }
    let isExact = judgement.outputs.contains { $0.isExact && $0.failing > 0 }
    let tolerance =
      isExact || !judgement.worst.isFinite
      ? "" : "--tolerance \(Self.text(roundedUp(judgement.worst))) or "
    return text + "accept it with \(tolerance)--any-accuracy"
  }

  /// The same for doubles.
  public func refusal(
    by rule: AccuracyRule, _ values: [[Double]], showingValues: Bool = true, remedy: String? = nil
  ) throws(ModelError) -> String? {
    try refusal(
      by: rule, values.map(Numbers.reals), showingValues: showingValues, remedy: remedy)
  }

  /// At most two significant digits, not less than the number.
  private func roundedUp(_ number: Double) -> Double {
    guard number > 0 else { return number }
    let unit = pow(10, log10(number).rounded(.down) - 1)
    return (number / unit * 1.0001).rounded(.up) * unit
  }

  /// Up to six significant digits.
  private static func text(_ number: Double) -> String { String(format: "%.6g", number) }
}
