extension Int64 {
  fileprivate func clamped(to range: ClosedRange<Int64>) -> Int64 {
    Swift.min(Swift.max(self, range.lowerBound), range.upperBound)
  }
}

extension IntegerOperation {
  /// The smallest range, by interval arithmetic, that holds every result for inputs in their declared ranges.
  ///
  /// For a kind that enforces a range this is the range before the declared one is enforced.
  /// - Throws: `rangeTooWide` if a result may need more than 64 bits; `invalidGraph` if the inputs do not fit the kind.
  public static func derivedRange(
    of kind: Kind, inputs: [IntegerTensor], name: String = ""
  ) throws(CircuitError) -> ClosedRange<Int64> {
    // The entries of the maps of large models are checked where the graph is made; all else decides what is read below.
    if case .linear(let map) = kind {
      let total = inputs.reduce(0) { $0 + $1.count }
      guard map.inputCount == total else {
        throw .invalidGraph(place: name, reason: "the map does not fit \(total) input elements")
      }
    } else if case .failure(let mismatch) = kind.outputCount(inputs: inputs) {
      throw .invalidGraph(place: name, reason: mismatch.reason)
    }
    let ranges = inputs.map { Interval($0.range) }
    let interval: Interval
    switch kind {
    case .linear(let map):
      interval = linearRange(map, inputs: inputs)
    case .rescale(let shift):
      let range = inputs[0].range
      interval = Interval(rescaled(range.lowerBound, shift)...rescaled(range.upperBound, shift))
    case .divide(let divisor, let rounding):
      interval = quotientRange(ranges[0], by: divisor...divisor, shift: 0, rounding)
    case .quotient(let shift, let rounding):
      interval = quotientRange(ranges[0], by: inputs[1].range, shift: shift, rounding)
    case .squareRoot:
      interval = Interval(
        lowest: Int128(squareRoot(inputs[0].range.lowerBound)),
        highest: Int128(squareRoot(inputs[0].range.upperBound)))
    case .absolute:
      let (low, high) = (ranges[0].lowest, ranges[0].highest)
      interval = Interval(lowest: max(0, low, -high), highest: max(-low, high))
    case .clamp(let range):
      interval = Interval(
        inputs[0].range.lowerBound.clamped(
          to: range)...inputs[0].range.upperBound
          .clamped(to: range))
    case .isNegative:
      interval = Interval(
        lowest: ranges[0].highest < 0 ? 1 : 0, highest: ranges[0].lowest < 0 ? 1 : 0)
    case .isZero:
      let zero = Interval(lowest: 0, highest: 0)
      interval = Interval(
        lowest: ranges[0] == zero ? 1 : 0, highest: inputs[0].range.contains(0) ? 1 : 0)
    case .select:
      interval = ranges[1].union(ranges[2])
    case .bitwise(let operation):
      interval = bitwiseRange(operation, inputs[0].range, inputs[1].range)
    case .bitLength:
      interval = Interval(
        lowest: Int128(bitLength(inputs[0].range.lowerBound)),
        highest: Int128(bitLength(inputs[0].range.upperBound)))
    case .table(let table):
      let values = table.values(over: inputs[0].range)
      interval = Interval(lowest: Int128(values.min()!), highest: Int128(values.max()!))
    case .interpolate(let table):
      interval = Interval(table, over: inputs[0].range)
    case .gather:
      interval = ranges[0]
    case .oneHot(let depth):
      interval = Interval(lowest: depth == 1 ? 1 : 0, highest: 1)
    case .relu:
      interval = Interval(lowest: max(0, ranges[0].lowest), highest: max(0, ranges[0].highest))
    case .product:
      interval = ranges[0] * ranges[1]
    case .matmul(_, _, let k, _):
      interval = (ranges[0] * ranges[1]).times(Int128(k))
    case .maximum:
      interval = ranges[0]
    case .distance:
      interval = Interval(lowest: 0, highest: ranges[0].highest - ranges[0].lowest)
    case .argmax(let groups, _), .order(let groups, _, _):
      let longest = groups.map(\.count).max() ?? 1
      interval = Interval(lowest: 0, highest: Int128(longest - 1))
    }
    guard let range = interval.words else {
      let (lowest, highest) =
        interval.isLost
        ? ("-2^127", "2^127") : ("\(interval.lowest)", "\(interval.highest)")
      throw .rangeTooWide(operation: name, lowest: lowest, highest: highest, declared: nil)
    }
    return range
  }

