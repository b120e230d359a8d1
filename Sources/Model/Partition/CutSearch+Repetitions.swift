import Circuit

/// Cutting parts of a graph that repeat themselves, which the search stage by stage cannot see: equal chunks of different
/// stages share a circuit, and on a chain a proof.
extension CutSearch {
  /// Stages that cut a repeated part of the graph once per repetition (or every few), at the same place of each, so that
  /// the chunks become instances of one circuit.
  ///
  /// What comes before and after the repetitions goes with the first and the last of them, or becomes a chunk of its own.
  /// Stages that are predicted to break the limits by a third are left out; the others are counted.
  func repetitions(_ options: StageOptions) -> [StagePath] {
    guard let (run, period) = longestRepetition() else { return [] }
    let placeOf = Dictionary(uniqueKeysWithValues: options.cuts.enumerated().map { ($1, $0) })
    var found: [StagePath] = []
    for stride in Swift.stride(from: period, through: run.count / 2, by: period) {
      for start in run.lowerBound..<run.lowerBound + period {
        let inner = Array(Swift.stride(from: start, through: run.upperBound, by: stride))
        guard inner.count > 2 else { continue }
        for cuts in [inner, Array(inner.dropFirst().dropLast())] {
          let ends = [0] + cuts + [flow.steps.count]
          let segments = zip(ends, ends.dropFirst()).filter { $0 < $1 }.map { $0..<$1 }
          let chosen = segments.compactMap { segment in
            placeOf[segment.lowerBound].flatMap { start in
              placeOf[segment.upperBound].flatMap {
                cheapest(options[start..<$0])
              }
            }
          }
          let path = StagePath(chosen, makers: makers)
          if chosen.count == segments.count,
            path.sizes.allSatisfy({ limits.hold($0, caution: 0.75) })
          {
            found.append(path)
          }
        }
      }
    }
    return found
  }

  private func cheapest(_ options: [StageOption]) -> StageOption? {
    options.min { $0.seconds($0.size, table) < $1.seconds($1.size, table) }
  }

  /// The longest run of steps that repeats itself, and the smallest number of steps that it repeats after.
  private func longestRepetition() -> (run: Range<Int>, period: Int)? {
    let kinds = flow.steps.indices.map { step in
      let operation = flow.operation(step)
      return Kind(
        kind: operation.kind, inputs: operation.inputs.map { flow.graph.tensors[$0].range },
        output: flow.graph.tensors[operation.output].range)
    }
    var numberOf: [Kind: Int] = [:]
    let word = kinds.map { kind in
      let number = numberOf[kind] ?? numberOf.count
      numberOf[kind] = number
      return number
    }
    var best: (run: Range<Int>, period: Int)?
    for period in stride(from: 1, through: word.count / 2, by: 1) {
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
