import Algebra
import TestSupport
import Testing

@Suite("Transforms of points")
struct PointTransformTests {
  private static func scalars(_ count: Int, seed: UInt64) -> [Fr] {
    var generator = SeededGenerator(seed: seed)
    return (0..<count).map { _ in Fr.random(using: &generator) }
  }

  /// Full scalars, those with few digits, and the edges of the field; among the points the identity.
  @Test(arguments: KernelTests.levels, [1, 7, 8, 100, 1030])
  func productsAreMultiples(level: Kernels, count: Int) {
    let known = Self.scalars(count, seed: 31)
    var scalars = Self.scalars(count, seed: 32)
    for (i, edge) in FieldLaws.edges(Fr.self).enumerated() where 3 * i < count {
      scalars[3 * i] = edge
    }
    var points = FixedBaseTable(.generator).multiply(known, threads: 2)
    if count > 50 { points[50] = .identity }
    using(level) {
      let products = PointProducts.multiply(points, scalars, threads: 2)
      let expected = FixedBaseTable(.generator)
        .multiply(zip(known, scalars).map { $0 * $1 }, threads: 2)
      let wrong = (0..<count).filter {
        products[$0] != (points[$0].isIdentity ? .identity : expected[$0])
      }
      #expect(wrong.isEmpty)
    }
  }

  /// Without small scalars nothing meets the identity, and the chain itself is tested.
  @Test(arguments: KernelTests.levels)
  func productsOfFullScalars(level: Kernels) {
    let (known, scalars) = (Self.scalars(70, seed: 33), Self.scalars(70, seed: 34))
    let table = FixedBaseTable(.generator)
    let points = table.multiply(known, threads: 1)
    using(level) {
      let products = PointProducts.multiply(points, scalars, threads: 1)
      let expected = table.multiply(zip(known, scalars).map { $0 * $1 }, threads: 1)
      #expect(points.indices.filter { products[$0] != expected[$0] }.isEmpty)
    }
  }

  @Test(arguments: [1, 2, 4, 32, 256])
  func transformIsThatOfTheExponents(size: Int) {
    var known = Self.scalars(size, seed: 35)
    if size > 4 { known[3] = .zero }
    let table = FixedBaseTable(.generator)
    let points = table.multiply(known, threads: 2)
    let domain = Domain(size: size)
    let inverse = domain.ifft(known, threads: 1).map { $0 * Fr(UInt64(size)) }
    for threads in [1, 3] {
      let transformed = PointTransform.unscaledInverse(points, on: domain, threads: threads)
      let expected = table.multiply(inverse, threads: 2)
      #expect(points.indices.filter { transformed[$0] != expected[$0] }.isEmpty)
    }
  }
}
