import AleoEZKL
import Console
import Coordinator
import Foundation

/// `export r1cs`: a model's circuits and witnesses as iden3 files.
let exportR1CSCommand = Command(
  "export r1cs", "Writes a model's circuits and witnesses as .r1cs and .wtns files.",
  positionals: [Positional("MODEL", "the ONNX file")],
  options: [
    .value("input", "FILE", "the model's inputs: JSON, .npy or .npz", required: true),
    .value("out", "DIR", "the folder for the files", required: true), .home,
  ] + CommandOption.job + [.json],
  notes: [
    "The files are what 'submit' with the same options proves, salts of private tensors apart. 'prove-r1cs' takes them.",
    "Witness files are SECRET: they hold the input, the output and every activation.",
  ],
  examples: [
    ("export r1cs model.onnx --input input.json --out circuits", "for other tools to check")
  ],
  exitCodes: [.badInput, .resource]
) { arguments in
  try reporting(arguments.jobFiles) {
    let model = try existingFile(arguments.positionals[0], "model")
    let input = try existingFile(arguments.string("input")!, "--input")
    let run = try arguments.plannedHere(
      model, input: input, arguments.submitOptions(defaultWorkers: 2))
    let written = try write(run.exportedCircuits(), to: arguments.string("out")!)
    if arguments.has("json") {
      try printJSON(written)
    } else {
      for entry in written {
        printText("\(entry.circuit): \(entry.witnesses.joined(separator: " "))\n")
      }
    }
    return .success
  }
}

/// The files of one circuit.
private struct WrittenCircuit: Encodable {
  let circuit: String
  let witnesses: [String]
}

private func write(_ circuits: [ExportedCircuit], to path: String) throws -> [WrittenCircuit] {
  let folder = URL(fileURLWithPath: path)
  do {
    try FileManager.default.createDirectory(
      at: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
  } catch {
    throw CommandFailure(.badInput, "'\(path)' is no folder and cannot be made one")
  }
  return try circuits.enumerated().map { number, circuit in
    func save(_ bytes: [UInt8], _ name: String) throws -> String {
      try writeAtomically(Data(bytes), to: folder.appendingPathComponent(name).path)
      return name
    }
    return WrittenCircuit(
      circuit: try save(circuit.file, "circuit\(number).r1cs"),
      witnesses: try circuit.witnesses.enumerated().map { place, witness in
        try save(witness, "circuit\(number)-\(place).wtns")
      })
  }
}
