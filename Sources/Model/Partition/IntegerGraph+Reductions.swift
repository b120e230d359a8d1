import Circuit

extension IntegerGraph {
  /// The same graph with every reduction in parts that a circuit of these limits has room for; nil if there is nothing to divide.
  ///
  /// One result of a sum, or of a maximum, cannot be tiled: a chunk has to read all that it is made of. Sums become sums of
  /// partial sums and maxima become maxima of partial maxima, which are the same integers, so that a chunk needs to read no
  /// more than a part, and a few results of parts. A sum over tensors that are made one after the other becomes a running sum,
  /// each step of which stands right behind what it adds, so that nothing has to be kept until the end.
  /// - Throws: what `IntegerGraph.init` throws; results may need wider integers than those of the whole reduction.
  package func dividingReductions(for limits: PlanLimits) throws(CircuitError) -> IntegerGraph? {
    var division = ReductionDivision(self, limits: limits)
    division.addUpInTurn()
    division.divide()
    guard division.isDivided else { return nil }
    return try IntegerGraph(
      tensors: division.tensors, operations: division.operations, inputs: inputs, outputs: outputs)
  }
}

/// Divides reductions, one kind after the other.
private struct ReductionDivision {
  private(set) var tensors: [IntegerTensor]
  private(set) var operations: [IntegerOperation]
  private(set) var isDivided = false
  /// Constraints that one result's part may take to read.
  private let budget: Double
  private let inputs: Set<TensorID>

  init(_ graph: IntegerGraph, limits: PlanLimits) {
    (tensors, operations) = (graph.tensors, graph.operations)
    inputs = Set(graph.inputs)
    budget = Double(min(limits.constraints, limits.nonzeros)) / 8
  }

  /// Constraints for an element that crosses a cut: bits, packing, and a share of the hash.
  private func readingCost(_ tensor: TensorID) -> Double {
    let bits = Double(tensors[tensor].range.unsignedBitCount)
    let hashing =
      CircuitSize.constraintsPerPermutation / Double(8 * BoundaryEncoding.pieceBits)
    return bits * (1 + hashing) + 1
  }

  private mutating func add(_ tensor: IntegerTensor) -> TensorID {
    tensors.append(tensor)
    return tensors.count - 1
  }

  /// A tensor for what an operation makes of others; nil where 64 bits may not hold it.
  private mutating func result(
    of kind: IntegerOperation.Kind, _ inputs: [TensorID], shape: [Int], like output: TensorID
  ) -> TensorID? {
    let range = try? IntegerOperation.derivedRange(of: kind, inputs: inputs.map { tensors[$0] })
    return range.map { range in
      add(
        IntegerTensor(
          name: tensors[output].name, shape: shape, range: range,
          scaleBits: tensors[output].scaleBits))
    }
  }

  /// Widens the range of a tensor by what is known of it after a division; whether 64 bits hold that.
  ///
  /// What is known of partial results of all rows together says a little less than about the whole.
  private mutating func widen(
    _ output: TensorID, for kind: IntegerOperation.Kind, _ inputs: [TensorID]
  ) -> Bool {
    let derived = try? IntegerOperation.derivedRange(of: kind, inputs: inputs.map { tensors[$0] })
    guard let derived else { return false }
    let declared = tensors[output].range
    tensors[output].range =
      min(declared.lowerBound, derived.lowerBound)...max(declared.upperBound, derived.upperBound)
    return true
  }

  // MARK: - Running sums

  /// Turns long sums over tensors that are made at different places into running sums.
  mutating func addUpInTurn() {
    // What stands behind each operation of the original order.
    var placed = [[IntegerOperation]](repeating: [], count: operations.count + 1)
    var makers: [TensorID: Int] = [:]
    for (index, operation) in operations.enumerated() {
      let before = (tensors, isDivided)
      if let steps = runningSum(operation, makers) {
        for (place, step) in steps.dropLast() { placed[place + 1].append(step) }
        placed[index + 1].append(steps[steps.count - 1].step)
        isDivided = true
      } else {
        (tensors, isDivided) = before
        placed[index + 1].append(operation)
      }
      makers[operation.output] = index
    }
    operations = Array(placed.joined())
  }

