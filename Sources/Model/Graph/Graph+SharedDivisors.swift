import Circuit

extension Graph {
  /// Divides once where many numbers have the same divisor, and multiplies by the reciprocal.
  ///
  /// A softmax divides a whole row by its sum, a normalisation by its deviation: the divisor is expanded to the shape of the
  /// numerator. A quotient costs twice the divisor's bits; a product and its rounding cost one remainder.
  func withSharedDivisors() -> Graph {
    var graph = self
    graph.steps = []
    let producers = self.producers
    for step in steps {
      guard case .quotient(.exact) = step.kind, let producer = producers[step.inputs[1]],
        case .affine(let map) = steps[producer].kind, !isConstant(step.inputs[0], producers),
        let (distinct, places) = Self.distinctRows(of: map)
      else {
        graph.steps.append(step)
        continue
      }
      graph.add(step, dividingBy: steps[producer], distinct, places)
    }
    return graph.steps.count == steps.count ? self : graph.pruned()
  }

  /// Digits that a reciprocal has beyond those of other values, because what it multiplies has errors of its own.
  private static let reciprocalBits = 3

  private mutating func add(
    _ step: Step, dividingBy source: Step, _ distinct: RealMap, _ places: [Int]
  ) {
    let count = distinct.outputCount
    let divisor = values[step.inputs[1]]
    func append(
      _ suffix: String, _ shape: [Int], _ kind: Kind, _ inputs: [ValueID], guardBits: Int = 0
    ) -> ValueID {
      values.append(
        Value(
          name: values[step.output].name + suffix, shape: shape,
          isNonnegative: divisor.isNonnegative, guardBits: guardBits))
      steps.append(
        Step(name: step.name, kind: kind, inputs: inputs, output: values.count - 1))
      return values.count - 1
    }
    let compact = append(
      ".divisor", [count], .affine(distinct), source.inputs, guardBits: Self.reciprocalBits)
    let ones = append(".one", [count], .constant([Double](repeating: 1, count: count)), [])
    let reciprocal = append(
      ".reciprocal", [count], .quotient(.exact), [ones, compact], guardBits: Self.reciprocalBits)
    let expanded = append(
      ".reciprocals", divisor.shape, .affine(.selecting(places, of: count)), [reciprocal],
      guardBits: Self.reciprocalBits)
    var product = step
    product.kind = .product
    product.inputs[1] = expanded
    steps.append(product)
  }

  private func isConstant(_ value: ValueID, _ producers: [Int?]) -> Bool {
    guard let producer = producers[value], case .constant = steps[producer].kind else {
      return false
    }
    return true
  }

  /// The different rows of a map, and for each row which of these it is; nil unless there are at most half as many.
  private static func distinctRows(of map: RealMap) -> (RealMap, [Int])? {
    struct Row: Hashable {
      var entries: SharedRows<Double>.Row
      var bias: Double
    }
    var number: [Row: Int] = [:]
    var distinct = RealMap(inputCount: map.inputCount)
    var places: [Int] = []
    for row in 0..<map.outputCount {
      let key = Row(entries: map.matrix.rows[row], bias: map.biases[row])
      if number[key] == nil {
        number[key] = number.count
        for entry in map.entries(row) { distinct.add(entry.column, entry.coefficient) }
        distinct.endRow(bias: map.biases[row])
      }
      places.append(number[key]!)
    }
    return 2 * distinct.outputCount <= map.outputCount ? (distinct, places) : nil
  }
}
