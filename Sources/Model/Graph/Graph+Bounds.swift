/// What is known of all results of a step before the model is run.
extension Graph.Kind {
  /// Whether all results are integers, for inputs of which that much is known.
  func isInteger(of inputs: [Graph.Value]) -> Bool {
    switch self {
    case .constant(let numbers): numbers.allSatisfy { $0 == $0.rounded() }
    case .integers, .wrap, .special: true
    case .confine: inputs[0].isInteger
    case .affine(let map):
      inputs.allSatisfy(\.isInteger) && map.coefficients.allSatisfy { $0 == $0.rounded() }
        && map.biases.allSatisfy { $0 == $0.rounded() }
    case .relu, .absolute, .product, .matmul, .maximum, .distance:
      inputs.allSatisfy(\.isInteger)
    case .gather: inputs[0].isInteger
    case .clamp(let low, let high):
      inputs[0].isInteger && low == low.rounded() && high == high.rounded()
    case .function(let function): function.isInteger
    case .quotient(let rounding): rounding != .exact
    case .select: inputs[1].isInteger && inputs[2].isInteger
    case .compare, .bitwise, .argmax, .order, .oneHot: true
    }
  }

  /// Whether no result is negative, for inputs of which that much is known.
  func isNonnegative(of inputs: [Graph.Value]) -> Bool {
    switch self {
    case .constant(let numbers): numbers.allSatisfy { $0 >= 0 }
    case .integers(let numbers): numbers.allSatisfy { $0 >= 0 }
    case .wrap(let type): type.bounds.map { $0.lowerBound >= 0 } ?? false
    case .confine(let range): range.lowerBound >= 0 || inputs[0].isNonnegative
    case .affine(let map):
      inputs.allSatisfy(\.isNonnegative) && map.coefficients.allSatisfy { $0 >= 0 }
        && map.biases.allSatisfy { $0 >= 0 }
    case .product, .matmul, .maximum, .quotient: inputs.allSatisfy(\.isNonnegative)
    case .gather: inputs[0].isNonnegative
    case .clamp(let low, let high): low >= 0 || (inputs[0].isNonnegative && high >= 0)
    case .function(let function): function.isNonnegative
    case .select: inputs[1].isNonnegative && inputs[2].isNonnegative
    case .relu, .absolute, .distance, .compare, .bitwise, .argmax, .order, .oneHot, .special: true
    }
  }

  /// Where all results lie, for inputs of which that much is known; nil where it is not known, or beyond 128 bits.
  func bounds(of inputs: [Graph.Value]) -> ClosedRange<Int128>? {
    let ranges = inputs.map(\.bounds)
    switch self {
    case .constant(let numbers): return Self.bounds(of: numbers)
    case .integers(let numbers): return numbers.min().map { $0...numbers.max()! }
    case .wrap(let type):
      guard let bounds = type.bounds, let own = ranges[0], bounds.contains(own) else {
        return type.bounds
      }
      return own
    case .confine(let range):
      return ranges[0].flatMap { $0.overlaps(range) ? $0.clamped(to: range) : nil } ?? range
    case .affine(let map): return Self.bounds(map, inputs)
    case .special: return 0...1
    case .relu: return ranges[0].map { max($0.lowerBound, 0)...max($0.upperBound, 0) }
    case .absolute:
      return ranges[0].flatMap { range in
        let (low, overflow) = Int128(0).subtractingReportingOverflow(range.lowerBound)
        return overflow ? nil : 0...max(low, range.upperBound, 0)
      }
    case .clamp(let low, let high):
      let limits = Self.bounds(of: [low, high])
      return ranges[0].flatMap { own in limits.map { own.clamped(to: $0) } } ?? limits
    case .function(let function): return function.isInteger ? ranges[0] : nil
    case .product:
      guard let a = ranges[0], let b = ranges[1] else { return nil }
      return Self.product(a, b)
    case .quotient(let rounding):
      guard rounding != .exact, let a = ranges[0], inputs[1].isInteger else { return nil }
      let largest = max(a.upperBound, 0 &- a.lowerBound)
      return largest < 0 ? nil : -largest - 1...largest
    case .compare, .oneHot: return 0...1
    case .select:
      guard let a = ranges[1], let b = ranges[2] else { return nil }
      return min(a.lowerBound, b.lowerBound)...max(a.upperBound, b.upperBound)
    case .bitwise(_, let bits): return 0...(Int128(1) << Int128(bits)) - 1
    case .matmul(_, _, let k, _):
      guard let a = ranges[0], let b = ranges[1], let product = Self.product(a, b) else {
        return nil
      }
      return Self.product(product, Int128(min(k, 1))...Int128(k))
    case .maximum, .gather: return ranges[0]
    case .distance:
      return ranges[0].flatMap { range in
        let (width, overflow) = range.upperBound.subtractingReportingOverflow(range.lowerBound)
        return overflow ? nil : 0...width
      }
    case .argmax(let groups, _), .order(let groups, _):
      return 0...Int128(max(1, groups.map(\.count).max() ?? 1) - 1)
    }
  }

