extension LinearMap {
  /// Where all results lie, for inputs in their ranges.
  ///
  /// Rows of one list of coefficients that read one tensor only have one sum, which is made once.
  func range(of inputs: [IntegerTensor]) -> Interval {
    // Nothing is allocated that grows with a tensor's declared size.
    var ends = [Int]()
    for tensor in inputs { ends.append((ends.last ?? 0) + tensor.count) }
    var known: [Int: Sum] = [:]
    var hull: Interval?
    var words: Words?
    var last: (key: Int, sum: Sum)?
    for row in 0..<outputCount {
      let sum: Sum
      if let key = matrix.listAndTensor(row, endingAt: ends) {
        if let last, last.key == key {
          sum = last.sum
        } else {
          sum = known[key] ?? self.sum(row, inputs, ends)
          known[key] = sum
          last = (key, sum)
        }
      } else {
        sum = self.sum(row, inputs, ends)
      }
      if let own = sum.words?.adding(biases[row]) {
        words = words?.union(own) ?? own
      } else {
        let bias = Int128(biases[row])
        let own = Interval(lowest: bias, highest: bias) + (sum.wide ?? wideSum(row, inputs, ends))
        hull = hull?.union(own) ?? own
      }
    }
    if let words {
      let range = Interval(lowest: Int128(words.lowest), highest: Int128(words.highest))
      hull = hull?.union(range) ?? range
    }
    return hull ?? Interval(lowest: 0, highest: 0)
  }

  /// A range in 64 bits.
  private struct Words {
    var lowest: Int64
    var highest: Int64

    func adding(_ bias: Int64) -> Words? {
      let (lowest, under) = lowest.addingReportingOverflow(bias)
      let (highest, over) = highest.addingReportingOverflow(bias)
      return under || over ? nil : Words(lowest: lowest, highest: highest)
    }

    func union(_ other: Words) -> Words {
      Words(lowest: min(lowest, other.lowest), highest: max(highest, other.highest))
    }
  }

  /// The range of a row without its constant term: in 64 bits, if these hold it and every sum on the way.
  private struct Sum {
    var words: Words?
    var wide: Interval?
  }

  private func sum(_ row: Int, _ inputs: [IntegerTensor], _ ends: [Int]) -> Sum {
    if let words = sumInWords(row, inputs, ends) { return Sum(words: words) }
    return Sum(wide: wideSum(row, inputs, ends))
  }

  private func wideSum(_ row: Int, _ inputs: [IntegerTensor], _ ends: [Int]) -> Interval {
    var sum = Interval(lowest: 0, highest: 0)
    var tensor = 0
    for entry in entries(row) {
      while entry.column >= ends[tensor] { tensor += 1 }
      sum = sum + Interval(inputs[tensor].range).scaled(by: entry.coefficient)
    }
    return sum
  }

  private func sumInWords(_ row: Int, _ inputs: [IntegerTensor], _ ends: [Int]) -> Words? {
    var (lowest, highest, overflows) = (Int64(0), Int64(0), false)
    var tensor = 0
    var (lower, upper) = inputs.first.map { ($0.range.lowerBound, $0.range.upperBound) } ?? (0, 0)
    for (column, factor, _) in entries(row) {
      while column >= ends[tensor] {
        tensor += 1
        (lower, upper) = (inputs[tensor].range.lowerBound, inputs[tensor].range.upperBound)
      }
      let (a, aOverflows) = lower.multipliedReportingOverflow(by: factor)
      let (b, bOverflows) = upper.multipliedReportingOverflow(by: factor)
      let (low, lowOverflows) = lowest.addingReportingOverflow(factor < 0 ? b : a)
      let (high, highOverflows) = highest.addingReportingOverflow(factor < 0 ? a : b)
      overflows = overflows || aOverflows || bOverflows || lowOverflows || highOverflows
      (lowest, highest) = (low, high)
    }
    return overflows ? nil : Words(lowest: lowest, highest: highest)
  }
}
