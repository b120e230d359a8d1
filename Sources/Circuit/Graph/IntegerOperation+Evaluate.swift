extension IntegerOperation.Kind {
  /// The output elements for these inputs, which must lie in ranges that the graph was validated for.
  ///
  /// Sums and products wrap around 2^64 on the way; validation proves by interval arithmetic that each final result
  /// fits 64 bits for inputs in their ranges, so the wrapped result is the true one. A quotient whose exact result
  /// does not fit saturates, and is then found outside its declared range.
  package func evaluate(_ inputs: [[Int64]]) -> [Int64] {
    let x = inputs[0]
    switch self {
    case .linear(let map):
      return map.apply(to: inputs.count == 1 ? x : Array(inputs.joined()))
    case .rescale(let shift):
      return x.map { IntegerOperation.rescaled($0, shift) }
    case .divide(let divisor, let rounding):
      return x.map { Int64(clamping: rounding.quotient(Int128($0), Int128(divisor))) }
    case .quotient(let shift, let rounding):
      return zip(x, inputs[1]).map { numerator, divisor in
        Int64(clamping: rounding.quotient(Int128(numerator) << Int128(shift), Int128(divisor)))
      }
    case .squareRoot:
      return x.map { IntegerOperation.squareRoot($0) }
    case .relu:
      return x.map { max($0, 0) }
    case .absolute:
      return x.map { abs($0) }
    case .clamp(let range):
      return x.map { min(max($0, range.lowerBound), range.upperBound) }
    case .isNegative:
      return x.map { $0 < 0 ? 1 : 0 }
    case .isZero:
      return x.map { $0 == 0 ? 1 : 0 }
    case .select:
      return x.indices.map { x[$0] == 1 ? inputs[1][$0] : inputs[2][$0] }
    case .product:
      return zip(x, inputs[1]).map { $0 &* $1 }
    case .matmul(let batch, let m, let k, let n):
      return Self.multiply(x, inputs[1], batch: batch, m: m, k: k, n: n)
    case .bitwise(let operation):
      return zip(x, inputs[1]).map { a, b in
        switch operation {
        case .and: a & b
        case .or: a | b
        case .xor: a ^ b
        }
      }
    case .bitLength:
      return x.map { IntegerOperation.bitLength($0) }
    case .table(let table):
      return x.map { table[$0] }
    case .interpolate(let table):
      return x.map { table[$0] }
    case .gather(let picks):
      return picks.map { x[$0.element(Int(inputs[1][$0.index]))] }
    case .oneHot(let depth):
      return x.flatMap { value in (0..<Int64(depth)).map { $0 == value ? 1 : 0 } }
    case .maximum(let windows):
      return windows.map { window in window.reduce(Int64.min) { max($0, x[$1]) } }
    case .distance(let groups):
      return groups.flatMap { group in
        let largest = group.reduce(Int64.min) { max($0, x[$1]) }
        return group.map { largest &- x[$0] }
      }
    case .argmax(let groups, let last):
      return groups.map { group in
        var best = 0
        for place in group.indices.dropFirst() {
          let (candidate, champion) = (x[group[place]], x[group[best]])
          if candidate > champion || (last && candidate == champion) { best = place }
        }
        return Int64(best)
      }
    case .order(let groups, let count, let descending):
      return groups.flatMap { group in
        Self.order(group.map { x[$0] }, descending: descending).prefix(count).map { Int64($0) }
      }
    }
  }

  /// Places of the values in order; of equal ones the first comes first.
  static func order(_ values: [Int64], descending: Bool) -> [Int] {
    values.indices.sorted { a, b in
      let (first, second) = descending ? (values[b], values[a]) : (values[a], values[b])
      return first < second || (first == second && a < b)
    }
  }

  private static func multiply(
    _ a: [Int64], _ b: [Int64], batch: Int, m: Int, k: Int, n: Int
  ) -> [Int64] {
    var out = [Int64](repeating: 0, count: batch * m * n)
    for matrix in 0..<batch {
      for row in 0..<m {
        for inner in 0..<k {
          let factor = a[(matrix * m + row) * k + inner]
          for column in 0..<n {
            out[(matrix * m + row) * n + column] &+= factor &* b[(matrix * k + inner) * n + column]
          }
        }
      }
    }
    return out
  }
}

extension LinearMap {
  /// M * input + bias modulo 2^64.
  func apply(to input: [Int64]) -> [Int64] {
    var out = biases
    for row in out.indices {
      var sum = out[row]
      for entry in rowStarts[row]..<rowStarts[row + 1] {
        sum &+= coefficients[entry] &* input[Int(columns[entry])]
      }
      out[row] = sum
    }
    return out
  }
}
