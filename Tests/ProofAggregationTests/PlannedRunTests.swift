import AleoEZKL
import Foundation
import Model
import ProofAggregation
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
}
