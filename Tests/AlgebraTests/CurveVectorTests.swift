import Algebra
import TestSupport
import Testing

private struct File: Decodable {
  struct Multiple: Decodable {
    let scalar: Element<Fr>
    let affine: [Element<Fq>]
    let compressed: String
  }
  struct Sum: Decodable {
    let a, b, sum: CompressedPoint
  }
  struct Rejected: Decodable {
    let reason, bytes: String
  }
  struct FirstGroup: Decodable {
    let generator: [Element<Fq>]
    let multiples: [Multiple]
    let identity: String
    let sums: [Sum]
    let rejected_encodings: [Rejected]
  }
  struct TwistMultiple: Decodable {
    let scalar: Element<Fr>
    let affine: [[Element<Fq>]]
  }
  struct SecondGroup: Decodable {
    let generator: [[Element<Fq>]]
    let multiples: [TwistMultiple]
  }
  struct Sums: Decodable {
    let scalars: [Element<Fr>]
    let points: [CompressedPoint]
    let result: CompressedPoint
  }
  let G1: FirstGroup
  let G2: SecondGroup
  let MSM: [Sums]
}

@Suite("Curve groups against golden vectors")
struct CurveVectorTests {
  private let file: File

  init() throws { file = try VectorFiles.load("algebra") }

  @Test func multiplesOfTheGenerator() throws {
    #expect([G1Affine.generator.x, G1Affine.generator.y] == file.G1.generator.map(\.value))
    for v in file.G1.multiples {
      let p = (G1.generator * v.scalar.value).affine
      #expect([p.x, p.y] == v.affine.map(\.value))
      #expect(hex(p.compressed) == v.compressed)
      #expect(try G1Affine(compressed: p.compressed) == p)
      #expect(try G1Affine(uncompressed: p.uncompressed, checkSubgroup: true) == p)
    }
    #expect(hex(G1Affine.identity.compressed) == file.G1.identity)
  }

  @Test func sums() {
    for v in file.G1.sums {
      #expect((G1(v.a.value) + G1(v.b.value)).affine == v.sum.value)
      #expect(v.a.value.compressed == v.a.bytes)
    }
  }

  @Test func malformedCompressedPointsAreRejected() throws {
    let expected: [String: AlgebraError] = [
      "not on the curve": .notOnCurve, "not in the subgroup": .notInSubgroup,
      "x not canonical": .nonCanonicalCoordinate, "identity with a sign": .malformedIdentity,
      "identity with x != 0": .malformedIdentity,
    ]
    #expect(file.G1.rejected_encodings.count == expected.count)
    for v in file.G1.rejected_encodings {
      let bytes = try #require(Bytes(hex: v.bytes))
      #expect(throws: try #require(expected[v.reason])) { try G1Affine(compressed: bytes) }
    }
    #expect(throws: AlgebraError.wrongLength(expected: 48, found: 47)) {
      try G1Affine(compressed: Bytes(repeating: 0, count: 47))
    }
  }

  @Test func subgroupCheckCanBeLeftOut() throws {
    let outside = try #require(
      file.G1.rejected_encodings.first { $0.reason == "not in the subgroup" })
    let point = try G1Affine(
      compressed: try #require(Bytes(hex: outside.bytes)), checkSubgroup: false)
    #expect(point.isOnCurve && !point.isInSubgroup)
    #expect(throws: AlgebraError.notInSubgroup) {
      try G1Affine(uncompressed: point.uncompressed, checkSubgroup: true)
    }
  }

  @Test func malformedUncompressedPointsAreRejected() throws {
    let good = G1Affine.generator.uncompressed
    #expect(try G1Affine(uncompressed: good, checkSubgroup: true) == .generator)
    let identity = G1Affine.identity.uncompressed
    #expect(try G1Affine(uncompressed: identity, checkSubgroup: true).isIdentity)
    var signed = good
    signed[95] |= 0x80
    var padded = identity
    padded[3] = 1
    var off = good
    off[0] ^= 1
    for (bytes, error) in [
      (signed, AlgebraError.nonCanonicalCoordinate), (padded, .malformedIdentity),
      (off, .notOnCurve), (good + [0], .wrongLength(expected: 96, found: 97)),
      (Bytes(repeating: 0x3f, count: 96), .nonCanonicalCoordinate),
    ] {
      #expect(throws: error) { try G1Affine(uncompressed: bytes, checkSubgroup: false) }
    }
  }

  @Test func secondGroup() throws {
    func coordinates(_ p: G2Affine) -> [Fq] { [p.x.c0, p.x.c1, p.y.c0, p.y.c1] }
    #expect(coordinates(.generator) == file.G2.generator.flatMap { $0.map(\.value) })
    for v in file.G2.multiples {
      let p = (G2.generator * v.scalar.value).affine
      #expect(coordinates(p) == v.affine.flatMap { $0.map(\.value) })
      #expect(try G2Affine(uncompressed: p.uncompressed, checkSubgroup: true) == p)
    }
    let identity = G2Affine.identity.uncompressed
    #expect(try G2Affine(uncompressed: identity, checkSubgroup: true).isIdentity)
    var off = G2Affine.generator.uncompressed
    off[0] ^= 1
    var signed = G2Affine.generator.uncompressed
    signed[191] |= 0x80
    for (bytes, error) in [
      (off, AlgebraError.notOnCurve), (signed, .nonCanonicalCoordinate),
      ([], .wrongLength(expected: 192, found: 0)),
    ] {
      #expect(throws: error) { try G2Affine(uncompressed: bytes, checkSubgroup: true) }
    }
  }

  @Test func pointsOfTheTwistOutsideTheSubgroupAreRejected() throws {
    // x = u, u + 1, ... until the curve has a point there; the cofactor makes membership improbable.
    var x = Fq2(.zero, .one)
    while true {
      let right = x.squared() * x + G2Curve.b
      if let y = squareRoot(right) {
        let point = G2Affine(x: x, y: y)
        #expect(point.isOnCurve && !point.isInSubgroup)
        #expect(throws: AlgebraError.notInSubgroup) {
          try G2Affine(uncompressed: point.uncompressed, checkSubgroup: true)
        }
        return
      }
      x += .one
    }
  }

  /// A square root in Fq2 by the complex method: (a + sqrt(norm)) / 2 or (a - sqrt(norm)) / 2 is a square in Fq.
  private func squareRoot(_ a: Fq2) -> Fq2? {
    guard let norm = (a.c0.squared() + Fq(5) * a.c1.squared()).squareRoot() else { return nil }
    let half = Fq(2).inverse()!
    for sign in [norm, -norm] {
      guard let c0 = ((a.c0 + sign) * half).squareRoot(), let inverse = c0.inverse() else {
        continue
      }
      let root = Fq2(c0, a.c1 * half * inverse)
      if root.squared() == a { return root }
    }
    return nil
  }

  @Test(arguments: [1, 3])
  func multiScalarMultiplication(threads: Int) {
    for v in file.MSM {
      let (bases, scalars) = (v.points.map(\.value), v.scalars.map(\.value))
      #expect(MSM.g1(bases[...], scalars[...], threads: threads).affine == v.result.value)
      #expect(MSM.g1Reference(bases, scalars).affine == v.result.value)
    }
  }
}
