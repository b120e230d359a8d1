import AleoEZKL
import Console
import Coordinator
import Foundation
import Model

/// `calibrate`: searches the quantisation of a model on sample inputs.
let calibrateCommand = Command(
  "calibrate", "Searches a model's quantisation on sample inputs.",
  positionals: [Positional("MODEL", "the ONNX file")],
  options: [
    .value(
      "data", "DIR|FILE", "input files, or a file with a list of inputs", required: true)
  ] + CommandOption.inputs + [
    .value("target", "WHAT", "accuracy, resources or both (default: both)"),
    .value(
      "tolerance", "X",
      "largest error of an output to accept (default: 0.001; 0.0005 is what the search looks for)"),
    .flag("any-accuracy", "accept any error, and other classes than the float model's"),
    .value("workers", "N", "workers that the report's chunks are cut for (default: 2)"),
    .value(
      "param-visibility", "WHERE",
      "fixed, hashed or private: as it will be given to submit (default: fixed)"),
    .value("out", "FILE", "where the settings go (default: settings.json)"),
    .json,
  ],
  notes: [
    "accuracy takes the smallest error, resources the fewest constraints within the tolerance, "
      + "both the fewest within a fifth of it.",
    "Errors are absolute, or relative to outputs above 1, against the float model.",
    "Settings with larger errors, or with other classes than the float model's, are refused (exit code 3) unless "
      + "--any-accuracy is given.",
  ],
  examples: [
    ("calibrate model.onnx --data samples/", "settings from all files of a folder"),
    ("submit model.onnx --input input.json --settings settings.json", "prove with them"),
  ],
  exitCodes: [.badInput]
) { arguments in
  try reporting(arguments.jobFiles) {
    let model = try existingFile(arguments.positionals[0], "model")
    let words = CalibrationTarget.allCases.map(\.rawValue)
    let target =
      try arguments.choice("target", of: words).flatMap(CalibrationTarget.init(rawValue:)) ?? .both
    let out = arguments.string("out") ?? "settings.json"
    try checkWritable(out)
    let options = SubmitOptions(
      tolerance: try arguments.positiveNumber("tolerance"),
      anyAccuracy: arguments.has("any-accuracy"), inputs: try arguments.inputChoices())
    var request = PlanRequest.onOneMachine(powers: SRSLibrary.developmentLimit)
    request.workers = try arguments.int("workers", in: SubmitOptions.workerCounts) ?? 2
    if try arguments.parameterVisibility()?.committed != nil {
      request.parameterVisibility = .hashed
    }
    let calibration = try Calibration(
      model: readBytes(model), data: samples(arguments.string("data")!).map { try readBytes($0) },
      target: target, options: options.run, request: request)
    try calibration.settingsFile.write(to: URL(fileURLWithPath: out))
    if arguments.has("json") {
      try printJSON(calibration)
    } else {
      printText(
        calibration.text
          + "settings are in \(Human.oneLine(out)), digest \(calibration.report.settings.digest)\n")
    }
    return .success
  }
}

/// The file, or the JSON, .npy and .npz files of the folder in the order of their names.
private func samples(_ path: String) throws -> [URL] {
  var isFolder: ObjCBool = false
  guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder), isFolder.boolValue
  else { return [try existingFile(path, "--data")] }
  let folder = URL(fileURLWithPath: path)
  let files = try FileManager.default.contentsOfDirectory(
    at: folder, includingPropertiesForKeys: nil
  ).filter { ["json", "npy", "npz"].contains($0.pathExtension) }
  guard !files.isEmpty else {
    throw CommandFailure(.badInput, "\(path) has no JSON, .npy or .npz files")
  }
  return files.sorted { $0.lastPathComponent < $1.lastPathComponent }
}

extension Calibration {
  /// The report for people.
  fileprivate var text: String {
    var text = "\(report.samples) samples; activations \(report.settings.activationBits) bits, "
    text += "weights \(report.settings.weightBits) bits; "
    text += "about \(Human.grouped(report.predictedConstraints)) constraints\n\n"
    var table = Table([.text("output"), .number("mean error"), .number("largest error")])
    for output in report.accuracy.outputs {
      table.add([
        Human.oneLine(output.name), Self.number(output.meanError),
        Self.number(output.maximalError),
      ])
    }
    text += table.rendered() + "\n"
    table = Table([
      .number("chunk"), .text("operators"), .number("mean error"), .number("largest error"),
    ])
    for (number, chunk) in chunks.enumerated() {
      let more = chunk.nodes.count > 3 ? " and \(chunk.nodes.count - 3) more" : ""
      table.add([
        String(number), Human.oneLine(chunk.nodes.prefix(3).joined(separator: " ")) + more,
        Self.number(chunk.meanError), Self.number(chunk.maximalError),
      ])
    }
    text += table.rendered() + "\n"
    table = Table([.text("loses most"), .number("own error"), .number("error of an output")])
    for loss in report.losses {
      table.add([
        Human.oneLine(loss.node), Self.number(loss.ownError), Self.number(loss.outputError),
      ])
    }
    return text + table.rendered() + "\n"
      + report.decisions.lines.map { "WARNING: \(Human.oneLine($0))\n" }.joined()
  }

  private static func number(_ value: Double) -> String { String(format: "%.2e", value) }
}
