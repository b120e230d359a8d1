import Model
import ProofAggregation
import Testing

/// What random inputs say about settings that somebody else chose.
@Suite struct SettingsTrialTests {
  /// The trial of settings that a change makes of those of calibration; nil where they make no program.
  private func trial(
    _ name: String, input: [[Double]] = [[0.5, -1, 0.25, 2]],
    _ change: (inout QuantizationSettings) -> Void = { _ in }
  ) throws -> SettingsTrial? {
    let bytes = try ProvenRun.model(name)
    let model = try Model.load(bytes, inputCounts: input.map(\.count))
    var settings = try model.quantized(calibration: [input]).settings
    change(&settings)
    guard
      let quantized = try? QuantizedModel(Model.load(bytes, settings: settings), settings: settings)
    else { return nil }
    return SettingsTrial(quantized, seed: [1, 2, 3])
  }

  /// Room for numbers up to a power of two, which leaves less for what occurs.
  private func widened(_ settings: inout QuantizationSettings, to exponent: Int) {
    for place in settings.highest.indices {
      settings.highest[place] = max(
        settings.highest[place], Double(sign: .plus, exponent: exponent, significand: 1))
    }
  }

  @Test(arguments: ["hidden", "two", "deep", "classes"])
  func honestSettingsPass(_ name: String) throws {
    let trial = try #require(try trial(name))
    #expect(trial.inputs == 16 && trial.scales.isEmpty)
    #expect(trial.failures(tolerance: 0.001) == [] && trial.warnings(tolerance: 0.001) == [])
    #expect(try #require(trial.worst) < (name == "classes" ? 1 : 0.1))
  }

  /// A layer that is rounded to nothing leaves one class for all inputs.
  @Test func oneClassForAllIsNoClassifier() throws {
    let trial = try #require(try trial("classes") { widened(&$0, to: 40) })
    let failures = trial.failures(tolerance: 0.001)
    #expect(failures.count == 1 && failures[0].contains("one answer for all"), "\(trial)")
  }

  /// Small columns that say nothing any more are found although the large ones are all there.
  @Test func smallColumnsAreJudgedAlone() {
    let expected: [[Double]] = (0..<16).map { (place: Int) -> [Double] in
      [Double(place * 1000), Double(place * 7 % 16) / 8]
    }
    func failure(_ found: ([Double]) -> [Double], tolerance: Double = 0.001) -> String? {
      SettingsTrial.Output("y", isExact: false, expected: expected, found: expected.map(found))
        .failure(tolerance: tolerance)
    }
    #expect(failure { $0 } == nil)
    #expect(failure { [$0[0] + 1, $0[1] + 0.01] } == nil)
    #expect(failure { [$0[0], 1] }?.contains("element 1 is no better than a constant") == true)
    #expect(failure({ [$0[0], 1] }, tolerance: 0.2) == nil)
    #expect(failure { [8000, $0[1]] }?.contains("the settings lose") == true)
  }

  @Test func numbersThatSquaresCannotHoldAreCompared() {
    let expected = (0..<16).map { [Double($0) * 1e300] }
    let output = SettingsTrial.Output(
      "y", isExact: false, expected: expected, found: expected.map { _ in [0] })
    #expect(output.loss.map { $0 > 1 } == true)
    #expect(output.failure(tolerance: 0.001) != nil)
  }

  /// Of whole numbers the wrong ones are counted, so that one that is off by much or by little is one.
  @Test func wholeNumbersAreCounted() {
    func output(_ found: [Double], of expected: [Double]) -> SettingsTrial.Output {
      SettingsTrial.Output(
        "y", isExact: true, expected: expected.map { [$0] }, found: found.map { [$0] })
    }
    let classes = [0.0, 1, 2, 1, 2, 0, 1, 2, 2, 2]
    #expect(output(classes, of: classes).loss == 0)
    let constant = output([Double](repeating: 2, count: 10), of: classes)
    #expect(constant.loss == 1 && constant.differing == 5)
    #expect(constant.failure(tolerance: 0.001)?.contains("one answer for all") == true)
    // A single input that others do not share says too little.
    let one = output([0, 0, 0, 0, 0, 0, 0, 0], of: [0, 0, 0, 0, 0, 0, 0, 1])
    #expect(one.loss == 1 && one.failure(tolerance: 0.001) == nil)
  }

  /// What is lost of small inputs is not hidden by large ones, of which nothing is.
  @Test func sizesAreJudgedAlone() throws {
    let trial = try #require(
      try trial("hidden") { settings in
        // Inputs from -16 to 16, and a hidden layer in units of 4.
        settings.inputScaleBits = [11]
        settings.inputWidths = [16]
        for place in settings.highest.indices where settings.highest[place] < 1000 {
          settings.highest[place] = max(settings.highest[place], 128)
        }
        settings.activationBits = 5
      })
    #expect(trial.parts.count == 4)
    let worst = trial.parts.map { part in part.compactMap(\.loss).max() ?? 0 }
    #expect(worst.last! > 2 * worst[0], "\(worst)")
    #expect(!trial.failures(tolerance: 0.001).isEmpty)
  }

  /// Only values that nothing but softmaxes read are masked: else any input could be called a mask, whose ends alone are tried.
  @Test func nothingElseIsAMask() throws {
    #expect(try trial("hidden") { $0.masked = [0] } == nil)
    #expect(try trial("hidden") { $0.masked = [2] } == nil)
  }

  /// Inputs that could be far larger than they are may be rounded away while random ones of what the integers can hold are not.
  @Test func inputsOfUsualSizesAreTriedToo() throws {
    let trial = try #require(
      try trial("hidden") { settings in
        settings.inputScaleBits = [-4]
        settings.inputWidths = [32]
        widened(&settings, to: 24)
      })
    #expect(trial.scales.map(\.largest) == [1, 1, 255], "\(trial)")
    let warnings = trial.warnings(tolerance: 0.001)
    #expect(warnings.contains { $0.contains("from -1.0 to 1.0") }, "\(trial)")
    #expect(trial.warnings(tolerance: 1000) == [])
  }

  /// What is lost at one size is found whatever the others say.
  @Test func everySizeIsJudged() throws {
    let expected = (0..<16).map { [Double($0)] }
    func output(_ found: [[Double]]) -> SettingsTrial.Output {
      SettingsTrial.Output("y", isExact: false, expected: expected, found: found)
    }
    let (kept, lost) = (output(expected), output(expected.map { _ in [0] }))
    var trial = try #require(
      try trial("hidden") { settings in
        settings.inputScaleBits = [-4]
        settings.inputWidths = [32]
        widened(&settings, to: 24)
      })
    trial.outputs = [kept]
    trial.parts = [[SettingsTrial.Output]](repeating: [kept], count: 4)
    for scale in trial.scales.indices { trial.scales[scale].outputs = [kept] }
    #expect(trial.failures(tolerance: 0.001) == [] && trial.warnings(tolerance: 0.001) == [])
    for size in trial.parts.indices {
      var changed = trial
      changed.parts[size] = [lost]
      #expect(changed.failures(tolerance: 0.001).count == 1, "size \(size)")
    }
    for scale in trial.scales.indices {
      var changed = trial
      changed.scales[scale].outputs = [lost]
      let range = "from \(trial.scales[scale].least) to \(trial.scales[scale].largest)"
      let warnings = changed.warnings(tolerance: 0.001)
      #expect(warnings.count == 1 && warnings[0].contains(range), "\(warnings)")
    }
  }
}