  /// floor((x + 2^(shift-1)) / 2^shift), without overflow.
  @inline(__always)
  package static func rescaled(_ value: Int64, _ shift: Int) -> Int64 {
    shift == 0 ? value : (value >> Int64(shift)) + ((value >> Int64(shift - 1)) & 1)
  }

  /// floor(sqrt(value)) for a value that is not negative.
  package static func squareRoot(_ value: Int64) -> Int64 {
    // A Double has fewer than 63 bits, so the estimate may be off; squares fit 64 unsigned bits.
    var root = UInt64(Double(value).squareRoot())
    while root * root > UInt64(value) { root -= 1 }
    while (root + 1) * (root + 1) <= UInt64(value) { root += 1 }
    return Int64(root)
  }

  /// Bits of the shortest binary form of a value that is not negative.
  package static func bitLength(_ value: Int64) -> Int64 {
    Int64(64 - value.leadingZeroBitCount)
  }

  /// Quotients rise with the numerator, and rise or fall with the divisor: the extremes are at corners.
  private static func quotientRange(
    _ numerator: Interval, by divisor: ClosedRange<Int64>, shift: Int, _ rounding: Rounding
  ) -> Interval {
    func corner(_ value: Int128, _ divisor: Int64) -> Int128 {
      rounding.quotient(value << Int128(shift), Int128(divisor))
    }
    let lowest = min(
      corner(numerator.lowest, divisor.lowerBound), corner(numerator.lowest, divisor.upperBound))
    let highest = max(
      corner(numerator.highest, divisor.lowerBound), corner(numerator.highest, divisor.upperBound))
    return Interval(lowest: lowest, highest: highest)
  }

  private static func bitwiseRange(
    _ operation: BitOperation, _ a: ClosedRange<Int64>, _ b: ClosedRange<Int64>
  ) -> Interval {
    let mask = (Int128(1) << Int128(bitLength(max(a.upperBound, b.upperBound)))) - 1
    switch operation {
    case .and: return Interval(lowest: 0, highest: Int128(min(a.upperBound, b.upperBound)))
    case .or: return Interval(lowest: Int128(max(a.lowerBound, b.lowerBound)), highest: mask)
    case .xor: return Interval(lowest: 0, highest: mask)
    }
  }

  private static func linearRange(_ map: LinearMap, inputs: [IntegerTensor]) -> Interval {
    // Columns ascend inside a row, so one pass over the inputs finds the tensor of each; nothing is allocated that
    // grows with a tensor's declared size.
    var ends = [Int]()
    for tensor in inputs { ends.append((ends.last ?? 0) + tensor.count) }
    let ranges = inputs.map { Interval($0.range) }
    var hull: Interval?
    for row in 0..<map.outputCount {
      var sum = Interval(lowest: Int128(map.biases[row]), highest: Int128(map.biases[row]))
      var tensor = 0
      for entry in map.rowStarts[row]..<map.rowStarts[row + 1] {
        while Int(map.columns[entry]) >= ends[tensor] { tensor += 1 }
        sum = sum + ranges[tensor].scaled(by: map.coefficients[entry])
      }
      hull = hull?.union(sum) ?? sum
    }
    return hull ?? Interval(lowest: 0, highest: 0)
  }
}

/// A range of integers, or the knowledge that it exceeds 127 bits: a sum that has left them once never comes back.
private struct Interval: Equatable {
  var lowest: Int128
  var highest: Int128
  /// Whether bounds were lost on the way; the others then say nothing.
  private(set) var isLost = false

