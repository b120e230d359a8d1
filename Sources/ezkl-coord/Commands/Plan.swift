import AleoEZKL
import Console
import Coordinator
import Foundation

/// `plan`: what a job would be, before any work.
let planCommand = Command(
  "plan", "Shows how a model would be cut and what proving it would take.",
  positionals: [Positional("MODEL", "the ONNX file")],
  options: [
    .value("input", "FILE", "the model's inputs (default: made up from its shapes)"), .to,
  ] + CommandOption.token + [.home]
    + CommandOption.job + CommandOption.onChainWay + [
      .flag(
        "explain", "what every circuit is made of, which arguments were chosen, and what cuts cost"),
      .flag("progress", "without --to: a line for every step on standard error, terminal or not"),
      .json,
    ],
  notes: [
    "Nothing is proven; without --to no network is used.",
    "A plan whose outputs are further from the float model's than --tolerance is refused (exit code 3).",
    "Ranges, and with them the circuits, depend on the input: a plan for a made-up one is a first impression.",
    "Without --to and --memory, every worker has this machine's memory divided among as many as it has processors, or among "
      + "all where there are fewer.",
  ],
  examples: [
    ("plan model.onnx", "a first impression"),
    ("plan model.onnx --input input.json --workers 4", "the plan for four workers"),
    (
      "plan model.onnx --input input.json --workers 2 --memory 4G",
      "how many proofs two workers with 4 GB need"
    ),
    ("plan model.onnx --input input.json --explain", "why it is cut like that"),
    ("plan model.onnx --input input.json --target aleo-mainnet", "and what it costs on Aleo"),
    ("plan model.onnx --input input.json --param-visibility private", "with weights committed to"),
    ("plan model.onnx --input input.json --json", "the same for a program"),
  ],
  exitCodes: [.badInput, .unreachable, .resource]
) { arguments in
  try reporting(arguments.jobFiles) {
    let model = try existingFile(arguments.positionals[0], "model")
    let input = try arguments.string("input").map { try existingFile($0, "--input") }
    let calibration = try arguments.quantizationFile()
    var options = try arguments.submitOptions(
      defaultWorkers: arguments.string("to") == nil ? 2 : nil)
    // How close a made-up input comes says nothing.
    if input == nil { options.anyAccuracy = true }
    // More workers than this machine has processors for are taken for machines like it.
    if arguments.isLocal, options.memory == nil {
      options.memory = EmbeddedCluster.defaultMemory(
        workers: min(options.workers ?? 2, ProcessInfo.processInfo.activeProcessorCount))
    }
    var report =
      arguments.isLocal
      ? try PlanReport(
        PlanningDisplay.showing(arguments.has("progress")) {
          try arguments.plannedHere(model, input: input, options)
        })
      : try arguments.client().report(
        model: model, input: input, calibration: calibration, options: options)
    if input == nil {
      report.inputIsSynthetic = true
      let warning =
        "WARNING: no --input was given; this is the plan for made-up numbers between -1 and 1\n"
      TextStream.standardError.write(
        Terminal.detect(descriptor: 2).styled(warning, .warning))
    }
    if let onChain = report.onChain {
      report.onChain = onChain.chosen(by: try arguments.verificationRequest())
    }
    if arguments.has("json") {
      try printJSON(report)
    } else {
      let verifications = try arguments.verificationRequest().verifications
      printText(
        report.text(verifications: verifications)
          + (arguments.has("explain") ? report.explanationText : ""))
    }
    return .success
  }
}

extension JobClient {
  /// The plan of a coordinator.
  fileprivate func report(
    model: URL, input: URL?, calibration: URL?, options: SubmitOptions
  ) throws -> PlanReport {
    let data = try plan(model: model, input: input, calibration: calibration, options: options)
    guard let report = try? JSONDecoder().decode(PlanReport.self, from: data) else {
      throw CommandFailure(.failed, "the coordinator's plan cannot be read")
    }
    return report
  }
}

