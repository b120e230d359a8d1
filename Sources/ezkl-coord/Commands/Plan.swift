import Console
import Coordinator
import Foundation

/// `plan`: what a job would be, before any work.
let planCommand = Command(
  "plan", "Shows how a model would be cut and what proving it would take.",
  positionals: [Positional("MODEL", "the ONNX file")],
  options: [
    .value("input", "FILE", "JSON with the model's inputs", required: true), .to, .token, .home,
  ]
    + CommandOption.job + [.json],
  notes: ["Nothing is proven; without --to no network is used."],
  examples: [
    ("plan model.onnx --input input.json --workers 4", "the plan for four workers"),
    ("plan model.onnx --input input.json --json", "the same for a program"),
  ],
  exitCodes: [.badInput, .unreachable, .resource]
) { arguments in
  try reporting {
    let model = try existingFile(arguments.positionals[0], "model")
    let input = try existingFile(arguments.string("input")!, "--input")
    let calibration = try arguments.string("calibration").map {
      try existingFile($0, "--calibration")
    }
    let options = try arguments.submitOptions(
      defaultWorkers: arguments.string("to") == nil ? 2 : nil)
    let data: Data
    if arguments.string("to") != nil {
      data = try arguments.client().plan(
        model: model, input: input, calibration: calibration, options: options)
    } else {
      data = try LocalPlan.json(
        model: model, input: input, calibration: calibration, options: options)
    }
    if arguments.has("json") {
      TextStream.standardOutput.write(String(decoding: data, as: UTF8.self) + "\n")
    } else {
      printText(try LocalPlan.text(data))
    }
    return .success
  }
}
