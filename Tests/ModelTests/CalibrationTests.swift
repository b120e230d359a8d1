import Foundation
import Model
import TestSupport
import Testing

/// The search for settings, its report, and what happens outside the ranges that it chose.
@Suite struct CalibrationTests {
  static func digits() throws -> (model: Model, values: [[Double]]) {
    let (bytes, input, _) = try ExampleModelTests.load("digits_cnn")
    return (try Model.load(bytes), input.values)
  }

  @Test func targetsTradeConstraintsForAccuracy() throws {
    let (model, values) = try Self.digits()
    let options = QuantizationOptions()
    var reports: [CalibrationTarget: CalibrationReport] = [:]
    for target in CalibrationTarget.allCases {
      let (quantized, report) = try model.calibrated(
        data: [values], target: target, options: options)
      reports[target] = report
      #expect(try quantized.accuracy(values).worst == report.accuracy.worst)
      let again = try QuantizedModel(model, settings: report.settings)
      #expect(again.integerGraph == quantized.integerGraph)
    }
    let (accuracy, resources, both) = (
      try #require(reports[.accuracy]), try #require(reports[.resources]),
      try #require(reports[.both])
    )
    #expect(resources.accuracy.worst <= options.tolerance)
    #expect(both.accuracy.worst <= options.tolerance / 5)
    #expect(accuracy.accuracy.worst < both.accuracy.worst)
    #expect(resources.predictedConstraints < both.predictedConstraints)
    #expect(both.predictedConstraints < accuracy.predictedConstraints)
  }

  @Test func refiningNeverCostsMore() throws {
    let (model, values) = try Self.digits()
    let options = QuantizationOptions(tolerance: 2e-3)
    let uniform = try model.quantized(calibration: [values], options: options)
    let (_, report) = try model.calibrated(data: [values], target: .resources, options: options)
    #expect(report.predictedConstraints <= uniform.predictedCost)
    #expect(report.accuracy.worst <= options.tolerance)
  }

  @Test func theOperatorThatLosesMostIsNamed() throws {
    let (model, values) = try Self.digits()
    var settings = try model.calibrated(
      data: [values], target: .accuracy, options: QuantizationOptions()
    ).report.settings
    let precise = try QuantizedModel(model, settings: settings).losses(values)
    // The first convolution's result loses 14 bits and must come out on top.
    let value = try #require(settings.extraBits.indices.dropFirst().first)
    settings.extraBits[value] = -14
    let losses = try QuantizedModel(model, settings: settings).losses(values)
    #expect(losses[0].outputError > 100 * precise[0].outputError)
    #expect(losses[0].node == "conv3x3_0")
  }

  @Test func errorsOfChunksArriveAtTheOutput() throws {
    let (model, values) = try Self.digits()
    let (quantized, report) = try model.calibrated(
      data: [values], target: .accuracy, options: QuantizationOptions())
    let plan = try Plan.make(
      graph: quantized.integerGraph,
      request: PlanRequest(
        workers: 2,
        limits: PlanLimits(constraints: 1 << 14, variables: 1 << 14, nonzeros: 1 << 16)))
    let chunks = try quantized.accuracy(of: plan, on: [values])
    #expect(chunks.count == plan.chunks.count && chunks.count > 1)
    #expect(chunks.allSatisfy { !$0.nodes.isEmpty && $0.meanError <= $0.maximalError })
    #expect(chunks.contains { $0.maximalError == report.accuracy.outputs[0].maximalError })
  }

  @Test func valuesOutsideTheirRangeNameTheOperator() throws {
    let (model, values) = try Self.digits()
    // Calibrated with one bright pixel, run with all of them bright.
    var single = values
    single[0] = values[0].indices.map { $0 == 30 ? 1 : 0 }
    let quantized = try model.quantized(
      calibration: [single], options: QuantizationOptions(headroomBits: 0))
    let bright = [[Double](repeating: 1, count: values[0].count)]
    let error = #expect(throws: ModelError.self) { try quantized.run(bright) }
    guard case .valueOutOfRange(let node, _, _, let value, let lowest, let highest) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(node.contains("conv") || node.contains("dense"))
    #expect(!(lowest...highest).contains(value))
    #expect(error?.description.contains("\(value)") == false)
  }

  @Test func samplesAreOneFileOrAList() throws {
    let one = #"{"input_data": [[1, 2]]}"#
    #expect(try InputFile.samples(Array(one.utf8)).count == 1)
    #expect(try InputFile.samples(Array("[\(one), \(one)]".utf8)).count == 2)
    for bad in ["[]", "[1]", "{}", "[{}]"] {
      #expect(throws: ModelError.self) { try InputFile.samples(Array(bad.utf8)) }
    }
  }
}
