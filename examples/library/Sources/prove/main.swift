import AleoEZKL
import Foundation
import Model
import ProofAggregation
import Varuna

// Plans, proves, verifies and exports a model on this machine:  prove MODEL.onnx INPUT.json
let arguments = CommandLine.arguments
guard arguments.count == 3 else {
  print("usage: prove MODEL.onnx INPUT.json")
  exit(2)
}
let onnx = [UInt8](try Data(contentsOf: URL(fileURLWithPath: arguments[1])))
let input = [UInt8](try Data(contentsOf: URL(fileURLWithPath: arguments[2])))

// Plan: quantised within 0.001 of the float model, or refused.
let run = try PlannedRun(
  onnx: onnx, name: "example", input: input, request: .onOneMachine(powers: 1 << 15))
print("\(run.plan.chunks.count) chunks, \(run.plan.circuits.count) circuits")

// Prove, under powers of tau that anybody can forge proofs for: fine to try things out, worth nothing to others.
func powers(_ degree: Int) -> SRS { .development(seed: "example", degree: degree, threads: 2) }
let json = try run.prove(under: powers(run.largestDomain), threads: 2).json()
print("a document of \(json.count) bytes")

// Verify, as somebody who has the model and got the document.
let document = try ProofDocument(json: json)
let verdict = try document.verdict(about: onnx, threads: 2) { R, C, K in powers(max(R, C, K)) }
for check in verdict.checks { print(check.passed ? "holds:" : "FAILS:", check.name) }
for output in document.outputs { print(output.name, output.floats ?? []) }

// Export: the Aleo program that verifies this model's proofs on chain.
print("\(try document.onChain().program.text.utf8.count) bytes of Aleo instructions")
exit(verdict.accepted ? 0 : 1)
