import Algebra
import Varuna

extension ConstraintBuilder {
  /// Aleo's Poseidon hash at rate 8 of the given elements, as a combination of nine variables.
  ///
  /// Equal to `AleoHash.hash(rate: 8, elements)`. The header block is a constant, so the first permutation that costs
  /// anything absorbs the first eight elements into a constant state.
  /// - Precondition: there is at least one element.
  package func poseidonHash(_ elements: [LinearCombination]) -> LinearCombination {
    precondition(!elements.isEmpty)
    let parameters = PoseidonInstances.rate8
    let rate = parameters.rate
    var header = [Fr.zero] + AleoHash.header(rate: rate, count: elements.count)
    parameters.permute(&header)
    var state = header.map { LinearCombination(constant: $0) }
    for start in stride(from: 0, to: elements.count, by: rate) {
      for i in start..<min(start + rate, elements.count) {
        state[1 + i - start].add(elements[i], times: .one)
      }
      let outputs = permute(state, parameters)
      state = parameters.mds.map { row in
        LinearCombination(
          merging: zip(row, outputs).map { LinearCombination.Term($1, $0) })
      }
    }
    return state[1]
  }

  /// One permutation up to the last matrix: the variables that hold the last S-box outputs.
  private func permute(
    _ state: [LinearCombination], _ parameters: PoseidonParameters<Fr>
  ) -> [UInt32] {
    let template = PoseidonTemplate.rate8
    let half = PoseidonParameters<Fr>.fullRounds / 2
    let partials = PoseidonParameters<Fr>.partialRounds
    let constants = parameters.roundConstants
    enter(.hashState)
    var inputs = zip(state, constants[0]).map { element, constant in
      var input = element
      input.add(constant: constant)
      // An input occurs in three rows: from three terms on a variable of its own has fewer entries.
      return input.terms.count <= 2
        ? input
        : LinearCombination(materialisedState(input))
    }
    for round in 1...half {
      inputs = fullRound(inputs, next: constants[round], parameters, template)
    }
    inputs = partialRounds(inputs, parameters, template)
    for round in half + partials + 1..<constants.count {
      inputs = fullRound(inputs, next: constants[round], parameters, template)
    }
    enter(.sbox)
    return inputs.map { input in
      let power = power16(input)
      let output = variable(value(LinearCombination(power)) * value(input))
      enforceProduct(LinearCombination(power), input, LinearCombination(output))
      return output
    }
  }

  private func materialisedState(_ combination: LinearCombination) -> UInt32 {
    enter(.hashState)
    let result = variable(value(combination))
    enforceEqual(combination, result)
    return result
  }

  /// S-boxes on all elements, the matrix, and the constants of the next round; returns that round's inputs.
  private func fullRound(
    _ inputs: [LinearCombination], next constants: [Fr], _ parameters: PoseidonParameters<Fr>,
    _ template: PoseidonTemplate
  ) -> [LinearCombination] {
    let outputs: [Fr] = keeps.contains(.values) ? inputs.map { power17(value($0)) } : []
    enter(.sbox)
    let powers = inputs.map { $0.constantValue == nil ? power16($0) : 0 }
    let next = constants.indices.map { i in
      variable(zip(parameters.mds[i], outputs).reduce(constants[i]) { $0 + $1.0 * $1.1 })
    }
    for (i, input) in inputs.enumerated() {
      let row = template.inverse[i]
      var terms = [LinearCombination.Term(0, .zero)]
      for (j, factor) in row.enumerated() {
        terms[0].coefficient -= factor * constants[j]
        terms.append(.init(next[j], factor))
      }
      if let constant = input.constantValue {
        enter(.hashState)
        terms[0].coefficient -= power17(constant)
        enforceZero(LinearCombination(merging: terms))
        enter(.sbox)
      } else {
        enforceOutput(powers[i], input, LinearCombination(merging: terms))
      }
    }
    return next.map { LinearCombination($0) }
  }

  /// The rounds with an S-box on element 0 only; takes and returns inputs of full sets of S-boxes.
  private func partialRounds(
    _ inputs: [LinearCombination], _ parameters: PoseidonParameters<Fr>,
    _ template: PoseidonTemplate
  ) -> [LinearCombination] {
    let half = PoseidonParameters<Fr>.fullRounds / 2
    let keepsValues = keeps.contains(.values)
    var state: [Fr] = keepsValues ? inputs.map { value($0) } : []
    // All inputs are single variables here: a full round has made them.
    var basis = [UInt32(0)] + inputs.dropFirst().map { $0.terms[0].variable }
    var input = inputs[0]
    for (round, row) in template.partialOutputs.enumerated() {
      if keepsValues {
        state[0] = power17(state[0])
        let constants = parameters.roundConstants[half + round + 1]
        state = parameters.mds.indices.map { i in
          zip(parameters.mds[i], state).reduce(constants[i]) { $0 + $1.0 * $1.1 }
        }
      }
      enter(.sbox)
      let power = power16(input)
      let next = variable(state[0])
      basis.append(next)
      enforceOutput(power, input, Self.combination(row, basis))
      input = LinearCombination(next)
    }
    enter(.hashState)
    let rest = template.finalElements.enumerated().map { i, row in
      let element = variable(state[1 + i])
      enforceEqual(Self.combination(row, basis), element)
      return LinearCombination(element)
    }
    return [input] + rest
  }

  private static func combination(_ row: [Fr], _ basis: [UInt32]) -> LinearCombination {
    LinearCombination(merging: zip(basis, row).map { LinearCombination.Term($0, $1) })
  }

  /// x^16 * x = output, the long combination in C. Where C is crowded already the output gets a variable, so
  /// that one more constraint can hold the combination in A or B.
  private func enforceOutput(
    _ power: UInt32, _ input: LinearCombination, _ output: LinearCombination
  ) {
    guard resultsAreCrowded else {
      return enforce(LinearCombination(power), input, output)
    }
    let result = variable(value(output))
    enforce(LinearCombination(power), input, LinearCombination(result))
    enforceEqual(output, result)
  }

  /// The variable x^16: four squarings.
  private func power16(_ input: LinearCombination) -> UInt32 {
    var factor = input
    var result: UInt32 = 0
    for _ in 0..<4 {
      result = variable(value(factor).squared())
      enforce(factor, factor, LinearCombination(result))
      factor = LinearCombination(result)
    }
    return result
  }

  private func power17(_ x: Fr) -> Fr {
    x.squared().squared().squared().squared() * x
  }
}