extension PlanReport {
  /// The plan for people; sums of prices are for so many verifications.
  func text(verifications: Int) -> String {
    var text = inputIsSynthetic == true ? "for a MADE-UP input: " : ""
    text += "plan \(digest.prefix(16)) for \(workers) workers: \(chunks.count) chunks, "
    text += "\(circuits.count) circuits, \(groups.count) groups, \(links) links\n"
    if kept == true { text += "kept from an earlier job or plan (--replan makes it anew)\n" }
    if let activationBits, let weightBits {
      text += "fraction bits: activations \(activationBits), weights \(weightBits)\n"
    }
    text += parameters?.text ?? ""
    text += fixedInputs?.map(\.line).joined() ?? ""
    text += "\n"
    var table = Table([.number("chunk"), .number("group"), .number("circuit"), .text("operators")])
    for (number, chunk) in chunks.enumerated() {
      let names = chunk.operators.prefix(4).joined(separator: " ")
      let more = chunk.operators.count > 4 ? " and \(chunk.operators.count - 4) more" : ""
      table.add([String(number), String(chunk.group), String(chunk.circuit), names + more])
    }
    text += table.rendered() + "\n"
    table = Table([
      .number("circuit"), .number("instances"), .number("constraints"), .number("variables"),
      .number("nonzeros"), .text("domains R/C/K"), .number("key"), .number("instance"),
      .number("matrices"), .number("memory"),
    ])
    for (number, circuit) in circuits.enumerated() {
      table.add([
        String(number), String(circuit.instances), Human.grouped(circuit.constraints),
        Human.grouped(circuit.variables), Human.grouped(circuit.nonzeros.max() ?? 0),
        circuit.domains.map(String.init).joined(separator: "/"),
        Human.duration(circuit.indexSeconds), Human.duration(circuit.instanceSeconds),
        Human.duration(circuit.matrixSeconds), Human.bytes(circuit.peakBytes),
      ])
    }
    text += table.rendered() + "\n"
    text +=
      "predicted: \(Human.duration(predictedSeconds)) for keys and proofs where every worker has one thread, "
    text += "at most \(Human.bytes(circuits.map(\.peakBytes).max() ?? 0)) of memory each\n"
    if workers > usefulWorkers {
      text += "more than \(usefulWorkers) workers are of no use: it has no more tasks at a time\n"
    } else if workers == SubmitOptions.workerCounts.upperBound {
      text += "no plan is made for more than \(workers) workers; others are of use to other jobs\n"
    }
    text += groupsText
    text += onChain?.text(verifications: verifications) ?? ""
    guard inputIsSynthetic != true else { return text }
    return text + accuracy.map(\.text).joined()
      + warnings.map { "WARNING: \(Human.oneLine($0))\n" }.joined()
  }

  /// What people are warned of: results that another precision might decide otherwise, and settings that nobody accepts who
  /// does not know them.
  var warnings: [String] {
    (decisions?.lines ?? [])
      + (lostOutputs ?? []).map {
        "\($0): `verify --model` refuses the proof unless these settings are given to it (--settings)"
      }
  }
}

extension PlanReport.PlannedInput {
  /// One line.
  var line: String {
    "input '\(Human.oneLine(name))' is part of the plan (--fix, or shapes depend on it), and public: "
      + "\(text)\n"
  }
}

extension PlanReport {
  /// How many proofs there are and why, and a line about each of the first.
  private var groupsText: String {
    var text = "\(groups.count) \(groups.count == 1 ? "proof" : "proofs"): \(grouping)\n"
    if let memory {
      text += "the workers offer \(Self.offers(memory))\n"
    }
    for (number, group) in groups.prefix(Self.groupsShown).enumerated() {
      text += "group \(number): \(group.circuits) circuits, \(group.instances) instances, "
      text += "\(Human.bytes(group.heldBytes)) between rounds, "
      text += "a proof of \(Human.grouped(group.proofBytes)) bytes\n"
    }
    if groups.count > Self.groupsShown {
      text += "and \(groups.count - Self.groupsShown) more groups\n"
    }
    return text
  }

  private static let groupsShown = 20
  private static let offersShown = 8

  /// What workers offer, largest first: equal ones together, and not all of many.
  private static func offers(_ memory: [Int]) -> String {
    var runs: [(text: String, count: Int)] = []
    for text in memory.map({ Human.bytes($0) }) {
      if runs.last?.text == text {
        runs[runs.count - 1].count += 1
      } else {
        runs.append((text, 1))
      }
    }
    let shown = runs.prefix(offersShown)
    let words = shown.map { $0.count == 1 ? $0.text : "\($0.count) x \($0.text)" }
    let rest = memory.count - shown.reduce(0) { $0 + $1.count }
    return (words + (rest > 0 ? ["and less at \(rest) more"] : [])).joined(separator: ", ")
  }
}

extension PlanReport.Parameters {
  /// Where the weights are, and why.
  var text: String {
    var text = "weights: \(visibility.rawValue)"
    if tensors > 0 {
      text += ", \(Human.grouped(count)) in \(tensors) tensors, \(commitments) commitments"
    }
    if let reason { text += " (\(reason))" }
    return text + "\n"
  }
}

extension PlanReport.Accuracy {
  /// One line about an output.
  var text: String {
    "accuracy of '\(Human.oneLine(output))': largest difference from float "
      + "\(Human.decimal(maximalError, digits: 6)), mean \(Human.decimal(meanError, digits: 6))\n"
  }
}
