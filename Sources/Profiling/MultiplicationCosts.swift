import Algebra

/// What one product costs on this machine, and how many the kernels need.
public struct MultiplicationCosts {
  /// Seconds of a product in Fq inside a multi-scalar multiplication, all else that it does included.
  public let fq: Double
  /// Seconds of a product in Fr among many independent ones in memory.
  public let fr: Double
  private let points: [G1Affine]
  private let scalars: [Fr]
  private var known: [Int: Int] = [:]

  /// Measures both on one core; later counts are of at most `largest` scalars.
  public init(largest: Int, threads: Int) {
    var random = SplitMix(state: 5)
    let scalars = (0..<largest).map { _ in Fr.random(using: &random) }
    let points = FixedBaseTable(.generator).multiply(scalars, threads: threads)
    (self.scalars, self.points) = (scalars, points)
    fr = Self.secondsOfProduct(Array(scalars.prefix(1 << 10)))
    let some = scalars[..<min(largest, 1 << 14)]
    let count = Self.products(points, some)
    let usage = ProcessUsage.measure { for _ in 0..<5 { _ = Self.products(points, some) } }
    fq = usage.cpuSeconds / 5 / Double(count)
  }

  /// Products in Fq of a multi-scalar multiplication with random scalars.
  mutating func products(full count: Int) -> Int {
    let count = min(count, scalars.count)
    if let products = known[count] { return products }
    let products = Self.products(points, scalars[..<count])
    known[count] = products
    return products
  }

  /// Products in Fq of a multi-scalar multiplication with these scalars.
  func products(_ scalars: [Fr]) -> Int {
    Self.products(points, scalars[..<min(scalars.count, points.count)])
  }

  private static func products(_ points: [G1Affine], _ scalars: ArraySlice<Fr>) -> Int {
    points.withUnsafeBufferPointer { points in
      scalars.withUnsafeBufferPointer { scalars in
        MSM.g1Counted(points, scalars, threads: 1).multiplications
      }
    }
  }

  private static func secondsOfProduct(_ factors: [Fr]) -> Double {
    var values = factors
    let rounds = 200
    let usage = ProcessUsage.measure {
      factors.withUnsafeBufferPointer { factors in
        values.withUnsafeMutableBufferPointer { values in
          for _ in 0..<rounds { values.multiply(by: factors) }
        }
      }
    }
    return usage.cpuSeconds / Double(rounds * factors.count)
  }
}
