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
    map.range(of: inputs)
  }

  func tile(_ elements: [Int], inputs: [Int]) -> IntegerOperation.Kind.Tile {
    .init(kind: .linear(map.selectingRows(elements)), reads: inputs.map { Array(0..<$0) })
  }

  // MARK: Constraints

  func countUses(of inputs: [TensorID], in use: inout ElementUse) {
    var uses = [UInt32](repeating: 0, count: map.inputCount)
    for row in 0..<map.outputCount {
      for entry in map.entries(row) { uses[entry.column] += 1 }
    }
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
      // A copy keeps the bits that are known of it.
      if map.entryCount(row) == 1, map.biases[row] == 0,
        let only = map.entries(row).first(where: { _ in true }), only.coefficient == 1
      {
        return sources[only.column]
      }
      terms.removeAll(keepingCapacity: true)
      if map.biases[row] != 0 { terms.append(.init(0, SmallScalars.scalar(map.biases[row]))) }
      for entry in map.entries(row) {
        let factor = SmallScalars.scalar(entry.coefficient)
        for term in sources[entry.column].combination.terms {
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
      for entry in map.entries(row) { uses[entry.column] += 1 }
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
      direct += block.rows.joined().reduce(0) { $0 + map.entryCount($1) }
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
    let (patterns, lists) = (matrix.patterns, matrix.lists)
    input.withUnsafeBufferPointer { input in
      patterns.elements.withUnsafeBufferPointer { columns in
        lists.elements.withUnsafeBufferPointer { coefficients in
          for (number, row) in matrix.rows.enumerated() {
            let (column, list) = (patterns.starts[Int(row.pattern)], lists.range(row.list))
            let offset = Int(row.offset)
            var sum = out[number]
            for place in 0..<list.count {
              sum &+=
                coefficients[list.lowerBound + place]
                &* input[offset + Int(columns[column + place])]
            }
            out[number] = sum
          }
        }
      }
    }
    return out
  }

  /// M * input + bias, where no sum on the way needs more than 127 bits.
  func accumulate(_ input: [Int64]) -> [Int128] {
    (0..<outputCount).map { row in
      entries(row).reduce(Int128(biases[row])) { sum, entry in
        sum &+ Int128(entry.coefficient) &* Int128(input[entry.column])
      }
    }
  }

  /// Rows one after the other: entry count, then per entry the step from the last column and the coefficient, then
  /// the bias.
  func encode(into writer: inout CanonicalWriter) {
    writer.write(count: inputCount)
    writer.write(count: outputCount)
    for row in 0..<outputCount {
      writer.write(count: entryCount(row))
      var next = 0
      for entry in entries(row) {
        writer.write(count: entry.column - next)
        writer.write(signed: entry.coefficient)
        next = entry.column + 1
      }
      writer.write(signed: biases[row])
    }
  }

  init(from reader: inout CanonicalReader) throws(CircuitError) {
    let inputCount = try reader.integer("input elements", limit: Int(UInt32.max))
    let rows = try reader.count("rows")
    self.init(inputCount: inputCount)
    for _ in 0..<rows {
      var next = 0
      var columns: [UInt32] = []
      var coefficients: [Int64] = []
      for _ in 0..<(try reader.count("row entries")) {
        let column = next + (try reader.integer("column step", limit: inputCount))
        guard column < inputCount else { throw reader.malformed("column outside the input") }
        columns.append(UInt32(column))
        let coefficient = try reader.signed("coefficient")
        guard coefficient != 0 else { throw reader.malformed("zero coefficient") }
        coefficients.append(coefficient)
        next = column + 1
      }
      append(columns, coefficients, bias: try reader.signed("bias"))
    }
  }
}
