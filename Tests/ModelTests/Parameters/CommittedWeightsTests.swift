import Aleo
import Foundation
import Model
import TestSupport
import Testing
import Varuna

/// Models whose weights are inputs of the program.
@Suite("Committed weights") struct CommittedWeightsTests {
  static let limits = PlanLimits(constraints: 1 << 14, variables: 1 << 14, nonzeros: 1 << 17)

  private func load(
    _ name: String, committing: Bool = true
  ) throws -> (model: Model, values: [[Double]]) {
    let folder = packageRoot.appendingPathComponent("examples")
    let base = name.replacingOccurrences(of: "_retrained", with: "")
    let json = try Data(contentsOf: folder.appendingPathComponent("\(base)_input.json"))
    let bytes = try Data(contentsOf: folder.appendingPathComponent("\(name).onnx"))
    return (
      try Model.load([UInt8](bytes), committing: committing), try InputFile([UInt8](json)).values
    )
  }

  private func plan(
    _ model: QuantizedModel, target: AleoNetwork? = nil, visibility: Visibility = .hashed
  ) throws -> Plan {
    try Plan.make(
      graph: model.integerGraph,
      request: PlanRequest(
        workers: 2, limits: Self.limits, parameterVisibility: visibility, target: target))
  }

  @Test("outputs are as near to the float ones as with constants, in two bits more at most")
  func accuracy() throws {
    for name in ["digits_mlp", "digits_cnn", "repeated_blocks", "stacked_blocks"] {
      let (model, values) = try load(name)
      let committed = try model.quantized(calibration: [values])
      let fixed = try load(name, committing: false).model.quantized(calibration: [values])
      #expect(try committed.accuracy(values).worst <= 5e-4, "\(name)")
      #expect(committed.settings.weightBits <= fixed.settings.weightBits + 2, "\(name)")
      #expect(!committed.parameters.isEmpty && fixed.parameters.isEmpty)
      #expect(committed.inputs.map(\.shape) == fixed.inputs.map(\.shape))
      let again = try QuantizedModel(model, settings: committed.settings)
      #expect(again.integerGraph == committed.integerGraph)
    }
  }

  @Test("a convolution's weights are one matrix of channels by taps and bias, whatever its border")
  func matrices() throws {
    let (model, values) = try load("digits_cnn")
    let quantized = try model.quantized(calibration: [values])
    // 1 -> 4 and 4 -> 8 channels of 3 x 3 taps; then the full layer.
    #expect(quantized.parameters.map(\.port.shape).prefix(2) == [[1, 10, 4], [1, 37, 8]])
    #expect(quantized.parameters.count == 3)
  }

  @Test("equal layers with different weights are instances of one circuit")
  func layersShareACircuit() throws {
    let (model, values) = try load("stacked_blocks")
    let plan = try plan(model.quantized(calibration: [values]), target: .mainnet)
    let instances = plan.circuits.map(\.chunks.count)
    #expect(instances.max() ?? 0 >= 4, "\(instances)")
    let fixed = try load("stacked_blocks", committing: false).model
      .quantized(calibration: [values])
    let before = try self.plan(fixed, target: .mainnet)
    #expect(before.circuits.allSatisfy { $0.chunks.count == 1 })
  }

  @Test("other weights under the same settings have the same circuits and other commitments")
  func retrainedModel() throws {
    let (model, values) = try load("stacked_blocks")
    let quantized = try model.quantized(calibration: [values])
    let retrained = try QuantizedModel(
      load("stacked_blocks_retrained").model, settings: quantized.settings)
    let plans = [try plan(quantized), try plan(retrained)]
    #expect(plans[0].digest == plans[1].digest)
    #expect(plans[0].circuits.map(\.digest) == plans[1].circuits.map(\.digest))
    let seed = ProverSeed([UInt8](repeating: 5, count: 32))
    let assignments = try zip(plans, [quantized, retrained]).map { plan, model in
      try PlanAssignment(
        plan: plan, inputs: model.quantizeInputs(values),
        parameters: model.parameters.map(\.integers), seed: seed)
    }
    for piece in plans[0].parameters.joined() {
      #expect(
        assignments[0].commitments[piece.boundary] != assignments[1].commitments[piece.boundary])
    }
    #expect(assignments[0].outputs != assignments[1].outputs)
  }

  @Test("weights that do not fit the settings are refused, and settings of constants too")
  func otherSettings() throws {
    let (model, values) = try load("stacked_blocks")
    var settings = try model.quantized(calibration: [values]).settings
    let format = try #require(settings.parameters?.compactMap(\.self).first)
    for index in settings.parameters!.indices where settings.parameters![index] != nil {
      settings.parameters![index] = ParameterFormat(
        scaleBits: format.scaleBits + 4, bits: format.bits)
    }
    #expect(throws: ModelError.self) { try QuantizedModel(model, settings: settings) }
    settings.parameters![0] = ParameterFormat(scaleBits: .max, bits: 0)
    #expect(throws: ModelError.self) { try QuantizedModel(model, settings: settings) }
    let committed = try model.quantized(calibration: [values]).settings
    let constants = try load("stacked_blocks", committing: false).model
    #expect(throws: ModelError.self) { try QuantizedModel(constants, settings: committed) }
  }

  @Test("salts of private weights follow from their own seed, and hide equal weights")
  func salts() throws {
    let (model, values) = try load("stacked_blocks")
    let quantized = try model.quantized(calibration: [values])
    let plan = try plan(quantized, visibility: .private)
    func commitments(_ seed: UInt8, _ parameterSeed: UInt8?) throws -> [String] {
      let assignment = try PlanAssignment(
        plan: plan, inputs: quantized.quantizeInputs(values),
        parameters: quantized.parameters.map(\.integers),
        seed: ProverSeed([UInt8](repeating: seed, count: 32)),
        parameterSeed: parameterSeed.map { ProverSeed([UInt8](repeating: $0, count: 32)) })
      return plan.parameters.joined().map { assignment.commitments[$0.boundary].decimal }
    }
    #expect(try commitments(1, 7) == commitments(2, 7))
    #expect(try Set(commitments(1, nil)).isDisjoint(with: commitments(2, nil)))
    #expect(try Set(commitments(1, 7)).isDisjoint(with: commitments(1, 8)))
  }

  @Test("a layer cut into tiles commits to the part of its weights that each tile reads")
  func tiles() throws {
    let (model, values) = try load("digits_mlp")
    let quantized = try model.quantized(calibration: [values])
    let plan = try plan(quantized)
    #expect(plan.parameters.contains { $0.count > 1 })
    for (pieces, parameter) in zip(plan.parameters, quantized.parameters) {
      var next = 0
      for piece in pieces {
        #expect(piece.start == next)
        next += piece.count
      }
      #expect(next == parameter.integers.count)
    }
    let assignment = try PlanAssignment(
      plan: plan, inputs: quantized.quantizeInputs(values),
      parameters: quantized.parameters.map(\.integers),
      seed: ProverSeed([UInt8](repeating: 5, count: 32)))
    let whole = try quantized.run(values)
    #expect(quantized.dequantizeOutputs(assignment.outputs) == whole.outputs)
    // Every chunk's witness satisfies its circuit, and with a wrong weight its commitment is another one.
    for chunk in plan.chunks.indices.prefix(2) {
      let program = plan.circuits[plan.chunks[chunk].circuit].program
      let witness = try program.witness(assignment.instance(ofChunk: chunk))
      #expect(witness.publicInputs == assignment.publicInputs(ofChunk: chunk))
    }
  }
}
