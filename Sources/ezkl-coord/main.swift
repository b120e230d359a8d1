import Console
import Coordinator
import Foundation

let program = Program(
  name: "ezkl-coord",
  summary:
    "Proves ONNX models and circuits on a network of workers, with proofs that Aleo verifies.",
  version: Product.version,
  commands: [
    submitCommand, calibrateCommand, planCommand, proveR1CSCommand, indexR1CSCommand,
    exportR1CSCommand, exportAleoCommand, verifyCommand, serveCommand, jobsCommand, jobCommand,
    documentCommand, cancelCommand, tokenCreateCommand, tokenListCommand, tokenRevokeCommand,
    workerListCommand,
    workerDrainCommand, workerRevokeCommand, srsGenerateCommand, srsImportCommand, srsFetchCommand,
    srsListCommand, benchCommand,
  ])

exit(program.main(Array(CommandLine.arguments.dropFirst())))
