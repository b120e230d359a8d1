import Algebra

/// Single operations of the two fields, in dependent chains.
enum FieldBenchmarks {
  static func run(into report: inout Report) {
    measure(Fr.self, "Fr", into: &report)
    measure(Fq.self, "Fq", into: &report)
  }

  @inline(__always)
  private static func measure<F: PrimeField>(_: F.Type, _ name: String, into report: inout Report) {
    var generator = SystemRandomNumberGenerator()
    let factor = F.random(using: &generator)
    var value = F.random(using: &generator)
    let count = 200_000
    report.measure("field", "\(name) multiplication", runs: 9, per: count) {
      for _ in 0..<count { value *= factor }
    }
    report.measure("field", "\(name) squaring", runs: 9, per: count) {
      for _ in 0..<count { value = value.squared() }
    }
    report.measure("field", "\(name) addition", runs: 9, per: count) {
      for _ in 0..<count { value += factor }
    }
    report.measure("field", "\(name) inversion", runs: 9, per: 100) {
      for _ in 0..<100 { value = value.inverse() ?? .one }
    }
    precondition(!value.isZero)
  }
}
