import Circuit

extension IntegerGraph {
  /// The same graph with long sums in two steps: some of the columns each, then the sums of these; nil without long sums.
  ///
  /// A map with few rows that each read nearly all of a large input cannot be tiled by rows without every tile reading the
  /// input whole. In two steps, tiles of the first read their columns only, and may go together with what makes them.
  /// - Parameters:
  ///   - parts: number of runs of columns.
  /// - Throws: what `IntegerGraph.init` throws; results may need wider integers than those of the whole map.
  func dividingSums(into parts: Int) throws(CircuitError) -> IntegerGraph? {
    guard operations.contains(where: \.isLongSum) else { return nil }
    var (tensors, operations) = (tensors, [IntegerOperation]())
    for operation in self.operations {
      guard case .linear(let map) = operation.kind, map.isLongSum else {
        operations.append(operation)
        continue
      }
      let (partial, total) = map.divided(into: parts)
      let range = try IntegerOperation.derivedRange(
        of: .linear(partial), inputs: operation.inputs.map { tensors[$0] }, name: operation.name)
      let sums = IntegerTensor(
        name: operation.name, shape: [parts, map.outputCount], range: range,
        scaleBits: tensors[operation.output].scaleBits)
      // What is known of partial sums of all rows together says a little less about the whole.
      let derived = try IntegerOperation.derivedRange(
        of: .linear(total), inputs: [sums], name: operation.name)
      let declared = tensors[operation.output].range
      tensors[operation.output].range =
        min(declared.lowerBound, derived.lowerBound)...max(declared.upperBound, derived.upperBound)
      tensors.append(sums)
      operations.append(
        IntegerOperation(
          name: operation.name, kind: .linear(partial), inputs: operation.inputs,
          output: tensors.count - 1))
      operations.append(
        IntegerOperation(
          name: operation.name, kind: .linear(total), inputs: [tensors.count - 1],
          output: operation.output))
    }
    return try IntegerGraph(
      tensors: tensors, operations: operations, inputs: inputs, outputs: outputs)
  }
}

extension IntegerOperation {
  /// Whether few results read most of a large input.
  var isLongSum: Bool {
    if case .linear(let map) = kind { map.isLongSum } else { false }
  }
}

extension LinearMap {
  /// Whether few rows read most of a large input.
  var isLongSum: Bool {
    inputCount >= 512 && outputCount * 8 <= inputCount && entryCount * 2 >= outputCount * inputCount
  }

  /// Partial sums over runs of columns, run after run with all rows each, and the map that adds them up.
  fileprivate func divided(into parts: Int) -> (partial: LinearMap, total: LinearMap) {
    var partial = LinearMap(inputCount: inputCount)
    for part in 0..<parts {
      let run = inputCount * part / parts..<inputCount * (part + 1) / parts
      for row in 0..<outputCount {
        let own = entries(row).filter { run.contains($0.column) }
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
