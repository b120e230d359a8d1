import Foundation
import Model
import TestSupport
import Testing

/// Inputs of texts, inputs that lack numbers, what else references are easily wrong about, files that are easily misread, and trees whose
/// numbers come as tensors: the models of `Fixtures/texts.json`, `missing.json`, `edges.json`, `corners.json`, `reading.json` and
/// `trees.json`, against onnxruntime.
@Suite struct EncoderInputTests {
  struct Fixtures: Decodable {
    struct Case: Decodable {
      var name: String
      var model: Data
      var input: String
      var outputs: [[Double]]
    }
    struct Refused: Decodable {
      var name: String
      var reason: String
      var model: Data
      var input: String
    }
    var cases: [Case]
    var refused: [Refused]
  }

  static func fixtures(_ name: String) throws -> Fixtures {
    let url = packageRoot.appendingPathComponent("Tests/ModelTests/Fixtures/\(name).json")
    return try JSONDecoder().decode(Fixtures.self, from: Data(contentsOf: url))
  }

  @Test(arguments: ["texts", "missing", "edges", "corners", "reading", "trees"])
  func inputsAreReadAsTheRuntimeReadsThem(_ kind: String) throws {
    let cases = try Self.fixtures(kind).cases
    #expect(cases.count > 7)
    for test in cases {
      let file = try InputFile(Array(test.input.utf8))
      let bytes = [UInt8](test.model)
      let model = try Model.load(bytes, input: file)
      let numbers = try model.numbers(of: file)
      let values = Model.doubles(numbers)
      let quantized = try model.quantized(calibration: [values])
      let found = try [model.evaluate(numbers).map(\.reals), quantized.run(numbers).outputs]
      for results in found {
        for (result, expected) in zip(results, test.outputs) {
          #expect(largestError(result, expected) <= 1e-3, "\(test.name)")
        }
      }
      // A verifier makes the same program from the settings, without the texts of the input.
      let again = try QuantizedModel(
        Model.load(bytes, settings: quantized.settings), settings: quantized.settings)
      #expect(again.integerGraph == quantized.integerGraph, "\(test.name)")
    }
  }

