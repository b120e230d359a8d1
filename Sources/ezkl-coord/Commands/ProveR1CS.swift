import Console
import Coordinator
import Foundation
import R1CSImport

/// `prove-r1cs`: circuits and witnesses of circom in, a verified proof document out.
let proveR1CSCommand = Command(
  "prove-r1cs", "Proves circuits from .r1cs and .wtns files over the BLS12-377 scalar field.",
  positionals: [
    Positional("CIRCUIT", "the .r1cs file"),
    Positional("WITNESS", "a .wtns file; each is one instance of the circuit", repeated: true),
  ],
  options: [
    .value("srs", "NAME", "public parameters at the coordinator (default: development)"),
    .value("varuna", "N", "version of the proof system, 3 or 2; 2 is unsound (default: 3)"),
    .value(
      "workers", "N", "workers to divide the instances for; without --to: to start (default: 2)"),
  ] + CommandOption.run,
  acceptsGroups: true,
  notes: [
    "Several circuits are separated by '--'. All circuits and witnesses become one batch proof.",
    "circom writes such files with 'circom --r1cs --wasm --prime bls12377'.",
  ] + notesOnRuns,
  examples: [
    ("prove-r1cs square.r1cs square.wtns --out proof.json", "prove one instance"),
    (
      "prove-r1cs a.r1cs a1.wtns a2.wtns -- b.r1cs b.wtns --to 10.0.0.5:9000", "prove three at once"
    ),
  ],
  exitCodes: ExitCode.ofRuns
) { arguments in
  try reporting {
    var options = SubmitOptions()
    options.workers =
      try arguments.int("workers", in: SubmitOptions.workerCounts) ?? (arguments.isLocal ? 2 : nil)
    options.varunaVersion = try arguments.int("varuna", in: 2...3)
    if let name = arguments.string("srs") { options.srs = name }
    try arguments.chooseTurn(&options)
    let circuits = try arguments.groups.map { group in
      CircuitFiles(
        circuit: try existingFile(group[0], "circuit"),
        witnesses: try group.dropFirst().map { try existingFile($0, "witness") })
    }
    for entry in circuits { try check(entry) }
    return try runJob(arguments, options) { try $0.submit(circuits: circuits, options: options) }
  }
}

/// Finds out here what the coordinator would find out after the files have travelled.
private func check(_ files: CircuitFiles) throws {
  let circuit = try readCircuit(files.circuit).circuit
  for witness in files.witnesses {
    _ = try circuit.assignment(
      WitnessFile(readBytes(witness), name: witness.lastPathComponent))
  }
}
