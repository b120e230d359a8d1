import CLimbs
import Synchronization

/// Points of G1 in the kernels' own format, with room for their sums.
///
/// Points are named by references: a position, and a bit that negates the point. Threads may add at the same time as
/// long as they write to different positions.
final class PointArena: @unchecked Sendable {
  typealias Reference = UInt32
  static let negated = Reference(0x8000_0000)

  private let level: Int32
  private let wordsPerPoint: Int
  private let memory: UnsafeMutableBufferPointer<UInt64>
  private let words: UnsafeMutablePointer<UInt64>
  private let counter = Atomic<Int>(0)

  /// Copies the points with these indices to positions 0, 1, …; `room` more positions follow.
  init(
    _ points: UnsafeBufferPointer<G1Affine>, _ indices: UnsafeBufferPointer<UInt32>,
    room: Int, threads: Int
  ) {
    level = climbs_level()
    wordsPerPoint = climbs_g1_words(level)
    let count = indices.count
    precondition(count + room < Int(Self.negated), "\(count + room) points at once")
    memory = WorkMemory.allocate(count: (count + room) * wordsPerPoint, of: UInt64.self)
    words = memory.baseAddress!
    nonisolated(unsafe) let (points, indices) = (points, indices)
    Parallel.forRanges(count, threads: threads, minimum: 256) { range in
      climbs_g1_import(
        level, words + range.lowerBound * wordsPerPoint, points.baseAddress,
        MemoryLayout<G1Affine>.stride, indices.baseAddress! + range.lowerBound, range.count)
    }
    if level >= Kernels.ifma.rawValue { note(multiplications: 2 * count) }
  }

  deinit { WorkMemory.free(memory) }

  /// Bytes of a position with these kernels.
  static func bytesPerPoint(_ kernels: Kernels) -> Int { climbs_g1_words(kernels.rawValue) * 8 }

  /// Products in Fq that the additions so far have taken.
  var multiplications: Int { counter.load(ordering: .relaxed) }

  private func note(multiplications: Int) {
    counter.add(multiplications, ordering: .relaxed)
  }

  /// Memory that a thread needs for additions.
  final class Scratch {
    private let memory: UnsafeMutableBufferPointer<UInt64>
    fileprivate var words: UnsafeMutablePointer<UInt64> { memory.baseAddress! }

    init(for arena: PointArena) {
      memory = WorkMemory.allocate(count: climbs_g1_scratch_words(arena.level), of: UInt64.self)
    }

    deinit { WorkMemory.free(memory) }
  }

  /// Writes the sums of consecutive pairs of references to consecutive positions.
  ///
  /// - Returns: whether any sum is the identity, to which no reference may be made.
  func addPairs(
    _ references: UnsafeBufferPointer<Reference>, to position: Int, _ scratch: Scratch
  ) -> Bool {
    let pairs = references.count / 2
    guard pairs > 0 else { return false }
    note(multiplications: 6 * pairs)
    return climbs_g1_add_pairs(
      level, words, references.baseAddress, pairs, Reference(position),
      scratch.words) > 0
  }

  /// Writes the doubles of references to consecutive positions.
  ///
  /// - Returns: whether any double is the identity, to which no reference may be made.
  func doubleEach(
    _ references: UnsafeBufferPointer<Reference>, to position: Int, _ scratch: Scratch
  ) -> Bool {
    guard !references.isEmpty else { return false }
    note(multiplications: 7 * references.count)
    return climbs_g1_double_each(
      level, words, references.baseAddress, references.count, Reference(position), scratch.words)
      > 0
  }

  /// Writes the points at the positions of `source`, x multiplied by a factor, to consecutive positions.
  func scaleX(of source: Range<Int>, by factor: Fq, to position: Int) {
    note(multiplications: source.count)
    withUnsafePointer(to: factor.limbs) {
      climbs_g1_scale_x(
        level, words, Reference(source.lowerBound), source.count, Reference(position), $0)
    }
  }

  /// Whether the sum at a position is the identity.
  func isIdentity(at position: Int) -> Bool {
    climbs_g1_is_identity(level, words, Reference(position)) != 0
  }

  /// Copies a point to another position.
  func copy(_ source: Int, to target: Int) {
    (words + target * wordsPerPoint).update(
      from: words + source * wordsPerPoint, count: wordsPerPoint)
  }

  /// The point that a reference means.
  func point(_ reference: Reference) -> G1Affine {
    withUnsafeTemporaryAllocation(of: climbs_fq.self, capacity: 2) { xy in
      climbs_g1_export(level, xy.baseAddress, words, reference)
      return G1Affine(x: Fq(limbs: xy[0]), y: Fq(limbs: xy[1]))
    }
  }
}
