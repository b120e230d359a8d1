import Circuit
import Foundation
import Model
import Testing
import Varuna

/// Numbers that are hard to quantise: the models of `Fixtures/hard_numbers.json` with what onnxruntime makes of them.
@Suite struct HardNumberTests {
  /// Models whose channels are so different that they share no scale.
  static let equalised: Set = [
    "channels of different size", "channels of different size in images",
  ]

  @Test func numbersAreRight() throws {
    let cases: [OperatorTests.Case] = try OperatorTests.fixtures("hard_numbers")
    #expect(cases.count > 50)
    for test in cases {
      do {
        let quantized = try test.load().quantized(calibration: [test.input_data])
        let refusal = try quantized.refusal(by: .standard, test.input_data)
        #expect(refusal == nil, "\(test.name)")
        #expect(
          (quantized.settings.equalised == true) == Self.equalised.contains(test.name),
          "\(test.name)")
        let results = try quantized.run(test.input_data).outputs
        for (index, output) in test.outputs.enumerated() {
          #expect(largestError(results[index], output.data) <= 1e-3, "\(test.name) \(index)")
        }
        let again = try QuantizedModel(test.load(), settings: quantized.settings)
        #expect(again.integerGraph == quantized.integerGraph, "\(test.name)")
      } catch {
        Issue.record("\(test.name): \(error)")
      }
    }
  }

  /// What some precision makes right, no greater one makes wrong.
  @Test func moreBitsNeverMakeAResultWorse() throws {
    let cases: [OperatorTests.Case] = try OperatorTests.fixtures("hard_numbers")
    var found = 0
    for test in cases {
      let model = try test.load()
      var rightAt: Int?
      for bits in [8, 12, 16, 20, 24, 28, 32, 36, 40] {
        let options = QuantizationOptions(activationBits: bits, weightBits: min(bits, 32))
        do {
          let worst = try model.quantized(calibration: [test.input_data], options: options)
            .accuracy(test.input_data).worst
          if let rightAt { #expect(worst <= 1e-3, "\(test.name): \(rightAt) bits, then \(bits)") }
          if worst <= 5e-4 { rightAt = rightAt ?? bits }
        } catch {
          if let rightAt { Issue.record("\(test.name): \(rightAt) bits, then \(bits): \(error)") }
        }
      }
      if rightAt != nil { found += 1 }
    }
    #expect(found > 45)
  }

  @Test func circuitsAccept() throws {
    let cases: [OperatorTests.Case] = try OperatorTests.fixtures("hard_numbers")
    for test in cases {
      do {
        let quantized = try test.load().quantized(calibration: [test.input_data])
        try OperatorTests.expectSatisfied(quantized, by: test)
      } catch {
        Issue.record("\(test.name): \(error)")
      }
    }
  }

  // MARK: - The rule

  @Test func aRefusalNamesOutputValuesOperatorAndRemedy() throws {
    let cases: [OperatorTests.Case] = try OperatorTests.fixtures("hard_numbers")
    func coarse(_ name: String) throws -> (QuantizedModel, [[Double]]) {
      let test = try #require(cases.first { $0.name == name })
      let model = try test.load()
      return (
        try model.quantized(
          calibration: [test.input_data],
          options: QuantizationOptions(activationBits: 2, weightBits: 2)), test.input_data
      )
    }
    let (sums, input) = try coarse("large sums that cancel")
    let text = try #require(try sums.refusal(by: .standard, input, remedy: "use more bits"))
    for part in ["'y'", "element", "the float model", "loses most", "use more bits", "--tolerance"]
    {
      #expect(text.contains(part), "\(text)")
    }
    #expect(try sums.refusal(by: .any, input) == nil)
    let hidden = try #require(try sums.refusal(by: .standard, input, showingValues: false))
    #expect(!hidden.contains("gives"), "\(hidden)")
  }

  @Test func aDecisionByAHairIsNamed() throws {
    let cases: [OperatorTests.Case] = try OperatorTests.fixtures("hard_numbers")
    let test = try #require(cases.first { $0.name == "rounding by a hair" })
    let model = try test.load()
    // The precise program's rules with an input of 8 bits: 2.4999 and 1.9999 come out as 2.5 and 2.
    var settings = try model.quantized(calibration: [test.input_data]).settings
    settings.inputWidths[0] = 8
    settings.inputScaleBits[0] = 5
    let coarse = try QuantizedModel(model, settings: settings)
    let text = try #require(try coarse.refusal(by: .standard, test.input_data))
    #expect(text.contains("Floor#0 decides element"), "\(text)")
    #expect(text.contains("whole numbers may not differ"), "\(text)")
    #expect(text.hasSuffix("--any-accuracy") && !text.contains("--tolerance"), "\(text)")
  }

  // MARK: - Settings

  @Test func settingsOfOtherRulesAreNamed() throws {
    let old = Array(#"{"format":"ezkl-settings/3","inputWidths":[16]}"#.utf8)
    let error = #expect(throws: ModelError.self) { try QuantizationSettings.read(old) }
    #expect("\(try #require(error))".contains("ezkl-settings/3"), "\(String(describing: error))")
    #expect("\(try #require(error))".contains("calibrate again"))
    let incomplete = Array(#"{"format":"\#(QuantizationSettings.format)"}"#.utf8)
    #expect(throws: ModelError.self) { try QuantizationSettings.read(incomplete) }
    #expect(try QuantizationSettings.read(Array(#"{"input_data":[[1]]}"#.utf8)) == nil)
    #expect(try QuantizationSettings.read(Array("not JSON".utf8)) == nil)
  }

  @Test func impossibleSettingsAreRefused() throws {
    let cases: [OperatorTests.Case] = try OperatorTests.fixtures("hard_numbers")
    let test = try #require(cases.first { $0.name == "mixed columns, one layer" })
    let model = try test.load()
    let settings = try model.quantized(calibration: [test.input_data]).settings
    #expect(settings.droppedInputBits[0].contains { $0 > 0 })
    let changes: [(inout QuantizationSettings) -> Void] = [
      { $0.droppedInputBits[0].removeLast() }, { $0.droppedInputBits[0][0] = 63 },
      { $0.droppedInputBits[0][0] = -1 }, { $0.droppedInputBits = [] }, { $0.masked = [1 << 20] },
      { $0.masked = [1, 1] }, { $0.masked = [-1] }, { $0.inputWidths[0] = 64 },
      { $0.activationBits = 41 }, { $0.highest[0] = .infinity }, { $0.format = "ezkl-settings/3" },
      { $0.inputScaleBits[0] = 1 << 40 },
    ]
    for (number, change) in changes.enumerated() {
      var changed = settings
      change(&changed)
      #expect(throws: ModelError.self, "change \(number)") {
        try QuantizedModel(model, settings: changed)
      }
    }
  }
}
