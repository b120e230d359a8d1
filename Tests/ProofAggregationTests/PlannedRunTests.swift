import AleoEZKL
import Foundation
import Model
import ProofAggregation
import R1CSImport
import Testing
import Varuna

/// The library as programs use it: from files to a verified document, on one machine.
@Suite struct PlannedRunTests {
  private let input = Array(#"{"input_data": [[0.5, -1, 0.25, 2]]}"#.utf8)

  private func powers(_ degree: Int) -> SRS {
    .development(seed: "library tests", degree: degree, threads: 2)
  }

  @Test func aModelIsPlannedProvenVerifiedAndExported() throws {
    let onnx = try ProvenRun.model("two")
    let run = try PlannedRun(
      onnx: onnx, name: "two", input: input, request: .onOneMachine(powers: 1 << 14))
    let json = try run.prove(under: powers(run.largestDomain), threads: 2).json()
    let document = try ProofDocument(json: json)
    let verdict = try document.verdict(about: onnx, threads: 2) { R, C, K in powers(max(R, C, K)) }
    #expect(verdict.accepted, "\(verdict.checks.filter { !$0.passed })")
    #expect(try document.onChain().program.text.contains("snark.verify"))
    // Of another model it says nothing.
    let other = try document.verdict(about: try ProvenRun.model("hidden"), threads: 2) { R, C, K in
      powers(max(R, C, K))
    }
    #expect(!other.accepted)
  }

  @Test func tooFewPowersAreNamed() throws {
    let run = try PlannedRun(
      onnx: try ProvenRun.model("two"), name: "two", input: input,
      request: .onOneMachine(powers: 1 << 14))
    let error = #expect(throws: RunError.self) {
      _ = try run.prove(under: powers(run.largestDomain / 4))
    }
    #expect(error?.description.contains("\(run.largestDomain)") == true)
  }

