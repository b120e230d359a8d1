import Foundation
import Model
import TestSupport
import Testing

/// Shapes, fixed inputs and samples: the models of `Fixtures/choices.json`, against onnxruntime.
@Suite struct InputChoicesTests {
  struct Case: Decodable {
    var name: String
    var model: Data
    var input: String
    var shapes: [String: [Int]]
    var fixed: [String: [Double]]
    var sample: Int?
    var shape: [Int]
    var data: [Double]

    var choices: InputChoices { InputChoices(shapes: shapes, fixed: fixed, sample: sample) }

    func load(_ choices: InputChoices? = nil) throws -> (Model, InputFile) {
      let file = try InputFile(Array(input.utf8))
      return (
        try Model.load([UInt8](model), input: file, choices: choices ?? self.choices), file
      )
    }
  }

  private static func cases() throws -> [Case] { try OperatorTests.fixtures("choices") }

  private static func named(_ name: String) throws -> Case {
    try #require(try cases().first { $0.name == name })
  }

  @Test func resultsAreTheRuntimes() throws {
    for test in try Self.cases() {
      let (model, file) = try test.load()
      let values = try model.values(of: file)
      #expect(model.outputs[0].shape == test.shape, "\(test.name)")
      #expect(largestError(try model.evaluate(values)[0], test.data) <= 1e-5, "\(test.name)")
      let quantized = try model.quantized(calibration: [values])
      let numbers = try quantized.run(model.numbers(of: file)).outputs[0]
      #expect(largestError(numbers, test.data) <= 1e-3, "\(test.name)")
    }
  }

  /// What is said of an input holds for its name byte by byte, not for one that is equal as a string.
  @Test func namesAreMatchedByTheirBytes() throws {
    let test = try #require(
      try EncoderInputTests.fixtures("reading").cases.first {
        $0.name == "an input whose name is not ASCII"
      })
    let file = try InputFile(Array(test.input.utf8))
    let numbers = [1.0, 2, 3, 4, 5, 7]
    let other = InputChoices(fixed: ["e\u{301}": numbers])
    #expect(throws: ModelError.self) {
      try Model.load([UInt8](test.model), input: file, choices: other)
    }
    let own = InputChoices(fixed: ["\u{e9}": numbers])
    let model = try Model.load([UInt8](test.model), input: file, choices: own)
    var settings = try model.quantized(calibration: [model.values(of: file)]).settings
    settings.fixedInputs = [FixedInput(name: "e\u{301}", shape: [2, 3], values: numbers)]
    #expect(throws: ModelError.self) { try Model.load([UInt8](test.model), settings: settings) }
  }

  @Test func settingsMakeTheSameProgramAgain() throws {
    for test in try Self.cases() {
      let (model, file) = try test.load()
      let quantized = try model.quantized(calibration: [model.values(of: file)])
      let again = try QuantizedModel(
        Model.load([UInt8](test.model), settings: quantized.settings), settings: quantized.settings)
      #expect(again.integerGraph == quantized.integerGraph, "\(test.name)")
      #expect(again.settings == quantized.settings, "\(test.name)")
    }
  }

  @Test func fixedInputsAreInTheSettings() throws {
    let (model, file) = try Self.named("a fixed number").load()
    #expect(model.fixedInputs == [FixedInput(name: "scale", shape: [], values: [0.25])])
    #expect(model.inputs.map(\.name) == ["x"])
    let settings = try model.quantized(calibration: [model.values(of: file)]).settings
    #expect(settings.fixedInputs == model.fixedInputs)
  }

  @Test func whatDoesNotFitIsRefusedInWords() throws {
    let shaped = try Self.named("flat, with a shape")
    let scaled = try Self.named("a fixed number")
    let several = try Self.named("sample 0 of a list")
    let only = try Self.named("the only sample")
    for (test, choices, words) in [
      (shaped, InputChoices(), "--shape x="),
      (shaped, InputChoices(shapes: ["x": [1, 1, 5, 6]]), "24"),
      (shaped, InputChoices(shapes: ["x": [1, 2, 4, 3]]), "does not fit"),
      (shaped, InputChoices(shapes: ["y": [1]]), "no input y"),
      (shaped, InputChoices(shapes: ["x": [1, 0, 4, 6]]), "no tensor"),
      (shaped, InputChoices(shapes: ["x": [1 << 40, 1 << 40]]), "no tensor"),
      (scaled, InputChoices(), "expected 2"),
      (scaled, InputChoices(fixed: ["scale": []]), "cannot be fixed"),
      (scaled, InputChoices(fixed: ["scale": [.nan]]), "cannot be fixed"),
      (scaled, InputChoices(fixed: ["scale": [1, 2]]), "scale"),
      (several, InputChoices(), "--sample N from 0 to 2"),
      (several, InputChoices(sample: 3), "--sample N from 0 to 2"),
      (several, InputChoices(sample: -1), "no sample -1"),
      (only, InputChoices(sample: 1), "one sample"),
    ] {
      let error = #expect(throws: ModelError.self) { try test.load(choices) }
      #expect(error?.description.contains(words) == true, "\(String(describing: error)) \(words)")
    }
  }

  @Test func anotherNumberThanTheFixedOneIsRefused() throws {
    let test = try Self.named("a fixed number that is given too")
    let (model, file) = try test.load(InputChoices(fixed: ["scale": [0.5]]))
    #expect(throws: ModelError.self) { try model.numbers(of: file) }
  }

  @Test func calibrationTakesEverySample() throws {
    for name in ["sample 0 of a list", "sample 0 of nested lists", "sample 0 of lists"] {
      let test = try Self.named(name)
      let (model, file) = try test.load(InputChoices().takingAnySample)
      let samples = try model.samples(of: file)
      #expect(samples.count == 3)
      #expect(largestError(try model.evaluate(samples[0])[0].reals, test.data) <= 1e-5, "\(name)")
    }
  }

  @Test func choicesAreReadStrictly() throws {
    let choices = InputChoices(shapes: ["x": [1, 2]], fixed: ["s": [0.5]], sample: 3)
    let data = try JSONEncoder().encode(choices)
    #expect(try JSONDecoder().decode(InputChoices.self, from: data) == choices)
    for text in [
      #"{"shapes": {"x": [0]}}"#, #"{"shapes": {"x": [9999999999, 9999999999]}}"#,
      #"{"fixed": {"x": []}}"#, #"{"sample": -1}"#, #"{"sample": 1e9}"#, #"{"shapes": [1]}"#,
    ] {
      #expect(throws: DecodingError.self) {
        try JSONDecoder().decode(InputChoices.self, from: Data(text.utf8))
      }
    }
  }
}
