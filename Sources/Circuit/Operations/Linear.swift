import Algebra

/// An affine map of all inputs: combinations only, no constraint and no variable; where rows repeat, claims that a Freivalds
/// check at a challenge covers.
struct Linear: CheckableOperation, AccumulatingOperation {
  let map: LinearMap

  var kind: IntegerOperation.Kind { .linear(map) }
  var tag: OperationTag { .linear }
  var arity: Int? { nil }

  func outputCount(_ inputs: [IntegerTensor]) -> Result<Int, OperationMismatch> {
    if map.isValid, mismatch(inputs) == nil { return .success(map.outputCount) }
    return .failure(Self.misfit(inputs))
  }

  /// The entries of the maps of large models are checked where the graph is made; a range needs the count only.
  func mismatch(_ inputs: [IntegerTensor]) -> OperationMismatch? {
    map.inputCount == inputs.reduce(0) { $0 + $1.count } ? nil : Self.misfit(inputs)
  }

  private static func misfit(_ inputs: [IntegerTensor]) -> OperationMismatch {
    let total = inputs.reduce(0) { $0 + $1.count }
    return OperationMismatch(reason: "the map does not fit \(total) input elements")
  }

  // MARK: Meaning

  func evaluate(_ inputs: [[Int64]]) -> [Int64] {
    map.apply(to: inputs.count == 1 ? inputs[0] : Array(inputs.joined()))
  }

  func accumulate(_ inputs: [[Int64]]) -> [Int128] {
    map.accumulate(inputs.count == 1 ? inputs[0] : Array(inputs.joined()))
  }

  func range(_ inputs: [IntegerTensor]) -> Interval {
    // Columns ascend inside a row, so one pass over the inputs finds the tensor of each; nothing is allocated that
    // grows with a tensor's declared size.
    var ends = [Int]()
    for tensor in inputs { ends.append((ends.last ?? 0) + tensor.count) }
    let ranges = inputs.map { Interval($0.range) }
    var hull: Interval?
    var words: (lowest: Int64, highest: Int64)?
    for row in 0..<map.outputCount {
      if let row = rangeInWords(row, inputs, ends) {
        words = words.map { (min($0.lowest, row.lowest), max($0.highest, row.highest)) } ?? row
        continue
      }
      var sum = Interval(lowest: Int128(map.biases[row]), highest: Int128(map.biases[row]))
      var tensor = 0
      for entry in map.rowStarts[row]..<map.rowStarts[row + 1] {
        while Int(map.columns[entry]) >= ends[tensor] { tensor += 1 }
        sum = sum + ranges[tensor].scaled(by: map.coefficients[entry])
      }
      hull = hull?.union(sum) ?? sum
    }
    if let words {
      let range = Interval(lowest: Int128(words.lowest), highest: Int128(words.highest))
      hull = hull?.union(range) ?? range
    }
    return hull ?? Interval(lowest: 0, highest: 0)
  }

  /// The range of a row's results, if 64 bits hold it and every sum on the way: the same numbers in a fraction of the time.
  private func rangeInWords(
    _ row: Int, _ inputs: [IntegerTensor], _ ends: [Int]
  ) -> (lowest: Int64, highest: Int64)? {
    var (lowest, highest, overflows) = (map.biases[row], map.biases[row], false)
    var tensor = 0
    var (lower, upper) = inputs.first.map { ($0.range.lowerBound, $0.range.upperBound) } ?? (0, 0)
    for entry in map.rowStarts[row]..<map.rowStarts[row + 1] {
      while Int(map.columns[entry]) >= ends[tensor] {
        tensor += 1
        (lower, upper) = (inputs[tensor].range.lowerBound, inputs[tensor].range.upperBound)
      }
      let factor = map.coefficients[entry]
      let (a, aOverflows) = lower.multipliedReportingOverflow(by: factor)
      let (b, bOverflows) = upper.multipliedReportingOverflow(by: factor)
      let (low, lowOverflows) = lowest.addingReportingOverflow(factor < 0 ? b : a)
      let (high, highOverflows) = highest.addingReportingOverflow(factor < 0 ? a : b)
      overflows = overflows || aOverflows || bOverflows || lowOverflows || highOverflows
      (lowest, highest) = (low, high)
    }
    return overflows ? nil : (lowest, highest)
  }

  func tile(_ elements: [Int], inputs: [Int]) -> IntegerOperation.Kind.Tile {
    .init(kind: .linear(map.selectingRows(elements)), reads: inputs.map { Array(0..<$0) })
  }

