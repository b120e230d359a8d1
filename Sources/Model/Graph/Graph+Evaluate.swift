extension Graph {
  /// The value of every tensor: the reference that quantisation is compared with.
  ///
  /// Integers are exact and wrap at their width; what an operator makes is rounded to its float type, and parts of operators
  /// are computed in double precision. Undefined results (a logarithm of a negative number, a place outside its dimension)
  /// are not a number.
  /// - Precondition: the inputs fit the graph's inputs in number and element counts.
  func evaluate(_ inputs: [Numbers]) -> [Numbers] { evaluate(inputs, adding: [], to: nil) }

  /// The same in doubles, with errors added to the result of one step.
  ///
  /// - Parameters:
  ///   - errors: what is added to the result of one step.
  ///   - disturbed: that step.
  func evaluate(
    _ inputs: [[Double]], adding errors: [Double] = [], to disturbed: Int? = nil
  ) -> [[Double]] {
    evaluate(inputs.map(Numbers.reals), adding: errors, to: disturbed).map(\.reals)
  }

  private func evaluate(
    _ inputs: [Numbers], adding errors: [Double], to disturbed: Int?
  ) -> [Numbers] {
    precondition(inputs.count == self.inputs.count)
    var results = [Numbers](repeating: .reals([]), count: values.count)
    for (value, list) in zip(self.inputs, inputs) {
      precondition(list.count == values[value].count)
      results[value] = list.held(as: values[value].type, rounding: true)
    }
    for (index, step) in steps.enumerated() {
      let value = values[step.output]
      var result = step.kind.evaluate(step.inputs.map { results[$0] }, type: value.type)
      if index == disturbed { result = .reals(zip(result.reals, errors).map { $0 + $1 }) }
      results[step.output] = result.held(as: value.type, rounding: value.isResult)
    }
    return results
  }
}

extension Graph.Kind {
  /// The result for tensors of a type: of integers where it is of an integer type and the inputs are whole numbers.
  func evaluate(_ inputs: [Numbers], type: ElementType) -> Numbers {
    if type.isInteger, isIntegral {
      let whole = inputs.compactMap(\.integers)
      if whole.count == inputs.count, let result = evaluate(integers: whole) {
        return .integers(result)
      }
    }
    return .reals(evaluate(inputs.map(\.reals)))
  }

  func evaluate(_ inputs: [[Double]]) -> [Double] {
    switch self {
    case .constant(let numbers):
      return numbers
    case .integers(let numbers):
      return numbers.map { Double($0) }
    case .wrap(let type):
      return inputs[0].map { number in
        Int128(whole: number).map { Double(type.wrapped($0)) } ?? .nan
      }
    case .confine(let range):
      return inputs[0].map { number in
        number >= Double(range.lowerBound) && number <= Double(range.upperBound) ? number : .nan
      }
    case .special(let special):
      return inputs[0].map { special.matches($0) ? 1 : 0 }
    case .affine(let map):
      return map.apply(to: inputs.count == 1 ? inputs[0] : Array(inputs.joined()))
    case .relu:
      return inputs[0].map { $0 < 0 ? 0 : $0 }
    case .absolute:
      return inputs[0].map { abs($0) }
    case .clamp(let low, let high):
      return inputs[0].map { $0 < low ? low : $0 > high ? high : $0 }
    case .function(let function):
      return inputs[0].map { function($0) }
    case .product:
      return zip(inputs[0], inputs[1]).map { $0 * $1 }
    case .quotient(let rounding):
      return zip(inputs[0], inputs[1]).map { rounding.divide($0, $1) }
    case .compare(.less):
      return zip(inputs[0], inputs[1]).map { $0 < $1 ? 1 : 0 }
    case .compare(.equal):
      return zip(inputs[0], inputs[1]).map { $0 == $1 ? 1 : 0 }
    case .select:
      return inputs[0].indices.map { inputs[0][$0] != 0 ? inputs[1][$0] : inputs[2][$0] }
    case .bitwise(let operation, let bits):
      return zip(inputs[0], inputs[1]).map { operation.combine($0, $1, bits: bits) }
    case .matmul(let batch, let m, let k, let n):
      return Self.multiply(inputs[0], inputs[1], batch: batch, m: m, k: k, n: n)
    case .maximum(let windows):
      return windows.map { window in window.reduce(-.infinity) { max($0, inputs[0][$1]) } }
    case .distance(let groups):
      return groups.flatMap { group in
        let largest = group.reduce(-.infinity) { max($0, inputs[0][$1]) }
        return group.map { largest - inputs[0][$0] }
      }
    case .argmax(let groups, let last):
      return groups.map { Double(Graph.place(ofLargest: inputs[0], in: $0, last: last)) }
    case .order(let groups, let count):
      return groups.flatMap { Graph.places(inputs[0], in: $0).prefix(count).map { Double($0) } }
    case .gather(let picks):
      return picks.map { pick in
        let place = inputs[1][pick.index]
        guard place >= 0, place < Double(pick.count) else { return .nan }
        return inputs[0][pick.start + pick.stride * Int(place)]
      }
    case .oneHot(let size):
      return inputs[0].flatMap { place in
        let isInside = place >= 0 && place < Double(size)
        return (0..<size).map { isInside ? (Double($0) == place ? 1 : 0) : .nan }
      }
    }
  }

  private static func multiply(
    _ a: [Double], _ b: [Double], batch: Int, m: Int, k: Int, n: Int
  ) -> [Double] {
    var out = [Double](repeating: 0, count: batch * m * n)
    for matrix in 0..<batch {
      for row in 0..<m {
        for inner in 0..<k {
          let factor = a[(matrix * m + row) * k + inner]
          guard factor != 0 else { continue }
          for column in 0..<n {
            out[(matrix * m + row) * n + column] += factor * b[(matrix * k + inner) * n + column]
          }
        }
      }
    }
    return out
  }
}

extension Graph.Quotient {
  /// The quotient, rounded as the case says.
  func divide(_ a: Double, _ b: Double) -> Double {
    switch self {
    case .exact: a / b
    case .floored: (a / b).rounded(.down)
    case .truncated: (a / b).rounded(.towardZero)
    }
  }
}

extension Graph.Bitwise {
  /// The combination of two integers; not a number unless both are in 0 ..< 2^bits.
  func combine(_ a: Double, _ b: Double, bits: Int) -> Double {
    guard let a = UInt64(exactly: a), let b = UInt64(exactly: b), (a | b) >> UInt64(bits) == 0
    else { return .nan }
    return switch self {
    case .and: Double(a & b)
    case .or: Double(a | b)
    case .xor: Double(a ^ b)
    }
  }
}

extension Graph {
  /// The place in a group of its largest element; of equal ones the first, or the last.
  static func place<Number: Comparable>(
    ofLargest numbers: [Number], in group: [Int], last: Bool
  ) -> Int {
    var best = 0
    for place in group.indices.dropFirst() {
      let (candidate, champion) = (numbers[group[place]], numbers[group[best]])
      if candidate > champion || (last && candidate == champion) { best = place }
    }
    return best
  }

  /// The places in a group in descending order of its elements, equal ones as they stand.
  static func places<Number: Comparable>(_ numbers: [Number], in group: [Int]) -> [Int] {
    group.indices.sorted {
      let (a, b) = (numbers[group[$0]], numbers[group[$1]])
      return a > b || (a == b && $0 < $1)
    }
  }
}
