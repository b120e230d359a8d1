import Console
import Coordinator
import Foundation
import R1CSImport
import Varuna

/// `index-r1cs`: a circuit's sizes, id and verifying key.
let indexR1CSCommand = Command(
  "index-r1cs", "Computes the verifying key of an .r1cs file, on this machine.",
  positionals: [Positional("CIRCUIT", "the .r1cs file")],
  options: [
    .value("srs", "NAME", "public parameters in the home folder (default: development)"),
    .value("out", "FILE", "where the key goes, 673 bytes as snarkVM writes them"),
    .value("threads", "N", "threads (default: all)"), .home, .json,
  ],
  examples: [("index-r1cs square.r1cs --srs mainnet --out square.verifier", "the key as a file")],
  exitCodes: [.badInput, .resource]
) { arguments in
  try reporting {
    let file = try existingFile(arguments.positionals[0], "circuit")
    let (circuit, digest) = try readCircuit(file)
    let threads =
      try arguments.int("threads", in: 1...1024) ?? ProcessInfo.processInfo.activeProcessorCount
    let name = arguments.string("srs") ?? SRSLibrary.development
    let (shape, srs, key) = try SRSLibrary(home: HomeFolder(arguments.home), threads: threads)
      .index(circuit, under: name)
    if let out = arguments.string("out") { try writeAtomically(Data(key.bytes), to: out) }
    let report = IndexReport(
      circuit: circuit.name, digest: digest, wires: circuit.wires, outputs: circuit.outputs,
      publicInputs: circuit.publicInputs, constraints: circuit.constraints,
      nonzeros: circuit.r1cs.matrices.map(\.nonzeros), domains: [shape.R, shape.C] + shape.K,
      srs: srs.id, id: Hexadecimal.encode(key.circuitID), key: Hexadecimal.encode(key.bytes))
    try arguments.has("json") ? printJSON(report) : printText(report.text)
    return .success
  }
}

/// What the command prints.
private struct IndexReport: Encodable {
  let circuit: String
  let digest: String
  let wires: Int
  let outputs: Int
  let publicInputs: Int
  let constraints: Int
  let nonzeros: [Int]
  let domains: [Int]
  let srs: String
  let id: String
  let key: String

  var text: String {
    """
    circuit      \(Human.oneLine(circuit)), SHA-256 \(digest)
    wires        \(Human.grouped(wires)): 1, \(outputs) outputs, \(publicInputs) public inputs, others
    constraints  \(Human.grouped(constraints))
    nonzeros     A \(Human.grouped(nonzeros[0])), B \(Human.grouped(nonzeros[1])), \
    C \(Human.grouped(nonzeros[2])), with the randomizing row
    domains      R \(domains[0]), C \(domains[1]), K \(domains[2]) \(domains[3]) \(domains[4])
    parameters   \(srs)
    circuit id   \(id)
    key          \(key)

    """
  }
}
