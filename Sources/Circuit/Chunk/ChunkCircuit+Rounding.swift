import Algebra

extension ChunkCircuit {
  /// x + 2^(shift-1) = q 2^shift + r, with q in the declared range and r in [0, 2^shift).
  func emitRescale(_ shift: Int, _ input: TensorID, _ output: TensorID) -> [Wire] {
    let (source, declared) = (range(input), range(output))
    let possible =
      IntegerOperation.rescaled(
        source.lowerBound, shift)...IntegerOperation.rescaled(source.upperBound, shift)
    if shift == 0 && declared.covers(possible) { return wires[input] }
    let plan = BitPlan(possible: possible, enforced: declared, signed: use.wantsSign[output])
    let half: Int64 = shift == 0 ? 0 : 1 << Int64(shift - 1)
    return elements(output) { element in
      var sum = wires[input][element].combination
      sum.add(constant: SmallScalars.scalar(half))
      let run = builder.decompose(
        sum, plan: plan, shift: shift,
        value: value(input, element).map { Int128($0) + Int128(half) })
      return Wire(run)
    }
  }

  func emitDivide(
    by divisor: Int64, _ rounding: Rounding, _ input: TensorID, _ output: TensorID
  ) -> [Wire] {
    if divisor == 1 && range(output).covers(range(input)) { return wires[input] }
    let division = DivisionPlan(
      numerator: range(input), shift: 0, divisor: divisor...divisor, rounding: rounding,
      declared: range(output), signed: use.wantsSign[output])
    return elements(output) { element in
      builder.divide(
        wires[input][element].combination,
        by: LinearCombination(constant: SmallScalars.scalar(divisor)),
        division,
        values: value(input, element).map { ($0, divisor, value(output, element)!) })
    }
  }

  func emitQuotient(
    shift: Int, _ rounding: Rounding, _ inputs: [TensorID], _ output: TensorID
  ) -> [Wire] {
    let division = DivisionPlan(
      numerator: range(inputs[0]), shift: shift, divisor: range(inputs[1]), rounding: rounding,
      declared: range(output), signed: use.wantsSign[output])
    return elements(output) { element in
      builder.divide(
        wires[inputs[0]][element].combination, by: wires[inputs[1]][element].combination, division,
        values: value(inputs[0], element).map {
          ($0, value(inputs[1], element)!, value(output, element)!)
        })
    }
  }

  /// x = q^2 + r with 0 <= r <= 2 q, so that q^2 <= x < (q + 1)^2.
  func emitSquareRoot(_ input: TensorID, _ output: TensorID) -> [Wire] {
    let highest = IntegerOperation.squareRoot(range(input).upperBound)
    let roots = IntegerOperation.squareRoot(range(input).lowerBound)...highest
    let plan = BitPlan(possible: roots, enforced: roots, signed: false)
    let remainder = BitPlan(possible: 0...2 * highest, enforced: 0...2 * highest, signed: false)
    return elements(output) { element in
      let claimed = value(output, element)
      let root = Wire(builder.integer(plan: plan, value: claimed.map { Int128($0) }))
      let square = builder.product(root.combination, root.combination)
      let rest = claimed.map { Int128(value(input, element)!) - Int128($0) * Int128($0) }
      _ = builder.decompose(
        wires[input][element].combination - square, plan: remainder, value: rest)
      var gap = square - wires[input][element].combination
      gap.add(root.combination, times: SmallScalars.scalar(2))
      _ = builder.decompose(
        gap, plan: remainder, value: rest.map { 2 * Int128(claimed!) - $0 })
      return root
    }
  }
}
