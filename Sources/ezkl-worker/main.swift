import Console
import Foundation
import Worker

let program = Program(
  name: "ezkl-worker", summary: "Computes parts of proofs for a coordinator.",
  version: WorkerConfiguration.productVersion, commands: [joinCommand, doctorCommand])

exit(program.main(Array(CommandLine.arguments.dropFirst())))
