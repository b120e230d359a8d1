import Algebra

/// x + 2^(shift-1) = q 2^shift + r, with q in the declared range and r in [0, 2^shift).
struct Rescale: ElementwiseOperation {
  let shift: Int

  var kind: IntegerOperation.Kind { .rescale(shift: shift) }
  var tag: OperationTag { .rescale }
  var enforcesRange: Bool { true }

  func encode(into writer: inout CanonicalWriter) { writer.write(count: shift) }

  func unfitness(_ inputs: [IntegerTensor]) -> String? {
    (0...62).contains(shift) ? nil : "the shift \(shift) is outside 0...62"
  }

  func evaluate(_ inputs: [[Int64]]) -> [Int64] {
    inputs[0].map { IntegerOperation.rescaled($0, shift) }
  }

  func range(_ inputs: [IntegerTensor]) -> Interval { Interval(possible(inputs[0].range)) }

  private func possible(_ source: ClosedRange<Int64>) -> ClosedRange<Int64> {
    IntegerOperation.rescaled(
      source.lowerBound, shift)...IntegerOperation.rescaled(source.upperBound, shift)
  }

  // MARK: Constraints

  var leavesBits: Bool { true }

  func countUses(of inputs: [TensorID], in use: inout ElementUse) { use.add(1, toAll: inputs[0]) }

  func bitsOfInput(_ input: ClosedRange<Int64>, output: ClosedRange<Int64>) -> Int? {
    output.unsignedBitCount + shift
  }

  func emit(in circuit: inout ChunkCircuit, _ inputs: [TensorID], _ output: TensorID) -> [Wire] {
    let (input, declared) = (inputs[0], circuit.range(output))
    let possible = possible(circuit.range(input))
    if shift == 0 && declared.covers(possible) { return circuit.wires[input] }
    let plan = BitPlan(
      possible: possible, enforced: declared, signed: circuit.use.wantsSign[output])
    let half: Int64 = shift == 0 ? 0 : 1 << Int64(shift - 1)
    return circuit.elements(output) { element in
      var sum = circuit.wires[input][element].combination
      sum.add(constant: SmallScalars.scalar(half))
      let run = circuit.builder.decompose(
        sum, plan: plan, shift: shift,
        value: circuit.value(input, element).map { Int128($0) + Int128(half) })
      return Wire(run)
    }
  }

  func cost(_ site: OperationSite) -> OperationCost {
    OperationCost(each: site.resultBits + shift + 1, of: site.count)
  }
}

extension Rescale {
  init(from reader: inout CanonicalReader) throws(CircuitError) {
    self.init(shift: try reader.integer("shift", limit: 62))
  }
}

extension IntegerOperation {
  /// floor((x + 2^(shift-1)) / 2^shift), without overflow.
  @inline(__always)
  package static func rescaled(_ value: Int64, _ shift: Int) -> Int64 {
    shift == 0 ? value : (value >> Int64(shift)) + ((value >> Int64(shift - 1)) & 1)
  }
}
