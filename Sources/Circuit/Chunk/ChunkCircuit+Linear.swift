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
      return Wire(combination: LinearCombination(merging: terms))
    }
  }

  /// Claims the rows of blocks that repeat; all others stay combinations.
  mutating func emitCheckedLinear(
    _ map: LinearMap, _ inputs: [TensorID], _ output: TensorID, index: Int
  ) -> [Wire] {
    var results = emitLinear(map, inputs)
    let sources = inputs.flatMap { wires[$0].map(\.combination) }
    let blocks = ArgumentPlan.worthwhile(map.blocks())
    let claims = blocks.map { block in
      block.rows.map { rows in
        rows.map { row in
          let claimed = claim(output, row, bias: map.biases[row])
          results[row] = Wire(combination: LinearCombination(claimed.variable))
          return claimed
        }
      }
    }
    if let sums = TranslatedSums(blocks) {
      obligations.convolutions.append(
        .init(operation: index, blocks: blocks, sums: sums, sources: sources, results: claims))
    } else {
      for (block, claims) in zip(blocks, claims) {
        obligations.products.append(
          product(block, of: sources, results: claims, operation: index))
      }
    }
    return results
  }

  /// A block as a product of its matrix and what it applies to.
  private func product(
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

  /// Claims all entries of the products.
  mutating func emitCheckedMatmul(
    _ inputs: [TensorID], _ output: TensorID, batch: Int, m: Int, k: Int, n: Int, index: Int
  ) -> [Wire] {
    let claims = (0..<batch * m * n).map { claim(output, $0) }
    let (a, b) = (wires[inputs[0]], wires[inputs[1]])
    func matrix<Element>(_ rows: Int, _ columns: Int, _ element: (Int, Int) -> Element)
      -> [[Element]]
    {
      (0..<rows).map { row in (0..<columns).map { element(row, $0) } }
    }
    for place in 0..<batch {
      obligations.products.append(
        .init(
          operation: index,
          left: matrix(m, k) { a[(place * m + $0) * k + $1].combination },
          right: matrix(k, n) { b[(place * k + $0) * n + $1].combination },
          results: matrix(m, n) { claims[(place * m + $0) * n + $1] }))
    }
    return claims.map { Wire(combination: LinearCombination($0.variable)) }
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
          result.append(Wire(combination: sum))
        }
      }
    }
    return result
  }
}
