import Console
import Foundation
import Wire
import Worker

/// `doctor`: says what a worker on this machine would be, and what is in its way.
let doctorCommand = Command(
  "doctor", "Checks this machine: memory, processors, home folder, coordinator.",
  positionals: [Positional("HOST:PORT", "a coordinator to reach", optional: true)],
  options: [.value("home", "DIR", "home folder (default: \(defaultHome))"), .json],
  examples: [("doctor prover.example.org:9000", "before joining")],
  exitCodes: [.badInput, .unreachable, .resource]
) { arguments in
  var findings: [Finding] = []
  var code = ExitCode.success
  let memory = MemoryBudget.detect(operatorLimit: nil).bytes
  let enough = memory >= 1 << 30
  findings.append(Finding("memory", ok: enough, Human.bytes(Int(clamping: memory))))
  if !enough { code = .resource }
  let processors = ProcessInfo.processInfo.activeProcessorCount
  findings.append(Finding("processors", String(processors)))
  let folder = arguments.string("home") ?? defaultHome
  do throws(WorkerError) {
    let home = try WorkerHome(path: folder, artifactBudget: 1 << 30)
    findings.append(
      Finding("home", "\(folder), key \(home.identity.fingerprint.hex.prefix(16))"))
  } catch {
    findings.append(Finding("home", ok: false, error.description))
    code = error.exitCode
  }
  if let text = arguments.positional(0) {
    let address = try Arguments.parsed(
      text, name: "HOST:PORT", as: "HOST:PORT", by: Endpoint.init(parsing:))
    switch Reachability.of(address) {
    case .node(let key):
      findings.append(Finding("coordinator", "answers; its key is \(key.hex.prefix(16))"))
    case .nobody(let reason):
      findings.append(Finding("coordinator", ok: false, reason))
      code = .unreachable
    }
  }
  try Finding.write(findings, asJSON: arguments.has("json"))
  return code
}
