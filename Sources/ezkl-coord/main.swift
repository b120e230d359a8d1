import Console
import Coordinator
import Foundation

// Planning happens in a process of its own, which is this program once more.
if CommandLine.arguments.count == 2, CommandLine.arguments[1] == PlanningProcess.verb {
  exit(PlanningProcess.main())
}

let program = Program(
  name: "ezkl-coord",
  summary:
    "Proves ONNX models and circuits on a network of workers, with proofs that Aleo verifies.",
  version: Product.version,
  commands: [
    submitCommand, calibrateCommand, planCommand, proveR1CSCommand, indexR1CSCommand,
    exportR1CSCommand, exportAleoCommand, verifyCommand, serveCommand, jobsCommand, jobCommand,
    jobShowCommand, jobDeleteCommand, clusterShowCommand, topCommand, workerShowCommand,
    workerCordonCommand,
    workerUncordonCommand, workerForgetCommand, backupCommand, restoreCommand,
    documentCommand, cancelCommand, tokenCreateCommand, tokenListCommand, tokenRevokeCommand,
    clientListCommand, clientRevokeCommand, webhookKeyCommand, auditCommand, workerListCommand,
    workerDrainCommand, workerRevokeCommand, srsGenerateCommand, srsImportCommand, srsFetchCommand,
    srsListCommand, benchCommand, benchClusterCommand, benchSimulateCommand, doctorCommand,
  ])

exit(program.main(Array(CommandLine.arguments.dropFirst())))
