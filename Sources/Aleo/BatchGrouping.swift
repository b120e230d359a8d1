import Varuna

/// Divides the instances of circuits among proofs that `snark.verify.batch` can take.
///
/// Its operand is rectangular, and the proof must fit an array: one circuit with up to 8 instances, two with up to 3
/// each, or three with one each. A circuit's instances may be divided among several proofs.
public enum BatchGrouping {
  /// Instances of one circuit that go into one proof.
  public struct Member: Equatable, Sendable {
    /// Index of the circuit.
    public var circuit: Int
    /// Which of the circuit's instances.
    public var instances: Range<Int>
  }

  /// The proofs with the fewest bytes in total, each a list of circuits with equally many instances.
  ///
  /// A circuit gives at most one part of each size that can share a proof, and the rest goes into proofs of its
  /// own. What a shared part costs depends only on how many places are left in the last proof of its size, so
  /// dynamic programming over circuits and these numbers is exact.
  /// - Parameter counts: for every circuit its number of instances, at least 1.
  public static func groups(instances counts: [Int]) -> [[Member]] {
    let chosen = cheapestSharing(counts)
    var alone: [[Member]] = []
    var shared: [Int: [[Member]]] = [:]
    for (circuit, count) in counts.enumerated() {
      var start = 0
      for size in chosen[circuit] {
        let member = Member(circuit: circuit, instances: start..<start + size)
        start += size
        if let last = shared[size]?.last, last.count < width(ofSize: size) {
          shared[size]![shared[size]!.count - 1].append(member)
        } else {
          shared[size, default: []].append([member])
        }
      }
      while start < count {
        let end = min(count, start + AleoLimits.instances(ofEachOf: 1))
        alone.append([Member(circuit: circuit, instances: start..<end)])
        start = end
      }
    }
    return alone + shared.sorted { $0.key > $1.key }.flatMap(\.value)
  }

  /// The most circuits of one proof in which each has `size` instances.
  private static func width(ofSize size: Int) -> Int {
    (1...AleoLimits.circuits).last { AleoLimits.instances(ofEachOf: $0) >= size } ?? 1
  }

  /// Numbers of instances with which a circuit can share a proof, largest first.
  private static let sharedSizes = (1...AleoLimits.instances(ofEachOf: 2)).reversed().map { $0 }

  /// For every circuit the sizes of its parts that share proofs.
  private static func cheapestSharing(_ counts: [Int]) -> [[Int]] {
    struct Path {
      var bytes: Int
      var parts: [[Int]]
    }
    let proofBytes = Proof.size(circuits: 0, instances: 0)
    let circuitBytes = Proof.size(circuits: 1, instances: 0) - proofBytes
    // State: for every shared size how many places of its last proof are taken.
    var best: [[Int]: Path] = [sharedSizes.map { _ in 0 }: Path(bytes: 0, parts: [])]
    for count in counts {
      var next: [[Int]: Path] = [:]
      for (taken, path) in best.sorted(by: { $0.key.lexicographicallyPrecedes($1.key) }) {
        for parts in subsets(ofSharedSizesUpTo: count) {
          var (state, bytes) = (taken, path.bytes)
          for size in parts {
            let place = sharedSizes.firstIndex(of: size)!
            bytes += circuitBytes + (state[place] == 0 ? proofBytes : 0)
            state[place] = (state[place] + 1) % width(ofSize: size)
          }
          let most = AleoLimits.instances(ofEachOf: 1)
          let alone = (count - parts.reduce(0, +) + most - 1) / most
          bytes += alone * (proofBytes + circuitBytes)
          if next[state].map({ bytes < $0.bytes }) ?? true {
            next[state] = Path(bytes: bytes, parts: path.parts + [parts])
          }
        }
      }
      best = next
    }
    return best.min {
      ($0.value.bytes, $0.key.reduce(0, +)) < ($1.value.bytes, $1.key.reduce(0, +))
        || ($0.value.bytes == $1.value.bytes && $0.key.lexicographicallyPrecedes($1.key))
    }?.value.parts ?? []
  }

  private static func subsets(ofSharedSizesUpTo count: Int) -> [[Int]] {
    sharedSizes.reduce(into: [[]]) { subsets, size in
      subsets += subsets.map { $0 + [size] }
    }.filter { $0.reduce(0, +) <= count }
  }
}
