/// Steps on integers, exactly: sums and products modulo 2^128, which every integer type of ONNX divides.
extension Graph.Kind {
  /// Whether whole inputs give whole results, so that they can be computed exactly.
  var isIntegral: Bool {
    switch self {
    case .constant(let numbers): numbers.allSatisfy(\.isWhole)
    case .affine(let map):
      map.coefficients.allSatisfy(\.isWhole) && map.biases.allSatisfy(\.isWhole)
    case .clamp(let low, let high):
      (low.isWhole || low.isInfinite) && (high.isWhole || high.isInfinite)
    case .function(let function): function.isInteger
    case .quotient(let rounding): rounding != .exact
    default: true
    }
  }

  /// The results for whole inputs; nil where one is undefined.
  ///
  /// - Precondition: the kind is integral.
  func evaluate(integers inputs: [[Int128]]) -> [Int128]? {
    let x = inputs.first ?? []
    switch self {
    case .constant(let numbers): return numbers.map { Int128($0) }
    case .integers(let numbers): return numbers
    case .wrap(let type): return x.map(type.wrapped)
    case .special: return x.map { _ in 0 }
    case .confine(let range): return x.allSatisfy(range.contains) ? x : nil
    case .affine(let map): return map.apply(to: inputs.count == 1 ? x : Array(inputs.joined()))
    case .relu: return x.map { max($0, 0) }
    case .absolute: return x.map { $0 < 0 ? 0 &- $0 : $0 }
    case .clamp(let low, let high): return x.map { $0.clamped(low, high) }
    case .function: return x
    case .product: return zip(x, inputs[1]).map { $0 &* $1 }
    case .quotient(let rounding):
      guard !inputs[1].contains(0) else { return nil }
      return zip(x, inputs[1]).map { rounding.divide($0, $1) }
    case .compare(.less): return zip(x, inputs[1]).map { $0 < $1 ? 1 : 0 }
    case .compare(.equal): return zip(x, inputs[1]).map { $0 == $1 ? 1 : 0 }
    case .select: return x.indices.map { x[$0] != 0 ? inputs[1][$0] : inputs[2][$0] }
    case .bitwise(let operation, let bits):
      let range = 0..<Int128(1) << Int128(bits)
      guard x.allSatisfy(range.contains), inputs[1].allSatisfy(range.contains) else { return nil }
      return zip(x, inputs[1]).map { operation.combine($0, $1) }
    case .matmul(let batch, let m, let k, let n):
      return Self.multiply(x, inputs[1], batch: batch, m: m, k: k, n: n)
    case .maximum(let windows):
      return windows.map { window in window.reduce(Int128.min) { max($0, x[$1]) } }
    case .distance(let groups):
      return groups.flatMap { group in
        let largest = group.reduce(Int128.min) { max($0, x[$1]) }
        return group.map { largest &- x[$0] }
      }
    case .argmax(let groups, let last):
      return groups.map { Int128(Graph.place(ofLargest: x, in: $0, last: last)) }
    case .order(let groups, let count):
      return groups.flatMap { Graph.places(x, in: $0).prefix(count).map { Int128($0) } }
    case .gather(let picks):
      var result: [Int128] = []
      result.reserveCapacity(picks.count)
      for pick in picks {
        let place = inputs[1][pick.index]
        guard place >= 0, place < Int128(pick.count) else { return nil }
        result.append(x[pick.start + pick.stride * Int(place)])
      }
      return result
    case .oneHot(let size):
      guard x.allSatisfy({ $0 >= 0 && $0 < Int128(size) }) else { return nil }
      return x.flatMap { place in (0..<size).map { Int128($0) == place ? 1 : 0 } }
    }
  }

  private static func multiply(
    _ a: [Int128], _ b: [Int128], batch: Int, m: Int, k: Int, n: Int
  ) -> [Int128] {
    // Of sums that fit 64 bits, words of that length give the same in a fraction of the time.
    func largest(_ list: [Int128]) -> UInt128 { list.reduce(0) { max($0, $1.magnitude) } }
    let (product, overflow) = largest(a).multipliedReportingOverflow(by: largest(b))
    let (sum, isTooLarge) = product.multipliedReportingOverflow(by: UInt128(k))
    if !overflow, !isTooLarge, sum <= UInt128(Int64.max) {
      let words = [a, b].map { $0.map { Int64(truncatingIfNeeded: $0) } }
      return multiply(words: words[0], words[1], batch: batch, m: m, k: k, n: n).map {
        Int128($0)
      }
    }
    return multiply(words: a, b, batch: batch, m: m, k: k, n: n)
  }

  private static func multiply<Word: FixedWidthInteger>(
    words a: [Word], _ b: [Word], batch: Int, m: Int, k: Int, n: Int
  ) -> [Word] {
    var out = [Word](repeating: 0, count: batch * m * n)
    for matrix in 0..<batch {
      for row in 0..<m {
        for inner in 0..<k {
          let factor = a[(matrix * m + row) * k + inner]
          guard factor != 0 else { continue }
          for column in 0..<n {
            out[(matrix * m + row) * n + column] &+= factor &* b[(matrix * k + inner) * n + column]
          }
        }
      }
    }
    return out
  }
}

extension RealMap {
  /// M * input + bias modulo 2^128.
  ///
  /// - Precondition: coefficients and biases are whole.
  fileprivate func apply(to input: [Int128]) -> [Int128] {
    (0..<outputCount).map { row in
      entries(row).reduce(Int128(whole: biases[row]) ?? 0) { sum, entry in
        sum &+ (Int128(whole: entry.coefficient) ?? 0) &* input[entry.column]
      }
    }
  }
}

extension Graph.Quotient {
  /// The quotient of integers, towards zero or to the next lower one; the divisor is not 0.
  func divide(_ a: Int128, _ b: Int128) -> Int128 {
    if b == -1 { return 0 &- a }
    let (quotient, rest) = a.quotientAndRemainder(dividingBy: b)
    return self == .floored && rest != 0 && (rest < 0) != (b < 0) ? quotient - 1 : quotient
  }
}

extension Graph.Bitwise {
  fileprivate func combine(_ a: Int128, _ b: Int128) -> Int128 {
    switch self {
    case .and: a & b
    case .or: a | b
    case .xor: a ^ b
    }
  }
}

extension Double {
  /// Whether it is a whole number that 128 bits hold.
  fileprivate var isWhole: Bool { self == rounded() && abs(self) < 0x1p126 }
}

extension Int128 {
  /// The nearest number between two whole or infinite bounds.
  fileprivate func clamped(_ low: Double, _ high: Double) -> Int128 {
    if low.isFinite, self < Int128(low) { return Int128(low) }
    if high.isFinite, self > Int128(high) { return Int128(high) }
    return self
  }
}
