import Algebra
import Console
import Profiling

/// What `bench` found.
struct BenchReport: Encodable {
  /// One circuit on so many threads.
  struct Run: Encodable {
    let circuit: String
    /// One product in a multi-scalar multiplication, all else included, and one in a vector.
    let fqNanoseconds: Double
    let frNanoseconds: Double
    let profile: ProofProfile
    let memory: [ShareRun.Memory]?
  }

  /// The instruction set of the kernels.
  let kernels = "\(Kernels.current)"
  let cores: Int
  var runs: [Run] = []

  init(cores: Int) { self.cores = cores }

  /// The tables for people.
  func text(_ withSteps: Bool) -> String {
    var table = Table([
      .text("circuit"), .number("instances"), .number("threads"), .number("key"),
      .number("key CPU"), .number("proof"), .number("proof CPU"), .number("verification"),
      .number("basis, once"),
    ])
    for run in runs {
      let profile = run.profile
      table.add([
        run.circuit, String(profile.instances), String(profile.threads),
        Human.duration(profile.index.wallSeconds), Human.duration(profile.index.cpuSeconds),
        Human.duration(profile.proof.wallSeconds), Human.duration(profile.proof.cpuSeconds),
        Human.duration(profile.verification.wallSeconds),
        profile.basis.map { Human.duration($0.wallSeconds) } ?? "",
      ])
    }
    return "kernels: \(kernels), \(cores) cores\n\n" + table.rendered()
      + (withSteps ? runs.map(\.text).joined() : "")
  }
}

extension BenchReport.Run {
  /// Steps and memory.
  fileprivate var text: String {
    "\n\(circuit), threads: \(profile.threads); one product in Fq \(nanoseconds(fqNanoseconds)), "
      + "in Fr \(nanoseconds(frNanoseconds)); times in ms\n" + steps + "\n" + memoryTable
  }

  private var steps: String {
    var table = Table([
      .text("share"), .text("step"), .number("wall"), .number("CPU"), .number("MSM"),
      .number("FFT"), .number("rest"), .number("scalars"), .number("specified"),
      .number("butterflies"), .number("specified"), .number("Fq products"), .number("model"),
      .number("CPU/model"),
    ])
    for step in profile.steps {
      let kernels = step.multiScalarSeconds + step.transformSeconds
      table.add([
        step.share, step.step, milliseconds(step.usage.wallSeconds),
        milliseconds(step.usage.cpuSeconds), milliseconds(step.multiScalarSeconds),
        milliseconds(step.transformSeconds),
        milliseconds(max(0, step.usage.wallSeconds - kernels)),
        Human.grouped(step.counts.scalars), Human.grouped(step.specified.scalars),
        Human.grouped(step.counts.butterflies), Human.grouped(step.specified.butterflies),
        Human.grouped(step.fqProducts), milliseconds(step.modelSeconds),
        ratio(step.usage.cpuSeconds, step.modelSeconds),
      ])
    }
    func sum(_ value: (ProofProfile.Step) -> Double) -> Double {
      profile.steps.reduce(0) { $0 + value($1) }
    }
    func total(_ value: (ProofProfile.Step) -> Int) -> String {
      Human.grouped(profile.steps.reduce(0) { $0 + value($1) })
    }
    let (wall, msm) = (sum(\.usage.wallSeconds), sum(\.multiScalarSeconds))
    let (cpu, fft, model) = (sum(\.usage.cpuSeconds), sum(\.transformSeconds), sum(\.modelSeconds))
    table.add([
      "all", "", milliseconds(wall), milliseconds(cpu), milliseconds(msm), milliseconds(fft),
      milliseconds(max(0, wall - msm - fft)), total(\.counts.scalars), total(\.specified.scalars),
      total(\.counts.butterflies), total(\.specified.butterflies), total(\.fqProducts),
      milliseconds(model), ratio(cpu, model),
    ])
    return table.rendered()
  }

  private var memoryTable: String {
    var table = Table([.text("task"), .number("predicted"), .number("reported"), .number("ratio")])
    for row in memory ?? [] {
      table.add([
        row.work.rawValue, Human.bytes(row.predictedBytes), Human.bytes(row.reportedBytes),
        ratio(Double(row.predictedBytes), Double(row.reportedBytes)),
      ])
    }
    return table.rendered()
  }

  private func milliseconds(_ seconds: Double) -> String { Human.decimal(seconds * 1e3, digits: 1) }
  private func nanoseconds(_ value: Double) -> String { Human.decimal(value, digits: 1) + " ns" }
  private func ratio(_ a: Double, _ b: Double) -> String {
    b > 0 ? Human.decimal(a / b, digits: 2) : ""
  }
}
