import Algebra
import Console
import Foundation
import Profiling
import R1CSImport
import Varuna

/// `bench`: what keys, proofs and verification take on this machine.
let benchCommand = Command(
  "bench", "Measures keys, proofs and verification on this machine.",
  positionals: [
    Positional("CIRCUIT", "an .r1cs file instead of made-up circuits", optional: true),
    Positional("WITNESS", "its .wtns file", optional: true),
  ],
  options: [
    .flag("profile", "also where time, memory and multiplications go, against the cost model"),
    .value("sizes", "LIST", "log2 of constraints, variables and nonzeros (default: 12,14,16)"),
    .value("threads", "LIST", "threads of every kernel (default: 1 and all cores)"),
    .value("instances", "N", "instances in one proof (default: 1)"),
    .flag("basis", "commit to witnesses by their values, as workers do after a while"),
    .value("memory-of", "TASK", "one task in a process that does nothing else", hidden: true),
    .json,
  ],
  notes: [
    "Made-up circuits have random values of full size, the most expensive kind; real ones are mostly bits.",
    "The powers of tau are development powers. Other work on the machine changes wall time more than CPU time.",
  ],
  examples: [
    ("bench --sizes 12,14", "two sizes, one thread and all"),
    ("bench --profile --sizes 16 --threads 1", "every step and kernel of one proof"),
    ("bench --profile circuit.r1cs witness.wtns --basis", "a circuit of 'export r1cs'"),
    ("bench cluster --help", "how proving grows with the workers of a cluster"),
  ],
  exitCodes: [.badInput, .resource]
) { arguments in
  try reporting {
    let cores = ProcessInfo.processInfo.activeProcessorCount
    let threads =
      try arguments.numbers("threads", in: 1...256) ?? (cores > 1 ? [1, cores] : [1])
    let instances = try arguments.int("instances", in: 1...128) ?? 1
    let circuits = try benchCircuits(arguments)
    if let work = try arguments.choice("memory-of", of: ShareRun.Work.allCases.map(\.rawValue)) {
      Allocator.returnLargeBlocks()
      let part = ProofSession.Part(circuits[0].circuit, instances: instances)
      let srs = ProofSession.parameters(for: [part], threads: threads[0])
      try printJSON(
        ShareRun.measure(ShareRun.Work(rawValue: work)!, part, srs: srs, threads: threads[0]))
      return .success
    }
    var report = BenchReport(cores: cores)
    for (name, selection, circuit) in circuits {
      let part = ProofSession.Part(circuit, instances: instances)
      let srs = ProofSession.parameters(for: [part], threads: cores)
      var costs = MultiplicationCosts(largest: srs.powerCount, threads: cores)
      for count in threads {
        let profile = try ProofProfile.measure(
          part, srs: srs, threads: count, withBasis: arguments.has("basis"), &costs)
        let memory =
          arguments.has("profile")
          ? try ShareRun.Work.allCases.map {
            try peakMemory(
              of: $0, selection + ["--threads", "\(count)", "--instances", "\(instances)"])
          } : nil
        report.runs.append(
          BenchReport.Run(
            circuit: name, fqNanoseconds: costs.fq * 1e9, frNanoseconds: costs.fr * 1e9,
            profile: profile, memory: memory))
      }
    }
    try arguments.has("json") ? printJSON(report) : printText(report.text(arguments.has("profile")))
    return .success
  }
}

/// What a task takes: asked of a process that does nothing else.
private func peakMemory(of work: ShareRun.Work, _ words: [String]) throws -> ShareRun.Memory {
  let child = Process()
  child.executableURL = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
  child.arguments = ["bench", "--memory-of", work.rawValue] + words
  let output = Pipe()
  child.standardOutput = output
  do { try child.run() } catch {
    throw CommandFailure(.failed, "no process for the \(work.rawValue): \(error)")
  }
  let data = output.fileHandleForReading.readDataToEndOfFile()
  child.waitUntilExit()
  guard let memory = try? JSONDecoder().decode(ShareRun.Memory.self, from: data) else {
    throw CommandFailure(.failed, "the process for the \(work.rawValue) failed")
  }
  return memory
}

/// The circuit of the files, or made-up ones of the sizes, and the words that select each.
private func benchCircuits(
  _ arguments: Arguments
) throws -> [(name: String, selection: [String], circuit: ProfiledCircuit)] {
  guard let name = arguments.positional(0) else {
    return try (arguments.numbers("sizes", in: 4...20) ?? [12, 14, 16]).map {
      ("2^\($0)", ["--sizes", "\($0)"], SyntheticCircuit(.square(log2: $0)).circuit)
    }
  }
  guard let witness = arguments.positional(1) else {
    throw UsageError.missingArgument("WITNESS")
  }
  let circuit = try readCircuit(existingFile(name, "circuit")).circuit
  let sizes = [circuit.wires, circuit.constraints] + circuit.r1cs.matrices.map(\.nonzeros)
  guard sizes.allSatisfy({ $0 <= 1 << 20 }) else {
    throw CommandFailure(.resource, "'\(name)' is larger than 2^20, more than 'bench' measures")
  }
  let file = try existingFile(witness, "witness")
  let values = try circuit.assignment(
    WitnessFile(readBytes(file), name: file.lastPathComponent))
  return [
    (
      circuit.name, [name, witness],
      ProfiledCircuit(
        r1cs: circuit.r1cs, publicInputs: values.publicInputs, privateValues: values.privateValues)
    )
  ]
}

extension Arguments {
  /// Decimal numbers inside a range, separated by commas.
  func numbers(
    _ name: String, in range: ClosedRange<Int>
  ) throws(UsageError) -> [Int]? {
    guard let text = string(name) else { return nil }
    let words = text.split(separator: ",", omittingEmptySubsequences: false)
    let numbers = words.compactMap { Int($0) }.filter(range.contains)
    guard numbers.count == words.count else {
      throw .invalidValue(
        name: "--\(name)", value: text,
        expected: "numbers from \(range.lowerBound) to \(range.upperBound) separated by commas")
    }
    return numbers
  }
}
