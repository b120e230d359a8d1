import Algebra
import TestSupport
import Testing

@Suite("Multi-scalar multiplication")
struct MSMTests {
  /// Multiples k·G of the generator with known k, so that sums are known from arithmetic in Fr alone.
  private static let known: (scalars: [Fr], points: [G1Affine]) = {
    var generator = SeededGenerator(seed: 21)
    let scalars = (0..<1500).map { _ in Fr.random(using: &generator) }
    return (scalars, FixedBaseTable(.generator).multiply(scalars, threads: 2))
  }()

  @Test func fixedBaseMultiplicationIsMultiplication() {
    let edges = FieldLaws.edges(Fr.self)
    let products = FixedBaseTable(-.generator).multiply(edges, threads: 2)
    for (scalar, product) in zip(edges, products) {
      #expect(product == (-G1.generator * scalar).affine)
    }
    for i in [0, 1, 1499] {
      #expect(Self.known.points[i] == (G1.generator * Self.known.scalars[i]).affine)
    }
  }

  /// Kinds of scalars that witnesses contain.
  enum Kind: CaseIterable {
    case random, bits, bytes, signedBytes, signedWords, words, mixed, equal, minusOne, zero, sparse
    case windowEdges

    func scalar(_ i: Int, _ generator: inout SeededGenerator) -> Fr {
      let word = generator.next()
      switch self {
      case .random: return .random(using: &generator)
      case .bits: return Fr(word & 1)
      case .bytes: return Fr(word & 0xff)
      case .signedBytes: return Fr(Int(word & 0xff) - 128)
      case .signedWords: return Fr(Int(truncatingIfNeeded: word))
      case .words: return Fr(word)
      case .mixed:
        return [Kind.bits, .random, .signedBytes, .zero, .words][i % 5].scalar(i, &generator)
      case .equal: return Fr(0x1234_5678_9abc) * -.one
      case .minusOne: return -.one
      case .zero: return .zero
      case .sparse: return i % 97 == 0 ? .random(using: &generator) : .zero
      case .windowEdges: return Fr(2).pow(UInt64(i % 253)) - Fr(Int(word % 3) - 1)
      }
    }
  }

  @Test(arguments: Kind.allCases, [1, 2, 17, 300, 1500])
  func agreesWithArithmeticOfTheScalars(kind: Kind, count: Int) {
    for level in KernelTests.levels { using(level) { check(kind, count) } }
  }

  private func check(_ kind: Kind, _ count: Int) {
    let seed = UInt64(count)
    var generator = SeededGenerator(seed: seed)
    let scalars = (0..<count).map { kind.scalar($0, &generator) }
    let expected = zip(scalars, Self.known.scalars).reduce(Fr.zero) { $0 + $1.0 * $1.1 }
    let bases = Self.known.points[...]
    let one = MSM.g1(bases, scalars[...], threads: 1)
    #expect(one == G1.generator * expected, "\(kind), seed \(seed)")
    #expect(MSM.g1(bases, scalars[...], threads: 3) == one, "\(kind), seed \(seed)")
    let byBuckets = bases.withUnsafeBufferPointer { bases in
      scalars.withUnsafeBufferPointer { MSM.g1Counted(bases, $0, threads: 2).sum }
    }
    #expect(byBuckets == one, "\(kind), seed \(seed)")
  }

  /// Windows that several threads share, and scalars of very different length: mostly bits.
  @Test(arguments: [1, 2, 3, 7])
  func longSumsOfMixedScalars(threads: Int) {
    var generator = SeededGenerator(seed: 25)
    let count = 9000
    let bases = (0..<count).map { Self.known.points[$0 % 1500] }
    let scalars = (0..<count).map { i in
      let kind: Kind = i % 10 > 0 ? .bits : i % 30 > 0 ? .signedBytes : .random
      return kind.scalar(i, &generator)
    }
    let expected = scalars.indices.reduce(Fr.zero) {
      $0 + scalars[$1] * Self.known.scalars[$1 % 1500]
    }
    #expect(MSM.g1(bases[...], scalars[...], threads: threads) == G1.generator * expected)
  }

