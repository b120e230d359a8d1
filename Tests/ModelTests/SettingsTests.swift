import Foundation
import Model
import TestSupport
import Testing

/// Settings of another model, of other inputs, or with numbers that no search gives: each is refused for its own reason.
@Suite struct SettingsTests {
  typealias Change = (inout QuantizationSettings) -> Void

  /// An example model and the settings that calibration finds for it.
  private static func load(
    _ name: String, committing: Bool = false
  ) throws -> (Model, QuantizationSettings) {
    let folder = packageRoot.appendingPathComponent("examples")
    let bytes = try Data(contentsOf: folder.appendingPathComponent("\(name).onnx"))
    let json = try Data(contentsOf: folder.appendingPathComponent("\(name)_input.json"))
    let model = try Model.load([UInt8](bytes), committing: committing)
    let values = try InputFile([UInt8](json)).values
    return (model, try model.quantized(calibration: [values]).settings)
  }

  /// The reason why a model refuses its own settings after a change; nil if it takes them.
  private static func refusal(
    of model: Model, _ settings: QuantizationSettings, _ change: Change
  ) throws -> String? {
    var settings = settings
    change(&settings)
    do {
      _ = try QuantizedModel(model, settings: settings)
      return nil
    } catch {
      guard case ModelError.invalidSettings(let reason) = error else { throw error }
      return reason
    }
  }

  @Test func settingsAreOfOneModelAndItsInputs() throws {
    let (model, settings) = try Self.load("digits_mlp")
    #expect(try Self.refusal(of: model, settings) { _ in } == nil)
    let changes: [(reason: String, change: Change)] = [
      ("inputs of other shapes", { $0.inputShapes[0] = [64, 1] }),
      (
        "other numbers of inputs that shapes depend on",
        { $0.fixedInputs = [FixedInput(name: "n", shape: [], values: [2])] }
      ),
      ("other missing numbers", { $0.missing = [MissingMark(name: "x", mark: -2)] }),
      ("something else than a softmax reads", { $0.masked = [0] }),
      ("made for committed weights", { $0.parameters = $0.lowest.map { _ in nil } }),
      ("is not ezkl-settings", { $0.format = "ezkl-settings/1" }),
      ("made for another model", { $0.inputWidths.append(8) }),
      ("made for another model", { $0.inputScaleBits = [] }),
      ("made for another model", { $0.droppedInputBits = [] }),
      ("made for another model", { $0.lowest.removeLast() }),
      ("made for another model", { $0.highest.removeLast() }),
      ("made for another model", { $0.extraBits.append(0) }),
    ]
    for (number, (reason, change)) in changes.enumerated() {
      let refusal = try Self.refusal(of: model, settings, change)
      #expect(refusal?.contains(reason) == true, "change \(number): \(refusal ?? "taken")")
    }
  }

  @Test func numbersStayInsideTheirLimits() throws {
    let (model, settings) = try Self.load("digits_mlp")
    let changes: [Change] = [
      { $0.inputWidths[0] = 12 }, { $0.inputWidths[0] = 65 }, { $0.inputScaleBits[0] = 141 },
      { $0.droppedInputBits[0] = [1] },
      {
        $0.droppedInputBits[0] = [Int](repeating: 63, count: $0.inputShapes[0].last ?? 1)
      },
      { $0.masked = [1, 1] }, { $0.masked = [-1] }, { $0.masked = [$0.lowest.count] },
      { $0.lowest[1] = $0.highest[1] + 1 }, { $0.lowest[1] = -0x1p131 },
      { $0.highest[1] = 0x1p131 },
      { $0.lowest[1] = .nan }, { $0.highest[1] = .infinity }, { $0.extraBits[1] = 17 },
      { $0.activationBits = 1 }, { $0.weightBits = 41 }, { $0.headroomBits = 17 },
      { $0.headroomBits = -1 },
    ]
    for (number, change) in changes.enumerated() {
      let refusal = try Self.refusal(of: model, settings, change)
      #expect(
        refusal?.contains("outside its limits") == true,
        "change \(number): \(refusal ?? "taken")")
    }
    let mark = try Self.refusal(of: model, settings) {
      $0.missing = [MissingMark(name: "x", mark: -3)]
    }
    #expect(mark != nil)
  }

  @Test func committedWeightsAreThoseOfTheFile() throws {
    let (model, settings) = try Self.load("stacked_blocks", committing: true)
    let refusal = try Self.refusal(of: model, settings) { $0.equalised = true }
    #expect(refusal?.contains("not equalised ones") == true)
  }
}
