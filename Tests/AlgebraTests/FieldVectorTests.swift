import Algebra
import TestSupport
import Testing

/// The field part of `algebra.json`.
private struct FieldVectors<F: PrimeField>: Decodable {
  struct Binary: Decodable {
    let a, b, sum, difference, product: Element<F>
  }
  struct Unary: Decodable {
    let a, negative, square, power_17, times_montgomery_R: Element<F>
    let inverse: Element<F>?
    let is_square: Bool
  }
  let modulus: String
  let two_adicity: Int
  let montgomery: [String: String]
  let binary: [Binary]
  let unary: [Unary]
  let non_canonical: [String]
}

private struct File: Decodable {
  let Fr: FieldVectors<Fr>
  let Fq: FieldVectors<Fq>
}

@Suite("Prime fields against golden vectors")
struct FieldVectorTests {
  @Test func scalarField() throws { try check(VectorFiles.load("algebra", as: File.self).Fr) }

  @Test func baseField() throws { try check(VectorFiles.load("algebra", as: File.self).Fq) }

  private func check<F: PrimeField>(_ vectors: FieldVectors<F>) throws {
    #expect(hex(littleEndian(F.modulus)) == vectors.modulus)
    #expect(F.twoAdicity == vectors.two_adicity)
    #expect(F.twoAdicRoot.pow(1 << UInt64(F.twoAdicity - 1)) == -.one)
    for v in vectors.binary {
      #expect(v.a.value + v.b.value == v.sum.value)
      #expect(v.a.value - v.b.value == v.difference.value)
      #expect(v.a.value * v.b.value == v.product.value)
    }
    let radixBytes = try #require(vectors.montgomery["R"].flatMap { Bytes(hex: $0) })
    let radix = try #require(F(canonicalBytes: radixBytes))
    for v in vectors.unary {
      let a = v.a.value
      #expect(-a == v.negative.value && a.squared() == v.square.value)
      #expect(a.inverse() == v.inverse?.value && a.pow(17) == v.power_17.value)
      #expect(a * radix == v.times_montgomery_R.value)
      #expect((a.squareRoot() != nil) == v.is_square)
      if let root = a.squareRoot() { #expect(root.squared() == a) }
    }
    for text in vectors.non_canonical {
      #expect(F(canonicalBytes: try #require(Bytes(hex: text))) == nil)
    }
  }

  @Test func encodingsRoundTrip() {
    checkEncodings(Fr.self)
    checkEncodings(Fq.self)
  }

  private func checkEncodings<F: PrimeField>(_ type: F.Type) {
    for a in FieldLaws.samples(type, seed: 11) {
      let bytes = a.canonicalBytes
      #expect(bytes.count == F.byteCount && F(canonicalBytes: bytes) == a)
      #expect(bytes == littleEndian(a.canonicalLimbs) && F(canonical: a.canonicalLimbs) == a)
      #expect(F(canonicalBytes: bytes.dropLast()) == nil && F(canonicalBytes: bytes + [0]) == nil)
      #expect(F(decimal: a.decimal) == a && a.description == a.decimal)
      #expect(F(reducing: bytes) == a)
    }
    let maximum = (-F.one).decimal
    #expect(F(decimal: maximum) == -.one)
    let modulus = String(maximum.dropLast()) + String(Int(String(maximum.last!))! + 1)
    for bad in ["", "-1", "+1", " 1", "1x", "0x1", "١", modulus, maximum + "0"] {
      #expect(F(decimal: bad) == nil, "\(bad)")
    }
    #expect(F(decimal: "0") == .zero && F.zero.decimal == "0")
    #expect(F(decimal: "1000000000000000000").map(\.decimal) == "1000000000000000000")
  }

  @Test func longNumbersAreReduced() {
    checkReduction(Fr.self)
    checkReduction(Fq.self)
  }

  private func checkReduction<F: PrimeField>(_ type: F.Type) {
    var generator = SeededGenerator(seed: 12)
    for count in [0, 1, 31, 32, 33, 47, 48, 49, 63, 64] {
      for bytes in [generator.bytes(count), Bytes(repeating: 0xff, count: count)] {
        var expected = F.zero
        for byte in bytes.reversed() { expected = expected * F(256) + F(UInt64(byte)) }
        #expect(F(reducing: bytes) == expected, "\(F.self), \(count) bytes")
      }
    }
  }

  private func littleEndian(_ limbs: [UInt64]) -> Bytes {
    limbs.flatMap { limb in (0..<8).map { UInt8(truncatingIfNeeded: limb >> (8 * $0)) } }
  }
}