  @Test func agreesWithDoubleAndAdd() {
    var generator = SeededGenerator(seed: 22)
    let scalars = (0..<40).map { _ in Fr.random(using: &generator) }
    let bases = Array(Self.known.points[100..<140])
    #expect(MSM.g1(bases[...], scalars[...], threads: 2) == MSM.g1Reference(bases, scalars))
  }

  @Test func equalOppositeAndIdentityPoints() {
    var generator = SeededGenerator(seed: 23)
    let p = Self.known.points[0]
    let bases = (0..<200).map { [p, -p, .identity, Self.known.points[1], p][$0 % 5] }
    for scalars in [
      (0..<200).map { _ in Fr.random(using: &generator) },
      [Fr](repeating: Fr(3), count: 200), [Fr](repeating: Fr(-3), count: 200),
      (0..<200).map { Fr($0 % 4) },
    ] {
      let expected = MSM.g1Reference(bases, scalars)
      for level in KernelTests.levels {
        let sum = using(level) { MSM.g1(bases[...], scalars[...], threads: 1) }
        #expect(sum == expected, "\(level)")
      }
    }
  }

  /// Sums that vanish on the way: every level of pairs meets opposite points.
  @Test(arguments: KernelTests.levels)
  func sumsThatVanish(level: Kernels) {
    using(level) {
      let p = Self.known.points[3]
      for count in [2, 64, 1000] {
        let bases = (0..<count).map { $0 % 2 == 0 ? p : -p }
        let ones = [Fr](repeating: .one, count: count)
        #expect(MSM.g1(bases[...], ones[...], threads: 1).isIdentity)
        let last = MSM.g1((bases + [p])[...], (ones + [Fr(5)])[...], threads: 2)
        #expect(last.affine == (G1(p) * Fr(5)).affine)
      }
    }
  }

  @Test func slicesAndSpareBases() {
    let scalars = Self.known.scalars[10..<60]
    let expected = MSM.g1Reference(Array(Self.known.points[20..<70]), Array(scalars))
    #expect(MSM.g1(Self.known.points[20..<90], scalars, threads: 2) == expected)
    #expect(MSM.g1(Self.known.points[...], [], threads: 2).isIdentity)
  }

  private struct Limits: Decodable {
    let msm_multiplications_per_point: [String: Int]
  }

  /// A guard against losing speed that no clock is needed for.
  @Test func multiplicationsStayBelowTheirLimits() throws {
    let limits = try VectorFiles.load("kernel_limits", as: Limits.self)
    let sizes = limits.msm_multiplications_per_point
    var generator = SeededGenerator(seed: 24)
    let largest = 1 << (sizes.keys.compactMap { Int($0) }.max() ?? 0)
    let scalars = (0..<largest).map { _ in Fr.random(using: &generator) }
    let points = FixedBaseTable(.generator).multiply(scalars.reversed(), threads: 2)
    for (log, limit) in sizes {
      let count = 1 << (try #require(Int(log)))
      let multiplications = points.withUnsafeBufferPointer { points in
        scalars[..<count].withUnsafeBufferPointer {
          MSM.g1Counted(points, $0, threads: 2).multiplications
        }
      }
      #expect(multiplications <= limit * count, "2^\(log): \(multiplications / count) per point")
      #expect(multiplications > limit * count * 3 / 4, "2^\(log): the limit is out of date")
    }
  }

  @Test func memoryGrowsWithPointsAndThreads() {
    let bytes = MSM.temporaryBytes(count: 1 << 16, threads: 1)
    #expect(bytes > 96 << 16 && bytes < 1024 << 16)
    #expect(MSM.temporaryBytes(count: 1 << 16, threads: 2) > bytes)
    #expect(MSM.temporaryBytes(count: 1 << 17, threads: 1) > bytes)
    #expect(MSM.temporaryBytes(count: 0, threads: 1) >= 0)
  }

  /// A coordinator predicts the memory of workers whose processors it does not know.
  @Test(arguments: KernelTests.levels, [1, 1 << 12, 1 << 16])
  func memoryIsCountedAlikeOnAllMachines(level: Kernels, count: Int) {
    let counted = using(level) { MSM.temporaryBytes(count: count, threads: 1) }
    #expect(counted == using(.best) { MSM.temporaryBytes(count: count, threads: 1) })
  }
}
