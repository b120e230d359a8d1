import Console
import Coordinator

/// `submit`: a model and an input in, a verified proof document out.
let submitCommand = Command(
  "submit", "Proves a model's result for an input.",
  positionals: [Positional("MODEL", "the ONNX file")],
  options: [
    .value(
      "input", "FILE", "the model's inputs: JSON {\"input_data\": [[...]]}, .npy or .npz",
      required: true)
  ] + CommandOption.job + CommandOption.run,
  notes: notesOnRuns,
  examples: [
    ("submit model.onnx --input input.json", "prove on two local worker processes"),
    (
      "submit model.onnx --input input.json --to 10.0.0.5:9000 --out proof.json",
      "prove on a network"
    ),
    ("submit model.onnx --input input.json --aggregate none", "one stand-alone proof per chunk"),
    (
      "submit model.onnx --input input.json --target aleo-mainnet --height 23000000",
      "proofs that an Aleo program can take"
    ),
  ],
  exitCodes: ExitCode.ofRuns
) { arguments in
  try reporting(arguments.jobFiles) {
    let model = try existingFile(arguments.positionals[0], "model")
    let input = try existingFile(arguments.string("input")!, "--input")
    let calibration = try arguments.quantizationFile()
    var options = try arguments.submitOptions(defaultWorkers: arguments.isLocal ? 2 : nil)
    try arguments.chooseTurn(&options)
    return try runJob(arguments, options) { client in
      try client.submit(model: model, input: input, calibration: calibration, options: options)
    }
  }
}