  /// The steps of a running sum, each with the operation behind which it may stand; nil for what is none.
  private mutating func runningSum(
    _ operation: IntegerOperation, _ makers: [TensorID: Int]
  ) -> [(place: Int, step: IntegerOperation)]? {
    guard case .linear(let map) = operation.kind, map.outputCount * 8 <= map.inputCount,
      Set(operation.inputs).count > 2, Set(operation.inputs).count == operation.inputs.count
    else { return nil }
    var starts: [TensorID: Int] = [:]
    var total = 0
    for input in operation.inputs {
      starts[input] = total
      total += tensors[input].count
    }
    let costs = operation.inputs.map { Double(tensors[$0].count) * readingCost($0) }
    guard costs.reduce(0, +) > budget else { return nil }
    let order = operation.inputs.sorted { (makers[$0] ?? -1, $0) < (makers[$1] ?? -1, $1) }
    var steps: [(place: Int, step: IntegerOperation)] = []
    var sum: TensorID?
    var group: [TensorID] = []
    for (number, input) in order.enumerated() {
      group.append(input)
      let isLast = number == order.count - 1
      let cost = group.reduce(0) { $0 + Double(tensors[$1].count) * readingCost($1) }
      guard isLast || cost > budget / 8 else { continue }
      let sources = (sum.map { [$0] } ?? []) + group
      let part = map.restricted(
        to: group.map { starts[$0]!..<starts[$0]! + tensors[$0].count }, adding: sum != nil,
        withBias: sum == nil)
      if isLast {
        guard widen(operation.output, for: .linear(part), sources) else { return nil }
        sum = operation.output
      } else {
        sum = result(
          of: .linear(part), sources, shape: tensors[operation.output].shape, like: operation.output
        )
      }
      guard let sum else { return nil }
      steps.append(
        (
          group.map { makers[$0] ?? -1 }.max()!,
          IntegerOperation(
            name: operation.name, kind: .linear(part), inputs: sources, output: sum)
        ))
      group = []
    }
    return steps.count > 1 ? steps : nil
  }

  // MARK: - Parts

  /// Divides what one result reads too much for.
  mutating func divide() {
    var rest = operations[...]
    var divided: [IntegerOperation] = []
    while let operation = rest.popFirst() {
      let before = tensors
      if let steps = parts(of: operation) {
        isDivided = true
        divided += steps
      } else {
        tensors = before
        divided.append(operation)
      }
    }
    operations = divided
  }

  private mutating func parts(of operation: IntegerOperation) -> [IntegerOperation]? {
    switch operation.kind {
    case .linear(let map): partialSums(map, operation)
    case .maximum(let windows): partialMaxima(windows, operation)
    case .distance(let groups): distances(groups, operation)
    default: nil
    }
  }

  /// A sum as a sum of partial sums, and that again if these are many.
  private mutating func partialSums(
    _ map: LinearMap, _ operation: IntegerOperation
  ) -> [IntegerOperation]? {
    var costs: [Double] = []
    for input in operation.inputs {
      costs += [Double](repeating: readingCost(input), count: tensors[input].count)
    }
    let longest = (0..<map.outputCount).lazy.map { map.entryCount($0) }.max() ?? 0
    let dearest: Double
    if operation.inputs.count == 1 {
      dearest = (0..<longest).reduce(0) { sum, _ in sum + costs[0] }
    } else {
      dearest =
        (0..<map.outputCount).lazy.map { row in
          map.entries(row).reduce(0.0) { $0 + costs[$1.column] }
        }.max() ?? 0
    }
    let parts = (dearest / budget).rounded(.up)
    // Parts of a single element would be no progress: where a circuit has no room for two, dividing does not help.
    guard parts > 1, 2 * parts <= Double(longest) else { return nil }
    let count = Int(parts)
    let (partial, total) = map.divided(into: count)
    let shape = [count] + tensors[operation.output].shape
    guard
      let sums = result(
        of: .linear(partial), operation.inputs, shape: shape, like: operation.output),
      widen(operation.output, for: .linear(total), [sums])
    else { return nil }
    let first = IntegerOperation(
      name: operation.name, kind: .linear(partial), inputs: operation.inputs, output: sums)
    let last = IntegerOperation(
      name: operation.name, kind: .linear(total), inputs: [sums], output: operation.output)
    return [first] + (partialSums(total, last) ?? [last])
  }

  /// Elements that one result of a maximum may read.
  private func reach(_ input: TensorID) -> Int { max(2, Int(budget / 2 / readingCost(input))) }

  /// A maximum as a maximum of partial maxima, and that again if these are many.
  private mutating func partialMaxima(
    _ windows: [[Int]], _ operation: IntegerOperation
  ) -> [IntegerOperation]? {
    let reach = reach(operation.inputs[0])
    guard windows.contains(where: { $0.count > reach }) else { return nil }
    var parts: [[Int]] = []
    var whole: [[Int]] = []
    for window in windows {
      let count = (window.count + reach - 1) / reach
      whole.append(Array(parts.count..<parts.count + count))
      for part in 0..<count {
        parts.append(
          Array(window[window.count * part / count..<window.count * (part + 1) / count]))
      }
    }
    guard
      let maxima = result(
        of: .maximum(windows: parts), operation.inputs, shape: [parts.count],
        like: operation.output)
    else { return nil }
    let first = IntegerOperation(
      name: operation.name, kind: .maximum(windows: parts), inputs: operation.inputs,
      output: maxima)
    let last = IntegerOperation(
      name: operation.name, kind: .maximum(windows: whole), inputs: [maxima],
      output: operation.output)
    return [first] + (partialMaxima(whole, last) ?? [last])
  }

