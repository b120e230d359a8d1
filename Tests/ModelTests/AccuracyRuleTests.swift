import Testing

import Model

/// What the rule lets pass, at its border.
@Suite struct AccuracyRuleTests {
  private func judge(
    _ rule: AccuracyRule, exact: Bool = false, _ expected: Double, _ found: Double
  ) -> Bool {
    rule.judge(names: ["y"], areExact: [exact], expected: [[expected]], found: [[found]]).holds
  }

  @Test func errorsAreAbsoluteBelowOneAndRelativeAbove() {
    let rule = AccuracyRule(tolerance: 0.25)
    #expect(judge(rule, 0.5, 0.75) && !judge(rule, 0.5, 0.7501))
    #expect(judge(rule, -8, -10) && !judge(rule, -8, -10.001))
    #expect(judge(rule, 0, -0.25) && !judge(rule, 0, 0.3))
    #expect(judge(.standard, 0.737, 0.7379) && !judge(.standard, 0.737, 0.803))
  }

  @Test func wholeNumbersMustBeEqual() {
    #expect(judge(.standard, exact: true, 1_000_000, 1_000_000))
    #expect(!judge(.standard, exact: true, 1_000_000, 1_000_001))
    #expect(judge(.standard, exact: false, 1_000_000, 1_000_001))
  }

  @Test func whatIsNotFiniteIsWrongUnlessItIsTheSame() {
    for (expected, found) in [(1.0, Double.nan), (.nan, 1), (.infinity, 1), (1, -.infinity)] {
      #expect(!judge(.standard, expected, found))
      #expect(judge(.any, expected, found))
    }
    #expect(judge(.standard, .infinity, .infinity) && judge(.standard, .nan, .nan))
  }

  @Test func aFailureNamesElementAndValues() {
    let judgement = AccuracyRule.standard.judge(
      names: ["a", "b"], areExact: [false, true], expected: [[1, 2, 3], [9]],
      found: [[1, 2.5, 4], [7]])
    #expect(!judgement.holds && judgement.outputs.map(\.failing) == [2, 1])
    #expect(judgement.failures.count == 2)
    #expect(judgement.failures[0].contains("output 'a' element 2 is 4.0"))
    #expect(judgement.failures[1].contains("'b' element 0 is 7.0, the float model gives 9.0"))
    #expect(judgement.failures[1].contains("must be equal"))
    let short = AccuracyRule.standard.judge(
      names: ["a"], areExact: [false], expected: [[1, 2]], found: [[1]])
    #expect(!short.holds)
    #expect(
      AccuracyRule.any.judge(
        names: ["b"], areExact: [true], expected: [[9]], found: [[7]]
      ).holds)
  }
}

extension AccuracyRule {
  /// The same for doubles.
  fileprivate func judge(
    names: [String], areExact: [Bool], expected: [[Double]], found: [[Double]]
  ) -> AccuracyJudgement {
    judge(
      names: names, areExact: areExact, expected: expected.map(Numbers.reals),
      found: found.map(Numbers.reals))
  }
}
