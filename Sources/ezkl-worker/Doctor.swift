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
  struct Finding: Encodable {
    let check: String
    let ok: Bool
    let detail: String
  }
  var findings: [Finding] = []
  var code = ExitCode.success
  let memory = MemoryBudget.detect(operatorLimit: nil).bytes
  let enough = memory >= 1 << 30
  findings.append(Finding(check: "memory", ok: enough, detail: Human.bytes(Int(clamping: memory))))
  if !enough { code = .resource }
  let processors = ProcessInfo.processInfo.activeProcessorCount
  findings.append(Finding(check: "processors", ok: true, detail: String(processors)))
  let folder = arguments.string("home") ?? defaultHome
  do throws(WorkerError) {
    let home = try WorkerHome(path: folder, artifactBudget: 1 << 30)
    findings.append(
      Finding(
        check: "home", ok: true,
        detail: "\(folder), key \(home.identity.fingerprint.hex.prefix(16))"))
  } catch {
    findings.append(Finding(check: "home", ok: false, detail: error.description))
    code = error.exitCode
  }
  if let text = arguments.positional(0) {
    let finding = reach(
      try Arguments.parsed(text, name: "HOST:PORT", as: "HOST:PORT", by: Endpoint.init(parsing:)))
    findings.append(Finding(check: "coordinator", ok: finding.ok, detail: finding.detail))
    if !finding.ok { code = .unreachable }
  }
  if arguments.has("json") {
    TextStream.standardOutput.write(try JSONOutput.text(findings))
  } else {
    for finding in findings {
      TextStream.standardOutput.write(
        "\(finding.ok ? "ok  " : "FAIL")  \(finding.check): \(Human.oneLine(finding.detail))\n")
    }
  }
  return code
}

/// Whether a node that speaks this protocol answers there; its key is not known yet, so it is not accepted.
private func reach(_ address: Endpoint) -> (ok: Bool, detail: String) {
  let nobody = Digest(of: [])
  do throws(WireError) {
    let connection = try SecureConnection.connect(
      to: address, identity: .generate(), expecting: .fingerprint(nobody))
    connection.close()
    return (false, "answers with an impossible key")
  } catch {
    if case .wrongPeerKey(_, let found) = error {
      return (true, "answers; its key is \(found.hex.prefix(16))")
    }
    return (false, error.description)
  }
}