  /// Distances from the maximum of a long group: that maximum less every element, which is not negative as constraints show.
  private mutating func distances(
    _ groups: [[Int]], _ operation: IntegerOperation
  ) -> [IntegerOperation]? {
    let input = operation.inputs[0]
    guard let size = groups.first?.count, size > reach(input) else { return nil }
    guard
      let maxima = result(
        of: .maximum(windows: groups), [input], shape: [groups.count], like: operation.output)
    else { return nil }
    let count = tensors[input].count
    var map = LinearMap(inputCount: groups.count + count)
    for (number, group) in groups.enumerated() {
      for element in group {
        map.appendRow([
          (column: number, coefficient: 1), (column: groups.count + element, coefficient: -1),
        ])
      }
    }
    guard
      let difference = result(
        of: .linear(map), [maxima, input], shape: tensors[operation.output].shape,
        like: operation.output)
    else { return nil }
    let largest = IntegerOperation(
      name: operation.name, kind: .maximum(windows: groups), inputs: [input], output: maxima)
    return (partialMaxima(groups, largest) ?? [largest]) + [
      IntegerOperation(
        name: operation.name, kind: .linear(map), inputs: [maxima, input], output: difference),
      IntegerOperation(
        name: operation.name, kind: .rescale(shift: 0), inputs: [difference],
        output: operation.output),
    ]
  }
}

extension LinearMap {
  /// All rows over some of the columns, behind a sum of earlier ones that is added to each.
  fileprivate func restricted(
    to runs: [Range<Int>], adding: Bool, withBias: Bool
  ) -> LinearMap {
    let sums = adding ? outputCount : 0
    var places = [Int32](repeating: -1, count: inputCount)
    var next = sums
    for run in runs {
      for column in run {
        places[column] = Int32(next)
        next += 1
      }
    }
    var map = LinearMap(inputCount: next)
    for row in 0..<outputCount {
      var kept: [(column: Int, coefficient: Int64)] =
        adding ? [(column: row, coefficient: Int64(1))] : []
      for entry in entries(row) where places[entry.column] >= 0 {
        kept.append((Int(places[entry.column]), entry.coefficient))
      }
      map.appendRow(kept, bias: withBias ? biases[row] : 0)
    }
    return map
  }

  /// Partial sums, part after part with all rows each, and the map that adds them up.
  ///
  /// The parts are runs of columns, such as channels, where these divide every row; otherwise runs of each row's own entries.
  fileprivate func divided(into parts: Int) -> (partial: LinearMap, total: LinearMap) {
    let longest = (0..<outputCount).map { entryCount($0) }.max() ?? 0
    let cuts = (0...parts).map { inputCount * $0 / parts }
    /// The number of entries of a row in columns below each cut.
    func columnCuts(_ row: Int) -> [Int] {
      var counts = [Int](repeating: 0, count: parts + 1)
      var cut = 0
      for (place, entry) in entries(row).enumerated() {
        while cuts[cut] <= entry.column {
          counts[cut] = place
          cut += 1
        }
      }
      for later in cut...parts { counts[later] = entryCount(row) }
      return counts
    }
    let isEven = (0..<outputCount).allSatisfy { row in
      let cuts: [Int] = columnCuts(row)
      return zip(cuts, cuts.dropFirst()).allSatisfy { (a: Int, b: Int) -> Bool in
        2 * parts * (b - a) <= 3 * longest
      }
    }
    func entryCuts(_ row: Int) -> [Int] { (0...parts).map { entryCount(row) * $0 / parts } }
    let rows = (0..<outputCount).map { isEven ? columnCuts($0) : entryCuts($0) }
    var partial = LinearMap(inputCount: inputCount)
    partial.reserve(rows: parts * outputCount)
    for part in 0..<parts {
      for (row, cuts) in rows.enumerated() {
        let own = entries(row).dropFirst(cuts[part]).prefix(cuts[part + 1] - cuts[part])
        partial.appendRow(own.map { ($0.column, $0.coefficient) })
      }
    }
    var total = LinearMap(inputCount: parts * outputCount)
    for row in 0..<outputCount {
      total.appendRow(
        (0..<parts).map { (column: $0 * outputCount + row, coefficient: 1) }, bias: biases[row])
    }
    return (partial, total)
  }
}
