import Algebra

/// Transforms, multi-scalar multiplications and the pairing.
enum CurveBenchmarks {
  static func run(into report: inout Report, logSizes: [Int], threads: Int) {
    var generator = SystemRandomNumberGenerator()
    let p = (G1.generator * Fr.random(using: &generator)).affine
    let q = (G2.generator * Fr.random(using: &generator)).affine
    var sum = G1.generator
    report.measure("curve", "G1 mixed addition", runs: 9, per: 10_000) {
      for _ in 0..<10_000 { sum += p }
    }
    report.measure("curve", "G1 doubling", runs: 9, per: 10_000) {
      for _ in 0..<10_000 { sum = sum.doubled() }
    }
    report.measure("curve", "pairing", runs: 9) { _ = Pairing.pairing(p, q) }
    for log in logSizes {
      let size = 1 << log
      let scalars = (0..<size).map { _ in Fr.random(using: &generator) }
      let bits = (0..<size).map { _ in Fr(UInt64.random(in: 0...1, using: &generator)) }
      let bases = FixedBaseTable(p).multiply(scalars, threads: threads)
      let domain = Domain(size: size)
      report.measure("fft", "Fr", logSize: log, runs: 5) {
        _ = domain.fft(scalars, threads: threads)
      }
      report.measure("msm", "full scalars", logSize: log, runs: 3) {
        _ = MSM.g1(bases[...], scalars[...], threads: threads)
      }
      report.measure("msm", "bits", logSize: log, runs: 5) {
        _ = MSM.g1(bases[...], bits[...], threads: threads)
      }
    }
  }
}
