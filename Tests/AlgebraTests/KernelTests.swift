import Algebra
import TestSupport
import Testing

/// Every kernel that this processor can run, against arithmetic written without any of them.
///
/// Changing the level is visible to tests that run at the same time; they see the same results from all levels.
@Suite("Kernels", .serialized)
struct KernelTests {
  static let levels = Kernels.allCases.filter { $0 <= .best }

  @Test(arguments: levels)
  func products(level: Kernels) {
    using(level) {
      checkProducts(Fr.self, seed: 41)
      checkProducts(Fq.self, seed: 42)
    }
  }

  private func checkProducts<F: PrimeField>(_ type: F.Type, seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    let random = (0..<20).map { _ in F.random(using: &generator) }
    let samples = FieldLaws.edges(type) + random
    for a in samples {
      #expect(a.squared().canonicalLimbs == reference(a, a), "\(F.self), seed \(seed)")
      for b in samples {
        #expect((a * b).canonicalLimbs == reference(a, b), "\(F.self), seed \(seed)")
      }
    }
  }

  @Test(arguments: levels)
  func numbersAboveTheModulusAreReduced(level: Kernels) {
    using(level) {
      let (r, q) = ([UInt64](repeating: .max, count: 4), [UInt64](repeating: .max, count: 6))
      #expect(Fr(canonical: r) == Fr(2).pow(256) - .one)
      #expect(Fq(canonical: q) == Fq(2).pow(384) - .one)
      #expect(Fr(canonical: Fr.modulus).isZero && Fq(canonical: Fq.modulus).isZero)
    }
  }

  @Test(arguments: levels)
  func inverses(level: Kernels) {
    using(level) {
      checkInverses(Fr.self, seed: 45)
      checkInverses(Fq.self, seed: 46)
    }
  }

  /// Against Fermat's little theorem, for numbers of every length too.
  private func checkInverses<F: PrimeField>(_ type: F.Type, seed: UInt64) {
    let powers = (0..<F.bitCount).map { F(2).pow(UInt64($0)) }
    var exponent = F.modulus
    exponent[0] -= 2
    for a in FieldLaws.samples(type, seed: seed) + powers + powers.map({ $0 - .one }) {
      #expect(a.inverse() == (a.isZero ? nil : a.pow(exponent)), "\(F.self), seed \(seed)")
    }
  }

  /// Counts around the number of lanes, with the extreme values among the elements.
  @Test(arguments: levels, [0, 1, 7, 8, 9, 40, 67])
  func vectors(level: Kernels, count: Int) {
    var generator = SeededGenerator(seed: 47)
    let edges = FieldLaws.edges(Fr.self)
    func vector(_ step: Int) -> [Fr] {
      (0..<count).map { $0 % 3 == 0 ? edges[$0 * step % edges.count] : .random(using: &generator) }
    }
    let (a, b, c) = (vector(1), vector(5), vector(7))
    let scale = Fr.random(using: &generator)
    using(level) {
      #expect(changed(a) { $0.multiply(by: $1) } == zip(a, b).map { $0 * $1 })
      #expect(changed(a) { $0.add($1, scaledBy: scale) } == zip(a, b).map { $0 + scale * $1 })
      #expect(changed(a) { $0.add($1, scaledBy: -.one) } == zip(a, b).map { $0 - $1 })
      let sums = c.withUnsafeBufferPointer { c in
        changed(a) { $0.addProducts($1, c, scaledBy: scale) }
      }
      #expect(sums == (0..<count).map { a[$0] + scale * b[$0] * c[$0] })
      let powers = changed(a) { values, _ in
        values.multiply(byPowersOf: scale, startingWith: -.one)
      }
      #expect(powers == (0..<count).map { -a[$0] * scale.pow(UInt64($0)) })
    }

    func changed(
      _ values: [Fr], _ body: (UnsafeMutableBufferPointer<Fr>, UnsafeBufferPointer<Fr>) -> Void
    ) -> [Fr] {
      var values = values
      values.withUnsafeMutableBufferPointer { values in
        b.withUnsafeBufferPointer { body(values, $0) }
      }
      return values
    }
  }

  @Test(arguments: levels)
  func laws(level: Kernels) {
    using(level) {
      FieldLaws.check(FieldLaws.samples(Fr.self, seed: 43), seed: 43)
      FieldLaws.check(FieldLaws.samples(Fq.self, seed: 44), seed: 44)
    }
  }

  @Test func levelsBeyondTheProcessorBecomeItsBest() {
    #expect(Self.levels.contains(Kernels.current))
    using(.ifma) { #expect(Kernels.current == .best) }
  }

  /// The product of canonical values by doubling and adding, most significant bit of b first.
  private func reference<F: PrimeField>(_ a: F, _ b: F) -> [UInt64] {
    let (a, b, modulus) = (a.canonicalLimbs, b.canonicalLimbs, F.modulus)
    var sum = [UInt64](repeating: 0, count: a.count)
    for bit in (0..<64 * b.count).reversed() {
      sum = reduced(added(sum, sum), modulus)
      if b[bit / 64] >> UInt64(bit % 64) & 1 == 1 { sum = reduced(added(sum, a), modulus) }
    }
    return sum
  }

  private func added(_ a: [UInt64], _ b: [UInt64]) -> [UInt64] {
    var carry = false
    return zip(a, b).map { x, y in
      let (low, first) = x.addingReportingOverflow(y)
      let (sum, second) = low.addingReportingOverflow(carry ? 1 : 0)
      carry = first || second
      return sum
    }
  }

  /// a or a - modulus, whichever is below the modulus; for a below twice the modulus.
  private func reduced(_ a: [UInt64], _ modulus: [UInt64]) -> [UInt64] {
    var borrow = false
    let difference = zip(a, modulus).map { x, y in
      let (low, first) = x.subtractingReportingOverflow(y)
      let (result, second) = low.subtractingReportingOverflow(borrow ? 1 : 0)
      borrow = first || second
      return result
    }
    return borrow ? a : difference
  }
}

/// Runs a test on the kernels of one level and restores what was in use.
func using<R>(_ level: Kernels, _ body: () throws -> R) rethrows -> R {
  let before = Kernels.current
  Kernels.current = level
  defer { Kernels.current = before }
  return try body()
}
