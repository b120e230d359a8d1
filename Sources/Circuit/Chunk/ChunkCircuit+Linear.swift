import Algebra

extension ChunkCircuit {
  /// Combinations only: no constraint, no variable.
  func emitLinear(_ map: LinearMap, _ inputs: [TensorID]) -> [Wire] {
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
      return Wire(combination: LinearCombination(merging: terms), bits: nil)
    }
  }

  func emitProduct(_ inputs: [TensorID], _ output: TensorID) -> [Wire] {
    elements(output) { element in
      multiply(
        wires[inputs[0]][element], wires[inputs[1]][element], value: value(output, element))
    }
  }

  func multiply(_ a: Wire, _ b: Wire, value: Int64?) -> Wire {
    Wire(
      combination: builder.product(
        a.combination, b.combination, value: SmallScalars.scalar(value ?? 0)))
  }

  func emitMatmul(_ inputs: [TensorID], batch: Int, m: Int, k: Int, n: Int) -> [Wire] {
    var result = [Wire]()
    result.reserveCapacity(batch * m * n)
    for matrix in 0..<batch {
      for row in 0..<m {
        for column in 0..<n {
          builder.enter(element: result.count)
          var sum = LinearCombination()
          for inner in 0..<k {
            let left = (matrix * m + row) * k + inner
            let right = (matrix * k + inner) * n + column
            let product = multiply(
              wires[inputs[0]][left], wires[inputs[1]][right],
              value: values.map { $0[inputs[0]][left] &* $0[inputs[1]][right] })
            sum.add(product.combination, times: .one)
          }
          result.append(Wire(combination: sum, bits: nil))
        }
      }
    }
    return result
  }
}