  // MARK: Constraints

  func countUses(of inputs: [TensorID], in use: inout ElementUse) {
    var uses = [UInt32](repeating: 0, count: map.inputCount)
    for column in map.columns { uses[Int(column)] += 1 }
    use.add(uses, to: inputs)
  }

  func emit(in circuit: inout ChunkCircuit, _ inputs: [TensorID], _ output: TensorID) -> [Wire] {
    rows(in: circuit, inputs)
  }

  func accumulate(
    in circuit: inout ChunkCircuit, _ inputs: [TensorID]
  ) -> [LinearCombination] {
    rows(in: circuit, inputs).map(\.combination)
  }

  private func rows(in circuit: ChunkCircuit, _ inputs: [TensorID]) -> [Wire] {
    let wires = circuit.wires
    let sources = inputs.count == 1 ? wires[inputs[0]] : Array(inputs.map { wires[$0] }.joined())
    var terms = [LinearCombination.Term]()
    return (0..<map.outputCount).map { row in
      let entries = map.rowStarts[row]..<map.rowStarts[row + 1]
      // A copy keeps the bits that are known of it.
      if entries.count == 1, map.coefficients[entries.lowerBound] == 1, map.biases[row] == 0 {
        return sources[Int(map.columns[entries.lowerBound])]
      }
      terms.removeAll(keepingCapacity: true)
      if map.biases[row] != 0 { terms.append(.init(0, SmallScalars.scalar(map.biases[row]))) }
      for entry in entries {
        let factor = SmallScalars.scalar(map.coefficients[entry])
        for term in sources[Int(map.columns[entry])].combination.terms {
          terms.append(.init(term.variable, term.coefficient * factor))
        }
      }
      return Wire(combination: LinearCombination(merging: terms))
    }
  }

  func cost(_ site: OperationSite) -> OperationCost { OperationCost(entries: map.entryCount) }

  // MARK: Checked at a challenge

  /// Claims the rows of blocks that repeat; all others stay combinations.
  func emitChecked(
    in circuit: inout ChunkCircuit, _ inputs: [TensorID], _ output: TensorID, index: Int
  ) -> [Wire] {
    var results = emit(in: &circuit, inputs, output)
    let sources = inputs.flatMap { circuit.wires[$0].map(\.combination) }
    let blocks = ArgumentPlan.worthwhile(map.blocks())
    var claims = [[[Claim]]]()
    for block in blocks {
      claims.append(
        block.rows.map { rows in
          rows.map { row in
            let claimed = circuit.claim(output, row, bias: map.biases[row])
            results[row] = Wire(combination: LinearCombination(claimed.variable))
            return claimed
          }
        })
    }
    if let sums = TranslatedSums(blocks) {
      circuit.obligations.convolutions.append(
        .init(operation: index, blocks: blocks, sums: sums, sources: sources, results: claims))
    } else {
      for (block, claims) in zip(blocks, claims) {
        circuit.obligations.products.append(
          Self.product(block, of: sources, results: claims, operation: index))
      }
    }
    return results
  }

  /// A block as a product of its matrix and what it applies to.
  private static func product(
    _ block: MatrixBlock, of sources: [LinearCombination], results: [[Claim]], operation: Int
  ) -> Obligations.Product {
    .init(
      operation: operation,
      left: block.weights.map { row in
        row.map { LinearCombination(constant: SmallScalars.scalar($0)) }
      },
      right: (0..<block.termCount).map { term in
        block.columns.map { $0[term].map { sources[Int($0)] } ?? LinearCombination() }
      }, results: results)
  }

  /// A matrix that lies on an element at several positions mentions it as often, unless these share what they need of it.
  func countCheckedUses(of inputs: [TensorID], in use: inout ElementUse) {
    var uses = [UInt32](repeating: 0, count: map.inputCount)
    var isClaimed = [Bool](repeating: false, count: map.outputCount)
    let blocks = ArgumentPlan.worthwhile(map.blocks())
    for row in blocks.flatMap({ $0.rows.joined() }) { isClaimed[row] = true }
    if let sums = TranslatedSums(blocks) {
      for product in sums.products { uses[Int(product.element)] += 1 }
    } else {
      for column in blocks.flatMap({ $0.columns.joined() }) {
        if let column { uses[Int(column)] += 1 }
      }
    }
    for row in isClaimed.indices where !isClaimed[row] {
      for entry in map.rowStarts[row]..<map.rowStarts[row + 1] {
        uses[Int(map.columns[entry])] += 1
      }
    }
    use.add(uses, to: inputs)
  }

