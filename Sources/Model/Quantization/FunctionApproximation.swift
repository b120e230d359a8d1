import Circuit

/// A function as a table: of all its values where there are few, else of segments that are linear.
enum FunctionApproximation {
  case values(FunctionTable)
  /// Segments, linear or quadratic, whichever is cheaper, whose values have this many more binary digits than the result.
  case segments(SegmentTable, guardBits: Int)

  /// Arguments up to which a table of all values is the cheaper one.
  private static let maximalValues = 256

  /// Different arguments have no more bits: finer than the doubles that tables are made from, and short enough for segments.
  static let argumentBits = 56
  /// Arguments themselves have no more bits, with their sign, so that the ends of segments fit 64.
  static let magnitudeBits = 62

  /// - Parameters:
  ///   - range: the integer arguments, x = integer * 2^-scaleBits; of at most `argumentBits` and `magnitudeBits`.
  ///   - domain: arguments are moved into it, so that rounding does not leave where the function is defined.
  ///   - resultBits: binary digits after the point of the result, which is right to about one unit of the last one.
  init(
    _ function: RealFunction, range: ClosedRange<Int64>, scaleBits: Int,
    domain: ClosedRange<Double>, resultBits: Int
  ) {
    let unit = Double(sign: .plus, exponent: -scaleBits, significand: 1)
    func value(_ argument: Int64) -> Double {
      let x = min(max(Double(argument) * unit, domain.lowerBound), domain.upperBound)
      let y = function(x)
      return y.isFinite ? min(max(y, -0x1p130), 0x1p130) : 0
    }
    let width = range.upperBound - range.lowerBound
    let scale = Double(sign: .plus, exponent: resultBits, significand: 1)
    if width < Int64(Self.maximalValues) {
      self = .values(
        FunctionTable(over: range) { Int64(saturating: value($0) * scale) })
      return
    }
    let bits = 64 - width.leadingZeroBitCount
    let input = IntegerTensor(name: "", shape: [1], range: range, scaleBits: scaleBits)
    var best: (segments: Segments, points: Int)?
    for isCurved in [true, false] {
      for segmentBits in (isCurved ? 1...8 : 2...12) where segmentBits < bits - (isCurved ? 2 : 0) {
        let segments = Segments(
          value, range, lowBits: bits - segmentBits, scale: scale, isCurved: isCurved)
        let cost = OperationCost(
          .interpolate(segments.table), inputs: [input], output: input, bitsAreKnown: true)
        // Six points per constraint and five thirds per entry; a rounding drops each guard bit with one and four of these.
        let constraints = cost.constraints + segments.guardBits
        let points = 6 * constraints + 5 * (cost.nonzeros + 4 * segments.guardBits) / 3
        let isExact = segments.error <= Self.tolerance
        if let found = best {
          let wasExact = found.segments.error <= Self.tolerance
          if wasExact, points >= found.points { break }
          // Where nothing is exact, as at a jump, the shortest segments are best.
          if isExact || !wasExact { best = (segments, points) }
        } else {
          best = (segments, points)
        }
        if isExact { break }
      }
    }
    let segments = best!.segments
    self = .segments(segments.table, guardBits: segments.guardBits)
  }

  /// Largest distance from the function, in units of the result's last digit: less than a half, so that what is never
  /// negative is not rounded to a negative number.
  private static let tolerance = 0.45
}

/// A function over segments of equal length: by chords, moved to halve their largest distance from it, or by parabolas
/// through three of its points.
private struct Segments {
  var table: SegmentTable
  var guardBits: Int
  /// The largest distance at points inside the segments, in units of the result's last digit.
  var error = 0.0

  /// Bits of the place inside a segment that change its slope.
  private static let curveBits = 10

  init(
    _ value: (Int64) -> Double, _ range: ClosedRange<Int64>, lowBits: Int, scale: Double,
    isCurved: Bool
  ) {
    let length = Int64(1) << Int64(lowBits)
    let count = (range.upperBound - range.lowerBound) / length + 1
    let coarseBits = isCurved ? max(0, lowBits - Self.curveBits) : 0
    // Values with their guard bits fit 60 bits.
    let largest = (0...count).reduce(1 / scale) { largest, segment in
      max(largest, abs(value(min(range.lowerBound + segment * length, range.upperBound))))
    }
    guardBits = min(
      isCurved ? min(2 * lowBits - coarseBits + 1, 30) : min(lowBits + 2, 24),
      max(0, 59 - Int((largest * scale).exponent)))
    let finer = scale * Double(sign: .plus, exponent: guardBits, significand: 1)
    let coarse = Double(sign: .plus, exponent: coarseBits, significand: 1)
    var (intercepts, slopes, curvatures): ([Int64], [Int64], [Int64]) = ([], [], [])
    for segment in 0..<count {
      let start = range.lowerBound + segment * length
      let end = min(start + length, range.upperBound)
      let curve = Self.curve(value, start, end, isCurved: isCurved)
      // l * m * 2^coarseBits is l^2 less about half of 2^coarseBits times l.
      intercepts.append(Int64(saturating: curve.constant * finer))
      slopes.append(
        Int64(saturating: (curve.linear + curve.quadratic * (coarse - 1) / 2) * finer))
      if isCurved { curvatures.append(Int64(saturating: curve.quadratic * coarse * finer)) }
    }
    table = SegmentTable(
      lowest: range.lowerBound, lowBits: lowBits, intercepts: intercepts, slopes: slopes,
      curvatures: curvatures, coarseBits: coarseBits)
    for segment in 0..<count {
      let start = range.lowerBound + segment * length
      let last = min(start + length - 1, range.upperBound)
      for sample in 0...8 {
        // Doubles round long segments up to the next one.
        let place = min(start + Int64(Double(last - start) * Double(sample) / 8), last)
        let found = Double(table[place]) / finer
        error = max(error, abs(found - value(place)) * scale)
      }
    }
  }

  /// Coefficients of a polynomial in the distance from the start of a segment.
  private static func curve(
    _ value: (Int64) -> Double, _ start: Int64, _ end: Int64, isCurved: Bool
  ) -> (constant: Double, linear: Double, quadratic: Double) {
    let (first, width) = (value(start), Double(end - start))
    guard end > start else { return (first, 0, 0) }
    func distance(_ fraction: Double) -> (place: Double, rise: Double) {
      let place = min(Int64(width * fraction), end - start)
      return (Double(place), value(start + place) - first)
    }
    if isCurved, end - start >= 8 {
      // At the zeros of a Chebyshev polynomial, where a parabola is nearly as good as any.
      let (a, b, c) = (distance(0.067), distance(0.5), distance(0.933))
      let (ab, bc) = (
        (b.rise - a.rise) / (b.place - a.place), (c.rise - b.rise) / (c.place - b.place)
      )
      let quadratic = (bc - ab) / (c.place - a.place)
      let linear = ab - quadratic * (a.place + b.place)
      return (first + a.rise - a.place * (linear + quadratic * a.place), linear, quadratic)
    }
    let slope = distance(1).rise / width
    let distances = (0...8).map { sample in
      let (place, rise) = distance(Double(sample) / 8)
      return rise - slope * place
    }
    return (first + (distances.min()! + distances.max()!) / 2, slope, 0)
  }
}

extension Int64 {
  /// The nearest integer of at most 61 bits.
  init(saturating number: Double) {
    self = Int64(Swift.min(Swift.max(number.rounded(), -0x1p61), 0x1p61))
  }
}
