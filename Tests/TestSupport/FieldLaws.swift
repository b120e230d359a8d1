import Algebra
import Testing

/// The laws of a field, checked on every triple of a set of elements.
public enum FieldLaws {
  /// Edge cases of a prime field: 0, 1, -1, small numbers, powers of two, the Montgomery radix and its square.
  public static func edges<F: PrimeField>(_ type: F.Type) -> [F] {
    let word = F(UInt64.max) + .one
    var radix = F.one
    for _ in 0..<(F.byteCount / 8) { radix *= word }
    return [
      .zero, .one, -.one, F(2), -F(2), F(Int.min), F(UInt64.max), word, radix, radix.squared(),
      F(2).pow(UInt64(F.bitCount - 1)), F(2).pow(UInt64(F.bitCount)), F(2).inverse()!,
    ]
  }

  /// The edge cases and random elements.
  public static func samples<F: PrimeField>(_ type: F.Type, seed: UInt64) -> [F] {
    var generator = SeededGenerator(seed: seed)
    return edges(type) + (0..<6).map { _ in F.random(using: &generator) }
  }

  /// Checks associativity, commutativity, distributivity, neutral elements and inverses.
  public static func check<F: Field>(_ samples: [F], seed: UInt64) {
    let note = Comment(rawValue: "\(F.self), seed \(seed)")
    for a in samples {
      #expect(a + .zero == a && a * .one == a && (a * .zero).isZero, note)
      #expect((a + -a).isZero && (a - a).isZero && -a == .zero - a, note)
      #expect(a.squared() == a * a && a.doubled() == a + a, note)
      #expect(a.isZero == (a == .zero), note)
      if let inverse = a.inverse() {
        #expect(a * inverse == .one && !a.isZero, note)
      } else {
        #expect(a.isZero, note)
      }
      #expect(a.pow(5) == a * a * a * a * a && a.pow(0) == .one, note)
      #expect(a.pow([0, 1]) == a.pow(1 << 63).squared(), note)
      for b in samples {
        #expect(a + b == b + a && a * b == b * a, note)
        #expect(a - b == -(b - a) && a - b + b == a, note)
        let c = a + b.doubled() + .one
        #expect((a + b) + c == a + (b + c), note)
        #expect((a * b) * c == a * (b * c), note)
        #expect((a + b) * c == a * c + b * c, note)
        #expect((a == b) == (a - b).isZero, note)
      }
    }
    var inverses = samples
    batchInvert(&inverses)
    for (a, inverse) in zip(samples, inverses) { #expect((a.inverse() ?? .zero) == inverse, note) }
  }
}
