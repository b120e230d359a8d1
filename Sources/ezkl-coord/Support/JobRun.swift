import AleoEZKL
import Console
import Coordinator
import Foundation
import ProofAggregation
import Synchronization

extension CommandOption {
  /// What every command takes that submits a job and waits for its document.
  static let run: [CommandOption] =
    [
      value("out", "FILE", "where the proof document goes (default: proof.json)"),
      to,
    ] + token + [
      home,
      value("threads", "N", "threads per local worker (default: processors / workers)"),
      flag("detach", "with --to: print the job's id and do not wait"),
      value(
        "priority", "HOW",
        "low, normal or high: its part of the workers beside other jobs (default: normal)"),
      value(
        "only", "NAMES",
        "with --to: only these workers may have its tasks, ids or names with commas"),
      value("deadline", "TIME", "fail if it is not done by then, such as 2h (default: never)"),
      value("webhook", "URL", "with --to: an address that is told when the job has ended"),
      json,
    ]
}

/// The help's paragraphs about commands that run a job.
let notesOnRuns = [
  "Without --to, a coordinator and --workers worker processes are started on this machine and end with the command.",
  "With --json, standard output carries one JSON object per line: 'progress' events, then one 'result'.",
  "Outputs are compared with the float model's before anything is proven: beyond --tolerance the job is refused (exit code "
    + "3), naming output, element, both values and the operator at fault.",
  "Ctrl-C cancels the job; a second one ends at once.",
]

extension ExitCode {
  /// The codes of commands that run a job.
  static let ofRuns: [ExitCode] = [
    .failed, .badInput, .unreachable, .cancelled, .resource, .interrupted,
  ]
}

extension Arguments {
  /// Whether a job runs on workers of this command's own.
  var isLocal: Bool { string("to") == nil }
}

/// Submits a job to a coordinator or to a local cluster, follows it, and writes its verified document.
func runJob(
  _ arguments: Arguments, _ options: SubmitOptions, submit: (JobClient) throws -> String
) throws -> ExitCode {
  if arguments.isLocal, arguments.has("detach") { throw UsageError.missingOption("--to HOST:PORT") }
  if arguments.isLocal, arguments.string("webhook") != nil {
    throw UsageError.missingOption("--to HOST:PORT (for --webhook)")
  }
  if !arguments.has("detach") { try checkWritable(arguments.string("out") ?? "proof.json") }
  let threads = try arguments.int("threads", in: 1...1024)
  let progress = JobProgress(json: arguments.has("json"))
  let control = CancelControl()
  Interrupts.install { control.request($0) }

  let cluster = arguments.isLocal ? try startCluster(arguments, options, threads, progress) : nil
  defer { cluster?.stop() }
  cluster?.whenWorkersAreLost { control.fail($0) }
  let client = try cluster?.client() ?? arguments.client()
  let job = try submit(client)
  if arguments.has("detach") {
    try arguments.has("json") ? printJSON(["job": job]) : printText(job + "\n")
    return .success
  }
  control.attach(client, job)
  let summary = try client.follow(job) { progress.show($0) }
  progress.finish()
  if let cause = control.cause { return cause.exitCode }
  if let loss = control.loss, summary.stage == .cancelled { throw loss }
  return try finish(arguments, client, summary, home: cluster?.home ?? arguments.home)
}

/// Writes the document of a finished job, verifies it once more here, and prints the summary.
private func finish(
  _ arguments: Arguments, _ client: JobClient, _ summary: JobSummary, home: URL
) throws -> ExitCode {
  switch summary.stage {
  case .done: break
  case .cancelled: throw CoordinatorError.jobCancelled(id: summary.id)
  default:
    throw CoordinatorError.jobFailed(
      id: summary.id, reason: summary.detail, code: summary.failure)
  }
  let data = try client.document(summary.id)
  let document = try ProofDocument(json: data)
  // Only who asked for an unsound version has got one, and the report warns of it.
  let verdict = DocumentVerifier(
    document, pins: Pins(allowsUnsoundVersion: true, isOwnDocument: arguments.isLocal)
  ).verify()
  guard verdict.accepted else {
    let reason = verdict.checks.first { !$0.passed }.map { "\($0.name): \($0.detail)" } ?? ""
    throw CommandFailure(.failed, "the document does not verify: \(reason)")
  }
  let out = arguments.string("out") ?? "proof.json"
  do {
    try writeAtomically(data, to: out)
  } catch let failure as CommandFailure {
    // Minutes of work are behind it: say where the result still is.
    let place = arguments.string("to").map { "--to \($0)" } ?? "--home \(home.path)"
    let hint =
      "the proof is kept: 'ezkl-coord document \(summary.id) \(place) --out FILE'"
      + (arguments.isLocal ? " after 'ezkl-coord serve \(place)'" : "")
    throw CommandFailure(failure.code, failure.message, hint: hint)
  }
  let plan = try? JSONDecoder().decode(PlanReport.self, from: client.plan(of: summary.id))
  let report = ProofReport(
    job: summary, document: document, bytes: data.count, plan: plan, out: out, report: verdict)
  if arguments.has("json") {
    try printJSON(report, oneLine: true)
  } else {
    printText(report.text(on: .detect(descriptor: 1)))
  }
  return .success
}

/// A cluster in the local home; where another one uses that, in a temporary folder.
private func startCluster(
  _ arguments: Arguments, _ options: SubmitOptions, _ threads: Int?, _ progress: JobProgress
) throws -> EmbeddedCluster {
  let givenHome = arguments.string("home") != nil
  var cluster = EmbeddedCluster.Options(
    home: givenHome ? arguments.home : defaultHome.appendingPathComponent("local"),
    parameters: HomeFolder(arguments.home).parameters,
    workers: options.workers ?? 2, threadsPerWorker: threads,
    memoryPerWorker: options.memory)
  do throws(CoordinatorError) {
    return try EmbeddedCluster(cluster)
  } catch {
    guard case .homeInUse = error, !givenHome else { throw error }
  }
  progress.note("another local job is running; using a temporary home folder")
  cluster.home = nil
  return try EmbeddedCluster(cluster)
}

/// Carries a signal, or the loss of the workers, to the running job.
final class CancelControl: Sendable {
  private struct State {
    var cause: Interrupts.Cause?
    var loss: CoordinatorError?
    var client: JobClient?
    var job = ""
  }

  private let state = Mutex(State())

  /// The signal that came, if one did.
  var cause: Interrupts.Cause? { state.withLock { $0.cause } }

  /// Why the workers will not come any more, if they will not.
  var loss: CoordinatorError? { state.withLock { $0.loss } }

  /// From now on a signal cancels this job.
  func attach(_ client: JobClient, _ job: String) {
    let pending = state.withLock { state in
      state.client = client
      state.job = job
      return state.cause != nil || state.loss != nil
    }
    if pending { try? client.requestCancel(job) }
  }

  /// Cancels the job, which has no workers any more.
  func fail(_ loss: CoordinatorError) {
    let (client, job) = state.withLock { state in
      state.loss = loss
      return (state.client, state.job)
    }
    try? client?.requestCancel(job)
  }

  /// Cancels the job; before there is one, ends the process.
  func request(_ cause: Interrupts.Cause) {
    let (client, job) = state.withLock { state in
      state.cause = cause
      return (state.client, state.job)
    }
    guard let client else { exit(cause.exitCode.rawValue) }
    TextStream.standardError.write("\ncancelling\n")
    try? client.requestCancel(job)
  }
}
