/// a * 2^shift / b, rounded, for a divisor b whose range holds positive numbers only.
struct Quotient: ElementwiseOperation {
  let shift: Int
  let rounding: Rounding

  var kind: IntegerOperation.Kind { .quotient(shift: shift, rounding: rounding) }
  var tag: OperationTag { .quotient }
  var arity: Int? { 2 }
  var enforcesRange: Bool { true }

  func encode(into writer: inout CanonicalWriter) {
    writer.write(count: shift)
    rounding.encode(into: &writer)
  }

  func unfitness(_ inputs: [IntegerTensor]) -> String? {
    (0...62).contains(shift) && inputs[1].range.lowerBound >= 1
      ? nil : "the shift \(shift) is outside 0...62, or the divisor may not be positive"
  }

  func evaluate(_ inputs: [[Int64]]) -> [Int64] {
    zip(inputs[0], inputs[1]).map { numerator, divisor in
      Int64(clamping: rounding.quotient(Int128(numerator) << Int128(shift), Int128(divisor)))
    }
  }

  func range(_ inputs: [IntegerTensor]) -> Interval {
    Interval(inputs[0].range).divided(by: inputs[1].range, shift: shift, rounding)
  }

  // MARK: Constraints

  var leavesBits: Bool { true }

  func countUses(of inputs: [TensorID], in use: inout ElementUse) {
    use.add(1, toAll: inputs[0])
    use.add(3, toAll: inputs[1])
  }

  func emit(in circuit: inout ChunkCircuit, _ inputs: [TensorID], _ output: TensorID) -> [Wire] {
    let division = DivisionPlan(
      numerator: circuit.range(inputs[0]), shift: shift, divisor: circuit.range(inputs[1]),
      rounding: rounding, declared: circuit.range(output),
      signed: circuit.use.wantsSign[output])
    return circuit.elements(output) { element in
      circuit.builder.divide(
        circuit.wires[inputs[0]][element].combination,
        by: circuit.wires[inputs[1]][element].combination, division,
        values: circuit.value(inputs[0], element).map {
          ($0, circuit.value(inputs[1], element)!, circuit.value(output, element)!)
        })
    }
  }

  func cost(_ site: OperationSite) -> OperationCost {
    OperationCost(
      each: site.resultBits + 2 * site.inputs[1].range.unsignedBitCount + 8, of: site.count)
  }
}

extension Quotient {
  init(from reader: inout CanonicalReader) throws(CircuitError) {
    let shift = try reader.integer("shift", limit: 62)
    self.init(shift: shift, rounding: try Rounding(from: &reader))
  }
}