  @Test(arguments: ["texts", "missing", "edges", "corners", "reading", "trees"])
  func whatTheyAreNotForIsRefused(_ kind: String) throws {
    for test in try Self.fixtures(kind).refused {
      let error = #expect(throws: ModelError.self, "\(test.name)") {
        let file = try InputFile(Array(test.input.utf8))
        let model = try Model.load([UInt8](test.model), input: file)
        let numbers = try model.numbers(of: file)
        _ = try model.evaluate(numbers)
        let quantized = try model.quantized(calibration: [Model.doubles(numbers)])
        if let refusal = try quantized.refusal(by: .standard, numbers) {
          throw ModelError.invalidModel(reason: refusal)
        }
      }
      #expect(
        test.reason.isEmpty || error?.description.contains(test.reason) == true,
        "\(test.name): \(String(describing: error))")
    }
  }

  /// A text stands for its place in the list of those that the model knows, any other one for the place after the last.
  @Test func aTextIsAPlaceInTheModelsList() throws {
    let test = try #require(
      try Self.fixtures("texts").cases.first { $0.name == "categories of a text" })
    let file = try InputFile(Array(#"{"input_data": [["oslo"]]}"#.utf8))
    let model = try Model.load([UInt8](test.model), input: file)
    #expect(model.inputs[0].labels?.texts == ["berlin", "rome", "oslo"])
    #expect(try Model.doubles(model.numbers(of: file)) == [[2]])
    let unknown = try InputFile(Array(#"{"input_data": [["Oslo"]]}"#.utf8))
    #expect(try Model.doubles(model.numbers(of: unknown)) == [[3]])
  }

  /// The settings say which number stands for a missing one, and no other number of the input is it.
  @Test func aMissingNumberHasAMark() throws {
    let test = try #require(
      try Self.fixtures("missing").cases.first { $0.name == "how many are missing" })
    let file = try InputFile(Array(test.input.utf8))
    let model = try Model.load([UInt8](test.model), input: file)
    #expect(model.missing == [MissingMark(name: "x", mark: -131072)])
    let values = try model.values(of: file)
    #expect(values[0].count { $0 == -131072 } == 3)
    let quantized = try model.quantized(calibration: [values])
    #expect(quantized.settings.missing == model.missing)
    var settings = quantized.settings
    settings.missing = nil
    #expect(throws: ModelError.self) { try QuantizedModel(model, settings: settings) }
    // No number comes near it.
    for (number, isRefused) in [
      ("-131072", true), ("65537", true), ("-65537", true), ("-65536", false),
    ] {
      let other = test.input.replacing("6.699999809265137", with: number)
      let error = Self.error { _ = try model.numbers(of: InputFile(Array(other.utf8))) }
      #expect(other != test.input && (error != nil) == isRefused, "\(number)")
    }
    // Without missing numbers it is another program, which needs no mark.
    let full = try InputFile(Array(test.input.replacing("NaN", with: "0.5").utf8))
    #expect(try Model.load([UInt8](test.model), input: full).missing.isEmpty)
  }

  private static func error(_ body: () throws -> Void) -> (any Error)? {
    do {
      try body()
      return nil
    } catch { return error }
  }

  /// Settings of a prover are none where an ordinary number could be read as missing.
  @Test func aMarkLiesBeyondTheNumbers() throws {
    let test = try #require(
      try Self.fixtures("missing").cases.first { $0.name == "how many are missing" })
    let file = try InputFile(Array(test.input.utf8))
    let honest = try Model.load([UInt8](test.model), input: file)
    let values = try honest.values(of: file)
    let settings = try honest.quantized(calibration: [values]).settings
    func refusal(_ change: (inout QuantizationSettings) -> Void) throws -> String? {
      var settings = settings
      change(&settings)
      let model = try Model.load([UInt8](test.model), settings: settings)
      return Self.error { _ = try QuantizedModel(model, settings: settings) }.map { "\($0)" }
    }
    #expect(try refusal { _ in } == nil)
    // Of all that calibration saw, from the lowest number to the highest; and where one unit is too much to tell them apart.
    let changes: [(inout QuantizationSettings) -> Void] = [
      { $0.missing?[0].mark = -2 }, { $0.missing?[0].mark = -65536 },
      { $0.lowest[0] = -131073 }, { $0.highest[0] = 65537 }, { $0.inputScaleBits[0] = -16 },
      { $0.inputScaleBits[0] = 40 },
    ]
    for (number, change) in changes.enumerated() {
      #expect(try refusal(change)?.contains("is not beyond its numbers") == true, "\(number)")
    }
  }

  /// The mark is beyond the numbers of all files that the program is for, and stays that of settings that there are.
  @Test func aMarkIsForAllInputs() throws {
    let test = try #require(
      try Self.fixtures("missing").cases.first { $0.name == "how many are missing" })
    let file = try InputFile(Array(test.input.utf8))
    let large = try InputFile(Array(test.input.replacing("6.699999809265137", with: "1e6").utf8))
    let full = try InputFile(Array(test.input.replacing("NaN", with: "0.5").utf8))
    let bytes = [UInt8](test.model)
    let mark = [MissingMark(name: "x", mark: -0x1p21)]
    let model = try Model.load(bytes, input: file, beside: [full, large])
    #expect(model.missing == mark)
    let values = try [file, large].map(model.values(of:))
    let settings = try model.quantized(calibration: values).settings
    for other in [full, large, file] {
      let again = try Model.load(bytes, input: other, settings: settings)
      #expect(again.missing == mark)
      let quantized = try QuantizedModel(again, settings: settings)
      #expect(throws: Never.self) { try quantized.quantizeInputs(again.numbers(of: other)) }
    }
  }

  /// Numbers that are given as doubles are not checked when they are read: rounding makes no mark of them.
  @Test func noNumberIsRoundedToTheMark() throws {
    let test = try #require(
      try Self.fixtures("missing").cases.first { $0.name == "how many are missing" })
    let file = try InputFile(Array(test.input.utf8))
    let model = try Model.load([UInt8](test.model), input: file)
    var values = try model.values(of: file)
    let quantized = try model.quantized(calibration: [values])
    #expect(throws: Never.self) { try quantized.quantizeInputs(values) }
    values[0][0] = (-131072).nextUp
    #expect(throws: ModelError.self) { try quantized.quantizeInputs(values) }
  }

  @Test func nullAndNaNAreMissingNumbers() throws {
    for text in ["NaN", "null"] {
      let file = try InputFile(
        Array(#"{"a": "NaN \" NaN", "input_data": [[1, \#(text), 2.5]]}"#.utf8))
      let values = file.values[0]
      #expect(values[0] == 1 && values[1].isNaN && values[2] == 2.5)
    }
  }
}