  @Test func whatIsNoModelOrNoInputIsRefused() throws {
    let request = PlanRequest.onOneMachine(powers: 1 << 14)
    for (onnx, input) in [
      (Array("no model".utf8), input), (try ProvenRun.model("two"), Array("no input".utf8)),
      (try ProvenRun.model("two"), Array(#"{"input_data": [[1, 2]]}"#.utf8)),
    ] {
      #expect(throws: RunError.self) {
        _ = try PlannedRun(onnx: onnx, name: "bad", input: input, request: request)
      }
    }
  }

  // MARK: - Files beside the model

  @Test func settingsOfACalibrationAreUsed() throws {
    let onnx = try ProvenRun.model("two")
    let request = PlanRequest.onOneMachine(powers: 1 << 14)
    let calibration = try Calibration(
      model: onnx, data: [input], target: .accuracy, request: request)
    #expect(!calibration.chunks.isEmpty)
    let run = try PlannedRun(
      ModelFiles(
        name: "two", onnx: onnx, input: input, calibration: Array(calibration.settingsFile)),
      request: request)
    #expect(run.model.settings.digest == calibration.report.settings.digest)
    let plain = try PlannedRun(onnx: onnx, name: "two", input: input, request: request)
    #expect(plain.model.settings.digest != calibration.report.settings.digest)
  }

  @Test func settingsForOtherWeightsAndJunkAreRefused() throws {
    let onnx = try ProvenRun.model("two")
    var request = PlanRequest.onOneMachine(powers: 1 << 14)
    let calibration = try Calibration(
      model: onnx, data: [input], target: .both, request: request)
    request.parameterVisibility = .hashed
    for (file, word) in [
      (Array(calibration.settingsFile), "committed"), (Array("junk".utf8), "unusable"),
    ] {
      let error = #expect(throws: RunError.self) {
        _ = try PlannedRun(
          ModelFiles(name: "two", onnx: onnx, input: input, calibration: file), request: request)
      }
      #expect(error?.description.contains(word) == true, "\(String(describing: error))")
    }
    let error = #expect(throws: RunError.self) {
      _ = try Calibration(model: onnx, data: [], target: .both, request: request)
    }
    #expect(error?.description == "there are no samples")
  }

  /// Whoever verifies sees the numbers that the integers stand for, not those of the input file.
  @Test func errorsAreThoseThatAVerifierFinds() throws {
    let onnx = try ProvenRun.model("two")
    for number in [0.123456789, 0.7071067811, -1.7320508] {
      let input = Array("{\"input_data\": [[\(number), -1.000001, 0.33333333, 2.71828]]}".utf8)
      let run = try PlannedRun(
        onnx: onnx, name: "two", input: input, request: .onOneMachine(powers: 1 << 14))
      let document = try run.prove(under: powers(run.largestDomain), threads: 2)
      let verdict = try document.verdict(about: onnx, threads: 2) { R, C, K in
        powers(max(R, C, K))
      }
      #expect(verdict.accepted, "\(verdict.checks.filter { !$0.passed })")
      #expect(document.accuracy?.reached == verdict.accuracy?.outputs.map { $0.worst?.error })
    }
  }

  /// A class that is right in the coarsest precision says nothing about other inputs, which a verifier tries.
  @Test func settingsAreFineEnoughForWhoeverTriesThem() throws {
    let onnx = try ProvenRun.model("near_tie")
    let input = Array(#"{"input_data": [[-0.3, 0.2, -0.5, -0.1, 0.4, -0.25]]}"#.utf8)
    var request = PlanRequest.onOneMachine(powers: 1 << 14)
    let shown = try PlannedRun(onnx: onnx, name: "near", input: input, request: request)
    request.inputVisibility = .private
    let hidden = try PlannedRun(onnx: onnx, name: "near", input: input, request: request)
    #expect(hidden.lostOutputs == [])
    #expect(hidden.model.settings.weightBits > shown.model.settings.weightBits)
    let document = try hidden.prove(under: powers(hidden.largestDomain), threads: 2)
    let verdict = try document.verdict(about: onnx, threads: 2) { R, C, K in powers(max(R, C, K)) }
    #expect(verdict.accepted, "\(verdict.checks.filter { !$0.passed })")
  }

  @Test func settingsThatNobodyCouldTrustAreRefusedBeforeTheProof() throws {
    let onnx = try ProvenRun.model("near_tie")
    let input = Array(#"{"input_data": [[-0.3, 0.2, -0.5, -0.1, 0.4, -0.25]]}"#.utf8)
    var request = PlanRequest.onOneMachine(powers: 1 << 14)
    request.inputVisibility = .private
    let coarse = QuantizationOptions(activationBits: 4, weightBits: 4)
    let error = #expect(throws: RunError.self) {
      _ = try PlannedRun(
        ModelFiles(name: "near", onnx: onnx, input: input),
        options: RunOptions(precision: coarse), request: request)
    }
    #expect(error?.description.contains("would refuse the proof") == true)
  }

  @Test func aMadeUpInputMakesAPlan() throws {
    let onnx = try ProvenRun.model("two")
    let run = try PlannedRun(
      onnx: onnx, name: "two", input: ModelFiles.sampleInput(ofModel: onnx),
      request: .onOneMachine(powers: 1 << 14))
    let report = try PlanReport(run)
    #expect(report.chunks.count == run.plan.chunks.count && report.parameters?.visibility == .fixed)
    #expect(report.onChain == nil && report.predictedSeconds > 0)
  }

  @Test func exportedCircuitsAreSatisfiedByTheirWitnesses() throws {
    let run = try PlannedRun(
      onnx: try ProvenRun.model("two"), name: "two", input: input,
      request: .onOneMachine(powers: 1 << 14))
    let circuits = try run.exportedCircuits()
    #expect(circuits.count == run.plan.circuits.count)
    for (number, circuit) in circuits.enumerated() {
      let file = try CircuitFile(circuit.file, name: "circuit \(number)")
      #expect(circuit.witnesses.count == run.plan.circuits[number].chunks.count)
      for witness in circuit.witnesses {
        _ = try file.assignment(WitnessFile(witness, name: "witness"))
      }
    }
  }
}