  /// The whole numbers around reals.
  private static func bounds(of numbers: [Double]) -> ClosedRange<Int128>? {
    guard let low = numbers.min(), let high = numbers.max(),
      let lowest = Int128(whole: low.rounded(.down)),
      let highest = Int128(whole: high.rounded(.up))
    else { return nil }
    return lowest...highest
  }

  private static func product(
    _ a: ClosedRange<Int128>, _ b: ClosedRange<Int128>
  ) -> ClosedRange<Int128>? {
    var corners: [Int128] = []
    for (x, y) in [
      (a.lowerBound, b.lowerBound), (a.lowerBound, b.upperBound), (a.upperBound, b.lowerBound),
      (a.upperBound, b.upperBound),
    ] {
      let (corner, overflow) = x.multipliedReportingOverflow(by: y)
      if overflow { return nil }
      corners.append(corner)
    }
    return corners.min()!...corners.max()!
  }

  /// The union of all rows' intervals, for whole coefficients.
  private static func bounds(
    _ map: RealMap, _ inputs: [Graph.Value]
  ) -> ClosedRange<Int128>? {
    var ends: [Int] = []
    for input in inputs {
      guard input.bounds != nil else { return nil }
      ends.append((ends.last ?? 0) + input.count)
    }
    var all: ClosedRange<Int128>?
    // Rows of one list that read one input have one sum.
    var known: [Int: ClosedRange<Int128>] = [:]
    for row in 0..<map.outputCount {
      let key = map.matrix.listAndTensor(row, endingAt: ends)
      guard let bias = Int128(whole: map.biases[row]),
        let sum = key.flatMap({ known[$0] }) ?? bounds(map, row, inputs, ends)
      else { return nil }
      if let key { known[key] = sum }
      let (low, under) = sum.lowerBound.addingReportingOverflow(bias)
      let (high, over) = sum.upperBound.addingReportingOverflow(bias)
      if under || over { return nil }
      all = all.map { min($0.lowerBound, low)...max($0.upperBound, high) } ?? low...high
    }
    return all
  }

  /// The interval of one row without its constant term.
  private static func bounds(
    _ map: RealMap, _ row: Int, _ inputs: [Graph.Value], _ ends: [Int]
  ) -> ClosedRange<Int128>? {
    var (low, high) = (Int128(0), Int128(0))
    var index = 0
    for (column, coefficient, _) in map.entries(row) {
      while column >= ends[index] { index += 1 }
      guard let factor = Int128(whole: coefficient),
        let part = product(inputs[index].bounds!, factor...factor)
      else { return nil }
      let (lower, under) = low.addingReportingOverflow(part.lowerBound)
      let (upper, over) = high.addingReportingOverflow(part.upperBound)
      if under || over { return nil }
      (low, high) = (lower, upper)
    }
    return low...high
  }
}