  /// What is left of a range that no 128 bits hold.
  static let lost = {
    var interval = Interval(lowest: .min, highest: .max)
    interval.isLost = true
    return interval
  }()

  init(_ range: ClosedRange<Int64>) {
    lowest = Int128(range.lowerBound)
    highest = Int128(range.upperBound)
  }

  init(lowest: Int128, highest: Int128) {
    self.lowest = lowest
    self.highest = highest
  }

  /// The range, if it fits 64 bits.
  var words: ClosedRange<Int64>? {
    guard !isLost, let low = Int64(exactly: lowest), let high = Int64(exactly: highest) else {
      return nil
    }
    return low...high
  }

  /// Products of two 64-bit ranges always fit 128 bits.
  static func * (a: Interval, b: Interval) -> Interval {
    let corners = [
      a.times(b.lowest), a.times(b.highest), b.times(a.lowest), b.times(a.highest),
    ]
    return corners.dropFirst().reduce(corners[0]) { $0.union($1) }
  }

  /// The interval times an integer.
  func times(_ factor: Int128) -> Interval {
    let (a, aOverflows) = lowest.multipliedReportingOverflow(by: factor)
    let (b, bOverflows) = highest.multipliedReportingOverflow(by: factor)
    if isLost || aOverflows || bOverflows { return .lost }
    return Interval(lowest: min(a, b), highest: max(a, b))
  }

  /// 64-bit bounds, as those of a tensor, times a 64-bit factor always fit 128 bits.
  func scaled(by factor: Int64) -> Interval {
    let (a, b) = (lowest * Int128(factor), highest * Int128(factor))
    return factor < 0 ? Interval(lowest: b, highest: a) : Interval(lowest: a, highest: b)
  }

  static func + (a: Interval, b: Interval) -> Interval {
    let (low, lowOverflows) = a.lowest.addingReportingOverflow(b.lowest)
    let (high, highOverflows) = a.highest.addingReportingOverflow(b.highest)
    if a.isLost || b.isLost || lowOverflows || highOverflows { return .lost }
    return Interval(lowest: low, highest: high)
  }

  func union(_ other: Interval) -> Interval {
    if isLost || other.isLost { return .lost }
    return Interval(lowest: min(lowest, other.lowest), highest: max(highest, other.highest))
  }
}

extension Interval {
  /// Values of a segment table over arguments inside it; the smallest interval for linear segments.
  init(_ table: SegmentTable, over range: ClosedRange<Int64>) {
    let (start, end) = (range.lowerBound &- table.lowest, range.upperBound &- table.lowest)
    var hull: Interval?
    for segment in Int(start >> Int64(table.lowBits))...Int(end >> Int64(table.lowBits)) {
      let base = Int64(segment) << Int64(table.lowBits)
      let last = base + (1 << Int64(table.lowBits)) - 1
      let places = [max(start, base) - base, min(end, last) - base]
      let intercept = Int128(table.intercepts[segment])
      let values: Interval
      if table.isCurved {
        // Slopes rise or fall inside the segment: slope and place are taken apart.
        let bends = Interval(
          lowest: Int128(places[0] >> Int64(table.coarseBits)),
          highest: Int128(places[1] >> Int64(table.coarseBits))
        ).times(Int128(table.curvatures[segment]))
        let slope = Int128(table.slopes[segment])
        let slopes = bends + Interval(lowest: slope, highest: slope)
        values = slopes * Interval(lowest: Int128(places[0]), highest: Int128(places[1]))
      } else {
        values = Interval(lowest: Int128(places[0]), highest: Int128(places[1])).times(
          Int128(table.slopes[segment]))
      }
      let sum = values + Interval(lowest: intercept, highest: intercept)
      hull = hull?.union(sum) ?? sum
    }
    self = hull ?? .lost
  }
}
