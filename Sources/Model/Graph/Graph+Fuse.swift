extension Graph {
  /// The same graph without steps and values that no output depends on; inputs stay.
  func pruned() -> Graph {
    var needed = Set(outputs)
    var kept: [Step] = []
    for step in steps.reversed() where needed.contains(step.output) {
      kept.append(step)
      needed.formUnion(step.inputs)
    }
    needed.formUnion(inputs)
    var number = [ValueID](repeating: -1, count: values.count)
    var result = Graph()
    for value in values.indices where needed.contains(value) {
      number[value] = result.values.count
      result.values.append(values[value])
    }
    result.steps = kept.reversed().map { step in
      Step(
        name: step.name, kind: step.kind, inputs: step.inputs.map { number[$0] },
        output: number[step.output])
    }
    result.inputs = inputs.map { number[$0] }
    result.outputs = outputs.map { number[$0] }
    return result
  }

  /// Merges consecutive affine maps, so that data movement and scaling cost nothing.
  ///
  /// A map that moves or scales single elements always merges into its users. Any other merges into its only user,
  /// unless the product of the matrices has more new entries than the rounding of the map's results would cost.
  /// - Parameter weighted: values whose maps hold weights that stay matrices of their own: what goes into such a map or
  ///   comes out of it merges with it only if it moves or scales single elements.
  func fused(weighted: Set<ValueID> = []) -> Graph {
    var graph = self
    var weighted = weighted
    var index = 0
    while index < graph.steps.count {
      if let (merged, isWeighted) = graph.merging(into: index, weighted) {
        graph.steps[index] = merged
        if isWeighted { weighted.insert(merged.output) }
      } else {
        index += 1
      }
    }
    return graph.pruned()
  }

  /// Constraints that rounding one value costs, roughly: bits of quotient and remainder.
  private static let roundingCost = 16

  /// The step with one of its inputs replaced by what that input is computed from, if that pays; and whether that
  /// depends on weights.
  private func merging(
    into index: Int, _ weighted: Set<ValueID>
  ) -> (step: Step, isWeighted: Bool)? {
    let step = steps[index]
    guard case .affine(let outer) = step.kind else { return nil }
    let producers = self.producers
    for input in step.inputs {
      guard let producer = producers[input], case .affine(let inner) = steps[producer].kind else {
        continue
      }
      let isShared =
        outputs.contains(input)
        || steps.contains { $0.output != step.output && $0.inputs.contains(input) }
      guard inner.isMovement || !isShared else { continue }
      if weighted.contains(input) {
        guard outer.isMovement else { continue }
      } else if weighted.contains(step.output) {
        guard inner.isMovement else { continue }
      }
      let budget =
        outer.entryCount + inner.entryCount + Self.roundingCost * inner.outputCount
      if let merged = merge(step, outer, input: input, inner, steps[producer].inputs, budget) {
        return (merged, weighted.contains(input) || weighted.contains(step.output))
      }
    }
    return nil
  }

  private func merge(
    _ step: Step, _ outer: RealMap, input: ValueID, _ inner: RealMap, _ sources: [ValueID],
    _ budget: Int
  ) -> Step? {
    var inputs: [ValueID] = step.inputs.filter { $0 != input }
    for source in sources where !inputs.contains(source) { inputs.append(source) }
    inputs = inputs.reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
    var offsets: [ValueID: Int] = [:]
    var total = 0
    for value in inputs {
      offsets[value] = total
      total += values[value].count
    }
    let merge = MapProduct(
      outer: outer, inner: inner, outerPlaces: places(of: step.inputs, offsets, through: input),
      innerPlaces: places(of: sources, offsets), inputCount: total)
    guard let map = merge.map(budget: budget) else { return nil }
    // Products of large integers would be rounded.
    let limit = values[step.output].isInteger ? Numbers.exactDouble : .infinity
    guard map.coefficients.allSatisfy({ abs($0) < limit }),
      map.biases.allSatisfy({ abs($0) < limit || $0.isInfinite })
    else { return nil }
    return Step(name: step.name, kind: .affine(map), inputs: inputs, output: step.output)
  }

  /// Where the elements of values that are read one after the other stand among the inputs of a merged step; for those of
  /// `inner`, which it no longer reads, -1 - element.
  private func places(
    of read: [ValueID], _ offsets: [ValueID: Int], through inner: ValueID? = nil
  ) -> [Int32] {
    read.flatMap { value in
      let elements = 0..<Int32(values[value].count)
      guard value != inner else { return elements.map { -1 - $0 } }
      let offset = Int32(offsets[value]!)
      return elements.map { offset + $0 }
    }
  }
}
