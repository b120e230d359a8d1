import AleoEZKL
import Console
import Coordinator
import Foundation
import Model
import ProofAggregation

/// The summary that `submit` prints about a finished job.
struct ProofReport: Encodable {
  /// What a worker sent.
  struct Worker: Encodable {
    let name: String
    let shares: Int
    let bytesSent: Int
    let bytesReceived: Int
  }

  let event = "result"
  let job: String
  let out: String?
  let accepted: Bool
  /// The digest of the quantisation settings, which `verify --settings` takes.
  let settings: String?
  let warnings: [String]
  let outputs: [NamedOutput]
  let groups: Int
  let proofBytes: Int
  let documentBytes: Int
  let seconds: Double
  let workers: [Worker]
  let dropped: [String]
  let accuracy: [PlanReport.Accuracy]
  let decisions: CloseDecisions?
  let fixedInputs: [PlanReport.PlannedInput]?
  /// True where the plan was kept from an earlier job.
  let planKept: Bool

  init(
    job: JobSummary, document: ProofDocument, bytes: Int, plan: PlanReport?, out: String?,
    report: DocumentVerdict
  ) {
    self.job = job.id
    self.out = out
    accepted = report.accepted
    settings = report.settings?.hex
    warnings = report.warnings + (plan?.warnings ?? [])
    outputs = document.outputs.map { NamedOutput(.output, $0, labelled: plan?.labels ?? []) }
    groups = document.groups.count
    proofBytes = document.groups.reduce(0) { $0 + $1.proof.bytes.count }
    documentBytes = bytes
    seconds = document.timings.totalSeconds
    workers = document.timings.workers.map {
      Worker(
        name: $0.name, shares: $0.shares, bytesSent: $0.bytesSent, bytesReceived: $0.bytesReceived)
    }
    dropped = job.dropped
    accuracy = plan?.accuracy ?? []
    decisions = plan?.decisions
    fixedInputs = plan?.fixedInputs
    planKept = plan?.kept ?? false
  }

  /// The summary for people.
  func text(on terminal: Terminal) -> String {
    var text = (fixedInputs?.map(\.line).joined() ?? "") + outputs.map(\.text).joined()
    text += accuracy.map(\.text).joined()
    text += "proof: \(Human.grouped(proofBytes)) bytes"
    text += groups == 1 ? "" : " in \(groups) groups"
    text += ", made in \(Human.duration(seconds))"
    text += planKept ? ", under a plan that was kept\n" : "\n"
    var table = Table([.text("worker"), .number("shares"), .number("sent"), .number("received")])
    for worker in workers {
      table.add([
        worker.name, String(worker.shares), Human.bytes(worker.bytesSent),
        Human.bytes(worker.bytesReceived),
      ])
    }
    if !table.isEmpty { text += table.rendered() }
    if let settings { text += "settings: \(settings) (verify --settings)\n" }
    for line in dropped {
      text += terminal.styled("dropped: \(Human.oneLine(line))", .warning) + "\n"
    }
    for line in warnings {
      text += terminal.styled("WARNING: \(Human.oneLine(line))", .warning) + "\n"
    }
    if let out { text += "written to \(out)\n" }
    let verdict =
      accepted
      ? terminal.styled("verdict: accepted", .good) : terminal.styled("verdict: REJECTED", .bad)
    return text + verdict + "\n"
  }
}
