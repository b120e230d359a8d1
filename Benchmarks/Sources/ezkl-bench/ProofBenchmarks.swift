import Algebra
import Varuna

/// Index, prove per step and verify, on a chain of multiplications with bits in between.
enum ProofBenchmarks {
  static func run(into report: inout Report, logSizes: [Int], threads: Int) throws {
    guard let largest = logSizes.max() else { return }
    let srs = SRS.development(seed: "benchmark", degree: 1 << largest, threads: threads)
    for log in logSizes { try run(into: &report, log: log, srs: srs, threads: threads) }
  }

  private static func run(into report: inout Report, log: Int, srs: SRS, threads: Int) throws {
    let (r1cs, publicInputs, privateValues) = chain(constraints: 1 << log)
    let seed = GroupSeed([UInt8](repeating: UInt8(log), count: 32))
    let randomizer = seed.instance(InstanceIndex(circuit: 0, instance: 0)).randomizer
    let z = r1cs.assignment(
      publicInputs: publicInputs, privateValues: privateValues, randomizer: randomizer)
    var indexed: (circuit: IndexedCircuit, key: VerifyingKey)?
    try report.measure("index", "verifying key", logSize: log, runs: 1) {
      let circuit = try IndexedCircuit(r1cs, threads: threads)
      indexed = (circuit, try circuit.verifyingKey(srs, threads: threads))
    }
    guard let (circuit, key) = indexed else { return }
    let job: OneMachineProver.Job = (circuit, key, [z])
    var profile: [StepProfile] = []
    var proof: Proof?
    try report.measure("prove", "whole proof", logSize: log, runs: 3) {
      profile = []
      proof = try OneMachineProver.prove(
        srs, version: .v3, jobs: [job], seed: seed, threads: threads
      ) { _, step in profile.append(step) }
    }
    for step in profile {
      let points = step.msmSizes.reduce(0, +)
      report.add(
        "prove", "step \(step.step.rawValue) \(step.step.name), \(points) points", logSize: log,
        seconds: step.seconds, runs: 1)
    }
    let statement = try OneMachineProver.statement([job])
    guard let proof else { return }
    var verdicts: [Verdict] = []
    report.measure("verify", "one instance", logSize: log, runs: 5) {
      verdicts.append(
        Verifier.verify(proof, statement, version: .v3, parameters: srs.verifier))
    }
    precondition(verdicts.allSatisfy { $0 == .accepted }, "the benchmark's proof was rejected")
  }

  /// w_0 = x, w_(i+1) = w_i · (w_i + i) with a boolean every other row: about 2 nonzeros per row.
  private static func chain(constraints: Int) -> (R1CS, [Fr], [Fr]) {
    var a = SparseMatrix()
    var b = SparseMatrix()
    var c = SparseMatrix()
    var values = [Fr(UInt64(3))]
    // Room for the public inputs, the first value and the randomizer inside the domains.
    let count = constraints - 8
    for i in 0..<count {
      let variable = 2 + i  // variables 0 and 1 are public, 2 is the first private one
      if i % 2 == 0 {
        let bit = Fr(UInt64(i / 2 % 2))
        values.append(bit)
        a.append([(variable + 1, .one)])
        b.append([(variable + 1, .one)])
        c.append([(variable + 1, .one)])
      } else {
        let last = values[i - 1]
        values.append(last * (last + Fr(UInt64(i))))
        a.append([(variable - 1, .one)])
        b.append([(0, Fr(UInt64(i))), (variable - 1, .one)])
        c.append([(variable + 1, .one)])
      }
    }
    let r1cs = R1CS(publicCount: 2, privateCount: count + 1, matrices: [a, b, c])
    return (r1cs, [.one, Fr(UInt64(5))], values)
  }
}
