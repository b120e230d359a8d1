import Algebra

/// The value of a table at x: read by the bits of x, or claimed for a LogUp argument at a challenge.
struct Lookup: ElementwiseOperation, CheckableOperation {
  let table: FunctionTable

  var kind: IntegerOperation.Kind { .table(table) }
  var tag: OperationTag { .table }

  func encode(into writer: inout CanonicalWriter) { table.encode(into: &writer) }

  func unfitness(_ inputs: [IntegerTensor]) -> String? {
    table.domain?.covers(inputs[0].range) ?? false ? nil : "the table does not cover its input"
  }

  func evaluate(_ inputs: [[Int64]]) -> [Int64] { inputs[0].map { table[$0] } }

  func range(_ inputs: [IntegerTensor]) -> Interval {
    let values = table.values(over: inputs[0].range)
    return Interval(lowest: Int128(values.min()!), highest: Int128(values.max()!))
  }

  // MARK: Constraints

  func countUses(of inputs: [TensorID], in use: inout ElementUse) { use.add(1, toAll: inputs[0]) }

  func readsBits(clampedFrom lowest: Int64?) -> Bool { true }

  func emit(in circuit: inout ChunkCircuit, _ inputs: [TensorID], _ output: TensorID) -> [Wire] {
    circuit.read(table, inputs[0])
  }

  func cost(_ site: OperationSite) -> OperationCost {
    let (size, counter) = (table.values.count, Int.bitWidth - site.count.leadingZeroBitCount)
    let width = Int.bitWidth - (size - 1).leadingZeroBitCount
    let read = site.inputBits + Multiplexer.constraints(bitCount: width, functions: 1)
    // Looked up at a challenge: arguments and values have bits and a hash, entries have multiplicities.
    let argument = site.inputBits + site.inputs[0].range.unsignedBitCount * 2 / 7
    let checked = OperationCost.sum(
      OperationCost.product(site.count, 2 + 2 * site.resultBits + argument),
      OperationCost.product(size, 2 * counter + 2))
    if OperationCost.product(site.count, read + (1 << width) / 4) <= checked {
      return OperationCost(each: read, plus: 1 << width, of: site.count)
    }
    return OperationCost(each: 1, of: checked)
  }

  // MARK: Checked at a challenge

  /// Claims the values and leaves each pair to be looked up.
  func emitChecked(
    in circuit: inout ChunkCircuit, _ inputs: [TensorID], _ output: TensorID, index: Int
  ) -> [Wire] {
    let input = inputs[0]
    var lookups = Obligations.Lookups(operation: index, table: table)
    lookups.arguments = circuit.values?[input] ?? []
    var results: [Wire] = []
    for element in circuit.wires[input].indices {
      circuit.builder.enter(element: element)
      let argument = circuit.integer(input, element)
      let value = circuit.claim(output, element)
      lookups.pairs.append((argument, value))
      results.append(Wire(combination: LinearCombination(value.variable)))
    }
    circuit.obligations.look(up: lookups)
    return results
  }

  func checkCosts(
    _ operation: IntegerOperation, in plan: ArgumentPlan
  ) -> (direct: ArgumentPlan.Size, checked: ArgumentPlan.Size)? {
    let (count, size) = (plan.count(operation.output), table.values.count)
    let width = Int.bitWidth - (size - 1).leadingZeroBitCount
    let products = 3 << ((width + 1) / 2)
    let counter = Int.bitWidth - count.leadingZeroBitCount
    let multiplicities = ArgumentPlan.hash(bits: size * counter)
    var integers = plan.bindingCost(operation.output, as: .integer)
    integers += plan.argumentCost(operation.inputs[0])
    return (
      .init(constraints: count * products, entries: count * (4 * products + 1 << width)),
      .init(rows: count + size * (counter + 1) + multiplicities, entries: 0, and: integers)
    )
  }
}

extension Lookup {
  init(from reader: inout CanonicalReader) throws(CircuitError) {
    self.init(table: try FunctionTable(from: &reader))
  }
}
