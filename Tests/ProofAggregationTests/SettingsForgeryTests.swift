import Algebra
import Foundation
import Model
import ProofAggregation
import TestSupport
import Testing
import Varuna

/// Settings under which a right proof is about another function than the model's, or about none.
///
/// | scenario | what it pins down |
/// | --- | --- |
/// | coarse settings | a hidden layer or weights rounded to 0 fail against the float model; pinned settings fail anyway |
/// | recorded accuracy | another error than the one that is computed again fails; one about hidden values is malformed |
/// | coarse settings, hidden run | fail on random inputs, unless the reader pins them; of public inputs also against the float model |
/// | settings that accept no random input, hidden run | a warning says that nothing speaks for them; pinned settings fail |
/// | hidden classifier | settings that leave one class for all inputs fail on random inputs |
/// | large whole numbers | honest ones are accepted, neighbours that a double cannot tell apart are not |
/// | masks | honest settings of a mask pass on random inputs |
@Suite(.serialized) struct SettingsForgeryTests {
  @Test func settingsThatRoundTheModelAwayAreRefused() throws {
    let evil = try ProvenRun("hidden") { settings in
      for value in settings.highest.indices where settings.highest[value] > 0 {
        settings.highest[value] = max(settings.highest[value], 0x1p40)
      }
    }
    let float = try #require(try ForgedRun.hidden.get().document.outputs[0].floats)
    #expect(evil.document.outputs[0].floats != float)
    let verdict = try ProvenRun.verdict(on: evil.document, model: evil.bytes)
    #expect(verdict.failed == ["float model"], "\(verdict.checks)")
    let loose = try ProvenRun.verdict(
      on: evil.document, model: evil.bytes, pins: Pins(accuracy: .any))
    #expect(loose.accepted && loose.warnings.contains { $0.contains("any accuracy") })
    let honest = try #require(try ForgedRun.hidden.get().document.plan?.settings)
    let pinned = try ProvenRun.verdict(
      on: evil.document, model: evil.bytes, pins: Pins(settings: honest, accuracy: .any))
    #expect(pinned.failed == ["settings"])
    // Naming the honest settings does not help.
    var named = evil.document
    named.plan?.settings = honest
    #expect(
      try ProvenRun.verdict(on: named.sealed(), model: evil.bytes).failed.contains("settings"))
  }

  @Test func recordedErrorsAreComputedAgain() throws {
    let run = try ForgedRun.two.get()
    let honest = try #require(run.document.accuracy)
    #expect(honest.tolerance == 0.001 && honest.reached?.count == run.document.outputs.count)
    for change in [0.01, .nan] {
      var document = run.document
      document.accuracy?.reached = try #require(honest.reached).map {
        change.isNaN ? nil : $0.map { $0 + change }
      }
      let verdict = try ProvenRun.verdict(on: document.sealed(), model: run.bytes)
      #expect(verdict.failed == ["recorded accuracy"])
    }
    var document = run.document
    document.accuracy = nil
    #expect(try !ProvenRun.verdict(on: document.sealed(), model: run.bytes).accepted)
    document = run.document
    document.accuracy?.reached = nil
    #expect(try !ProvenRun.verdict(on: document.sealed(), model: run.bytes).accepted)
    // Of hidden values nobody may learn how far they are off.
    var request = ForgedRun.batch
    request.inputVisibility = .private
    var hidden = try ProvenRun("two", request: request).document
    #expect(hidden.accuracy?.reached == nil && hidden.accuracy?.tolerance == 0.001)
    hidden.accuracy?.reached = honest.reached
    #expect(try !ProvenRun.verdict(on: hidden.sealed(), model: run.bytes).accepted)
  }

  @Test func settingsThatRoundHiddenRunsAwayAreRefused() throws {
    for (input, output) in [(Visibility.private, Visibility.public), (.public, .hashed)] {
      var request = ForgedRun.batch
      (request.inputVisibility, request.outputVisibility) = (input, output)
      let honest = try ProvenRun("hidden", request: request)
      let fine = try ProvenRun.verdict(on: honest.document, model: honest.bytes)
      #expect(fine.accepted, "\(fine.checks.filter { !$0.passed })")
      #expect(try #require(fine.trial?.worst) < 0.05)
      for bits in [40, 6] {
        let evil = try ProvenRun("hidden", request: request) { settings in
          for value in settings.highest.indices where settings.highest[value] > 0 {
            settings.highest[value] = max(
              settings.highest[value], Double(sign: .plus, exponent: bits, significand: 1))
          }
          if bits < 40 { settings.activationBits = 2 }
        }
        let verdict = try ProvenRun.verdict(on: evil.document, model: evil.bytes)
        let pinned = try ProvenRun.verdict(
          on: evil.document, model: evil.bytes,
          pins: Pins(settings: evil.document.plan?.settings))
        // Of public inputs the outputs follow, and are compared whatever was pinned.
        let isCompared = input == .public
        let failed = verdict.failed.filter { !isCompared || $0 != "float model" }
        #expect(failed == ["settings on random inputs"], "\(bits): \(verdict.checks)")
        #expect(verdict.failed.contains("float model") == isCompared, "\(bits)")
        #expect(pinned.failed == (isCompared ? ["float model"] : []), "\(bits)")
        #expect(
          try ProvenRun.verdict(
            on: evil.document, model: evil.bytes, pins: Pins(accuracy: .any)
          ).accepted)
      }
    }
  }

  /// Integers that could hold far more than ever occurs, so coarsely that the input is another one: no random input is accepted by
  /// the layers, so that nothing is compared, which the verdict says; the model's own settings, pinned, refuse them.
  @Test func settingsThatAcceptNoRandomInputAreWarnedOf() throws {
    var request = ForgedRun.batch
    request.inputVisibility = .private
    let evil = try ProvenRun("hidden", request: request) { settings in
      settings.inputScaleBits = [0]
      settings.inputWidths = [32]
    }
    let verdict = try ProvenRun.verdict(on: evil.document, model: evil.bytes)
    #expect(verdict.trial?.inputs == 0)
    #expect(
      verdict.warnings.contains { $0.contains("nothing speaks for them") }, "\(verdict.warnings)")
    let honest = try ProvenRun("hidden", request: request).document.plan?.settings
    let pinned = try ProvenRun.verdict(
      on: evil.document, model: evil.bytes, pins: Pins(settings: honest))
    #expect(!pinned.accepted)
  }

  @Test func hiddenClassifiersAreTriedToo() throws {
    var request = ForgedRun.batch
    request.inputVisibility = .private
    let honest = try ProvenRun("classes", request: request)
    #expect(try ProvenRun.verdict(on: honest.document, model: honest.bytes).accepted)
    let evil = try ProvenRun("classes", request: request) { settings in
      for value in settings.highest.indices {
        settings.highest[value] = max(settings.highest[value], 0x1p40)
      }
    }
    let verdict = try ProvenRun.verdict(on: evil.document, model: evil.bytes)
    #expect(verdict.failed == ["settings on random inputs"], "\(verdict.checks)")
  }

  /// 2^53 + 1 and its sums are none of the doubles.
  @Test func largeWholeNumbersAreComparedExactly() throws {
    let file = #"{"input_data": [[[9007199254740993, -9007199254740993, 9007199254740995, 7]]]}"#
    let run = try ProvenRun("counts", file: file)
    #expect(
      run.document.outputs[0].integers
        == [9_007_199_254_740_994, -9_007_199_254_740_991, 9_007_199_254_740_998, 11])
    let verdict = try ProvenRun.verdict(on: run.document, model: run.bytes)
    #expect(verdict.accepted, "\(verdict.checks.filter { !$0.passed })")
    let model = try Model.load(run.bytes, inputCounts: [4])
    let inputs = [Numbers.integers([9_007_199_254_740_993, 0, 0, 0])]
    for (output, failing) in [(9_007_199_254_740_994, 0), (9_007_199_254_740_993, 1)] {
      let judgement = try model.judge(
        outputs: [.integers([Int128(output), 2, 3, 4])], ofInputs: inputs, by: .standard)
      #expect(judgement.outputs[0].failing == failing)
    }
  }

  @Test func masksAreTriedAtTheirEnds() throws {
    var request = ForgedRun.batch
    request.inputVisibility = .private
    let input = [[0.3, -0.2, 0.5, 0.1], [1, 1, 1, 0]]
    let honest = try ProvenRun("masked", input: input, request: request)
    let fine = try ProvenRun.verdict(on: honest.document, model: honest.bytes)
    #expect(fine.accepted, "\(fine.checks.filter { !$0.passed })")
    #expect(try #require(fine.trial?.worst) < SettingsTrial.largestLoss)
  }
}