  func checkCosts(
    _ operation: IntegerOperation, in plan: ArgumentPlan
  ) -> (direct: ArgumentPlan.Size, checked: ArgumentPlan.Size)? {
    guard map.hasLongRows else { return nil }
    let blocks = ArgumentPlan.worthwhile(map.blocks())
    guard !blocks.isEmpty else { return nil }
    var (direct, rows, entries, results) = (0, 0, 0, 0)
    for block in blocks {
      let (channels, positions) = (block.channelCount, block.positionCount)
      direct += block.rows.joined().reduce(0) { $0 + map.rowStarts[$1 + 1] - map.rowStarts[$1] }
      rows += channels * (positions + 1) + 1
      entries += channels * block.termCount
      results += channels * positions
    }
    if let sums = TranslatedSums(blocks) {
      rows += sums.constraintCount
      entries += sums.entryCount
    } else {
      rows += blocks.reduce(0) { $0 + $1.termCount * $1.positionCount }
    }
    let binding = plan.bindingCost(operation.output, as: .element)
    let share = ArgumentPlan.Size(
      constraints: binding.constraints * results / map.outputCount,
      entries: binding.entries * results / map.outputCount)
    if let bits = plan.bitsOfPackedOutput(operation.output) {
      // Results in one piece read much the same elements, whose entries merge.
      direct *= bits
      direct /= BoundaryEncoding.pieceBits
    }
    return (
      .init(constraints: 0, entries: direct), .init(rows: rows, entries: entries, and: share)
    )
  }
}

// MARK: Bytes

extension Linear {
  func encode(into writer: inout CanonicalWriter) { map.encode(into: &writer) }

  init(from reader: inout CanonicalReader) throws(CircuitError) {
    self.init(map: try LinearMap(from: &reader))
  }
}

extension LinearMap {
  /// M * input + bias modulo 2^64.
  func apply(to input: [Int64]) -> [Int64] {
    var out = biases
    for row in out.indices {
      var sum = out[row]
      for entry in rowStarts[row]..<rowStarts[row + 1] {
        sum &+= coefficients[entry] &* input[Int(columns[entry])]
      }
      out[row] = sum
    }
    return out
  }

  /// M * input + bias, where no sum on the way needs more than 127 bits.
  func accumulate(_ input: [Int64]) -> [Int128] {
    (0..<outputCount).map { row in
      (rowStarts[row]..<rowStarts[row + 1]).reduce(Int128(biases[row])) { sum, entry in
        sum &+ Int128(coefficients[entry]) &* Int128(input[Int(columns[entry])])
      }
    }
  }

  /// Rows one after the other: entry count, then per entry the step from the last column and the coefficient, then
  /// the bias.
  func encode(into writer: inout CanonicalWriter) {
    writer.write(count: inputCount)
    writer.write(count: outputCount)
    for row in 0..<outputCount {
      let entries = rowStarts[row]..<rowStarts[row + 1]
      writer.write(count: entries.count)
      var next = 0
      for entry in entries {
        writer.write(count: Int(columns[entry]) - next)
        writer.write(signed: coefficients[entry])
        next = Int(columns[entry]) + 1
      }
      writer.write(signed: biases[row])
    }
  }

  init(from reader: inout CanonicalReader) throws(CircuitError) {
    let inputCount = try reader.integer("input elements", limit: Int(UInt32.max))
    let rows = try reader.count("rows")
    var (starts, columns, coefficients, biases) = ([0], [UInt32](), [Int64](), [Int64]())
    for _ in 0..<rows {
      var next = 0
      for _ in 0..<(try reader.count("row entries")) {
        let column = next + (try reader.integer("column step", limit: inputCount))
        guard column < inputCount else { throw reader.malformed("column outside the input") }
        columns.append(UInt32(column))
        let coefficient = try reader.signed("coefficient")
        guard coefficient != 0 else { throw reader.malformed("zero coefficient") }
        coefficients.append(coefficient)
        next = column + 1
      }
      starts.append(columns.count)
      biases.append(try reader.signed("bias"))
    }
    guard
      let map = LinearMap(
        inputCount: inputCount, rowStarts: starts, columns: columns, coefficients: coefficients,
        biases: biases)
    else { throw reader.malformed("inconsistent linear map") }
    self = map
  }
}
