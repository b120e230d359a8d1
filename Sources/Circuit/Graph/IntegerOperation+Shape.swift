extension IntegerOperation.Kind {
  /// Why the inputs of an operation do not fit it.
  struct Mismatch: Error {
    var reason: String
  }

  /// Number of output elements for these inputs, or what is wrong with their sizes, their ranges or the constants.
  func outputCount(inputs: [IntegerTensor]) -> Result<Int, Mismatch> {
    let counts = inputs.map(\.count)
    func checked(_ condition: Bool, _ reason: @autoclosure () -> String, _ count: Int)
      -> Result<Int, Mismatch>
    {
      condition ? .success(count) : .failure(Mismatch(reason: reason()))
    }
    func within(_ input: Int, _ domain: ClosedRange<Int64>?, _ reason: String)
      -> Result<Int, Mismatch>
    {
      checked(domain?.covers(inputs[input].range) ?? false, reason, counts[0])
    }
    if isElementwise, let other = counts.first(where: { $0 != counts[0] }) {
      return .failure(Mismatch(reason: "inputs have \(counts[0]) and \(other) elements"))
    }
    switch self {
    case .linear(let map):
      let total = counts.reduce(0, +)
      return checked(
        map.isValid && map.inputCount == total, "the map does not fit \(total) input elements",
        map.outputCount)
    case .rescale(let shift):
      return checked((0...62).contains(shift), "the shift \(shift) is outside 0...62", counts[0])
    case .divide(let divisor, _):
      return checked(divisor >= 1, "the divisor \(divisor) is not positive", counts[0])
    case .quotient(let shift, _):
      return checked(
        (0...62).contains(shift) && inputs[1].range.lowerBound >= 1,
        "the shift \(shift) is outside 0...62, or the divisor may not be positive", counts[0])
    case .squareRoot, .bitLength:
      return within(0, 0...Int64.max, "the input may be negative")
    case .relu, .isNegative, .isZero, .product, .clamp:
      return .success(counts[0])
    case .absolute:
      return within(0, -Int64.max...Int64.max, "the input may be -2^63")
    case .select:
      return within(0, 0...1, "the condition may be other than 0 and 1")
    case .bitwise:
      return checked(
        inputs.allSatisfy { $0.range.lowerBound >= 0 }, "an input may be negative", counts[0])
    case .table(let table):
      return within(0, table.domain, "the table does not cover its input")
    case .interpolate(let table):
      return within(0, table.domain, "the table does not cover its input")
    case .matmul(let batch, let m, let k, let n):
      let sizes = [batch, m, k, n]
      guard sizes.allSatisfy({ (1...1 << 15).contains($0) }) else {
        return .failure(Mismatch(reason: "a matrix size is outside 1...\(1 << 15)"))
      }
      return checked(
        counts[0] == batch * m * k && counts[1] == batch * k * n,
        "factors have \(counts[0]) and \(counts[1]) elements, not \(batch * m * k) and "
          + "\(batch * k * n)", batch * m * n)
    case .gather(let picks):
      let range = inputs[1].range
      return checked(
        picks.allSatisfy {
          $0.fits(data: counts[0], indices: counts[1])
            && range.lowerBound >= 0 && range.upperBound < Int64($0.count)
        }, "a pick reaches outside its data, or an index outside its pick", picks.count)
    case .oneHot(let depth):
      let (count, overflow) = counts[0].multipliedReportingOverflow(by: depth)
      return checked(
        !overflow && depth >= 1 && inputs[0].range.lowerBound >= 0
          && inputs[0].range.upperBound < Int64(depth), "the input may lie outside 0..<\(depth)",
        count)
    case .maximum(let groups), .argmax(let groups, _):
      return checked(
        Self.areInside(groups, counts[0]),
        "a window is empty or reaches outside \(counts[0]) elements", groups.count)
    case .distance(let groups):
      let (total, overflow) = groups.count.multipliedReportingOverflow(
        by: groups.first?.count ?? 0)
      return checked(
        Self.areInside(groups, counts[0]) && !overflow
          && groups.allSatisfy { $0.count == groups[0].count },
        "a group has another size than the first or reaches outside \(counts[0]) elements", total)
    case .order(let groups, let count, _):
      let (total, overflow) = groups.count.multipliedReportingOverflow(by: count)
      return checked(
        Self.areInside(groups, counts[0]) && !overflow && count >= 1
          && groups.allSatisfy { count <= $0.count },
        "a group has fewer than \(count) elements or reaches outside \(counts[0])", total)
    }
  }

  private static func areInside(_ groups: [[Int]], _ count: Int) -> Bool {
    groups.allSatisfy { group in !group.isEmpty && group.allSatisfy { $0 >= 0 && $0 < count } }
  }
}
