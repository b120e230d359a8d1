import Aleo
import Circuit

/// Cutting for a chain, where every proof costs money and equal chunks share a proof.
extension Partitioner {
  /// The candidate with the fewest proofs, and among those the fastest.
  func fewestProofs(among candidates: [Candidate]) throws(CircuitError) -> Candidate? {
    let most = AleoLimits.instances(ofEachOf: 1)
    var best: Candidate?
    var digests: [Range<Int>: [UInt8]] = [:]
    // Few chunks first: they need few proofs, and that spares looking closely at many others.
    for var candidate in candidates.sorted(by: { $0.segments.count < $1.segments.count }) {
      let atLeast = (candidate.segments.count + most - 1) / most
      if let best, atLeast > best.proofs { continue }
      let counts = try instanceCounts(candidate.segments, &digests)
      candidate.proofs = BatchGrouping.groups(instances: counts).count
      if best.map({ candidate.isBetter(than: $0) }) ?? true { best = candidate }
    }
    return best
  }

  /// How many of the segments are instances of each distinct circuit; `digests` keeps what was compared before.
  private func instanceCounts(
    _ segments: [Range<Int>], _ digests: inout [Range<Int>: [UInt8]]
  ) throws(CircuitError) -> [Int] {
    var counts: [[UInt8]: Int] = [:]
    var order: [[UInt8]] = []
    for segment in segments {
      let digest: [UInt8]
      if let known = digests[segment] {
        digest = known
      } else {
        digest = try graph.chunk(operations: Array(segment)) {
          Plan.encoding(of: $0, in: graph, request: request)
        }.program.digest
        digests[segment] = digest
      }
      if counts[digest] == nil { order.append(digest) }
      counts[digest, default: 0] += 1
    }
    return order.map { counts[$0]! }
  }

  /// Segmentations that cut a repeated part of the graph once per repetition (or every few), at the same place of
  /// each, so that the chunks become instances of one circuit.
  ///
  /// What comes before and after the repetitions goes with the first and the last of them, or becomes a chunk of
  /// its own. Segmentations that break the limits are left out.
  func segmentationsAtRepetitions() -> [[Range<Int>]] {
    guard let repetition = longestRepetition() else { return [] }
    let (run, period) = repetition
    var found: [[Range<Int>]] = []
    for stride in Swift.stride(from: period, through: run.count / 2, by: period) {
      for start in run.lowerBound..<run.lowerBound + period {
        let inner = Array(Swift.stride(from: start, through: run.upperBound, by: stride))
        guard inner.count > 2 else { continue }
        for cuts in [inner, Array(inner.dropFirst().dropLast())] {
          let ends = ([0] + cuts + [graph.operations.count])
          let segments = zip(ends, ends.dropFirst()).filter { $0 < $1 }.map { $0..<$1 }
          if segments.allSatisfy({ request.limits.allow(predictedDomains(of: $0)) }) {
            found.append(segments)
          }
        }
      }
    }
    return found
  }

  /// The longest run of operations that repeats itself, and the smallest number of operations that it repeats after.
  private func longestRepetition() -> (run: Range<Int>, period: Int)? {
    let kinds = graph.operations.map { operation in
      Kind(
        kind: operation.kind, inputs: operation.inputs.map { graph.tensors[$0].range },
        output: graph.tensors[operation.output].range)
    }
    let numbers = Dictionary(kinds.map { ($0, ()) }) { _, _ in }.keys.enumerated()
    let numberOf = Dictionary(uniqueKeysWithValues: numbers.map { ($1, $0) })
    let word = kinds.map { numberOf[$0]! }
    var best: (run: Range<Int>, period: Int)?
    for period in 1...max(1, word.count / 2) {
      var start = 0
      for place in 0...max(0, word.count - period) {
        if place + period < word.count, word[place] == word[place + period] { continue }
        let run = start..<min(word.count, place + period)
        if run.count >= 2 * period, run.count > best?.run.count ?? 0 { best = (run, period) }
        start = place + 1
      }
    }
    return best
  }

  /// What makes two operations the same but for the tensors that they connect.
  private struct Kind: Hashable {
    var kind: IntegerOperation.Kind
    var inputs: [ClosedRange<Int64>]
    var output: ClosedRange<Int64>
  }
}
