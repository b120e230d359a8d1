import Algebra

/// x / divisor, rounded, for a positive constant divisor.
struct Divide: ElementwiseOperation {
  let divisor: Int64
  let rounding: Rounding

  var kind: IntegerOperation.Kind { .divide(by: divisor, rounding: rounding) }
  var tag: OperationTag { .divide }
  var enforcesRange: Bool { true }

  func encode(into writer: inout CanonicalWriter) {
    writer.write(signed: divisor)
    rounding.encode(into: &writer)
  }

  func unfitness(_ inputs: [IntegerTensor]) -> String? {
    divisor >= 1 ? nil : "the divisor \(divisor) is not positive"
  }

  func evaluate(_ inputs: [[Int64]]) -> [Int64] {
    inputs[0].map { Int64(clamping: rounding.quotient(Int128($0), Int128(divisor))) }
  }

  func range(_ inputs: [IntegerTensor]) -> Interval {
    Interval(inputs[0].range).divided(by: divisor...divisor, shift: 0, rounding)
  }

  // MARK: Constraints

  var leavesBits: Bool { true }

  func countUses(of inputs: [TensorID], in use: inout ElementUse) { use.add(1, toAll: inputs[0]) }

  func emit(in circuit: inout ChunkCircuit, _ inputs: [TensorID], _ output: TensorID) -> [Wire] {
    let input = inputs[0]
    if divisor == 1 && circuit.range(output).covers(circuit.range(input)) {
      return circuit.wires[input]
    }
    let division = DivisionPlan(
      numerator: circuit.range(input), shift: 0, divisor: divisor...divisor, rounding: rounding,
      declared: circuit.range(output), signed: circuit.use.wantsSign[output])
    return circuit.elements(output) { element in
      circuit.builder.divide(
        circuit.wires[input][element].combination,
        by: LinearCombination(constant: SmallScalars.scalar(divisor)),
        division,
        values: circuit.value(input, element).map {
          ($0, divisor, circuit.value(output, element)!)
        })
    }
  }

  func cost(_ site: OperationSite) -> OperationCost {
    let remainder = 64 - (divisor - 1).leadingZeroBitCount
    let isPower = divisor & (divisor - 1) == 0
    return OperationCost(
      each: site.resultBits + remainder * (isPower ? 1 : 2) + 4, of: site.count)
  }
}

extension Divide {
  init(from reader: inout CanonicalReader) throws(CircuitError) {
    let divisor = try reader.signed("divisor")
    self.init(divisor: divisor, rounding: try Rounding(from: &reader))
  }
}

extension Interval {
  /// Quotients by a positive divisor, rounded: they rise with the numerator, and rise or fall with the divisor, so the
  /// extremes are at corners.
  func divided(by divisor: ClosedRange<Int64>, shift: Int, _ rounding: Rounding) -> Interval {
    func corner(_ value: Int128, _ divisor: Int64) -> Int128 {
      rounding.quotient(value << Int128(shift), Int128(divisor))
    }
    return Interval(
      lowest: min(corner(lowest, divisor.lowerBound), corner(lowest, divisor.upperBound)),
      highest: max(corner(highest, divisor.lowerBound), corner(highest, divisor.upperBound)))
  }
}
