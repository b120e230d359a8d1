import Circuit

/// A function as a table: of all its values where there are few, else of segments that are linear.
enum FunctionApproximation {
  case values(FunctionTable)
  /// Segments whose values have this many more binary digits than the result.
  case segments(SegmentTable, guardBits: Int)

  /// Arguments up to which a table of all values is the cheaper one.
  private static let maximalValues = 512

  /// - Parameters:
  ///   - range: the integer arguments, x = integer * 2^-scaleBits.
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
      return y.isFinite ? min(max(y, -0x1p40), 0x1p40) : 0
    }
    let width = range.upperBound - range.lowerBound
    let scale = Double(sign: .plus, exponent: resultBits, significand: 1)
    if width < Int64(Self.maximalValues) {
      self = .values(
        FunctionTable(over: range) { Int64(saturating: value($0) * scale) })
      return
    }
    let bits = 64 - width.leadingZeroBitCount
    var candidate = Segments(value, range, lowBits: max(0, bits - 4), scale: scale)
    for segmentBits in 5...12 where candidate.error > 0.5 && bits > segmentBits - 1 {
      candidate = Segments(value, range, lowBits: max(0, bits - segmentBits), scale: scale)
    }
    self = .segments(candidate.table, guardBits: candidate.guardBits)
  }
}

/// Chords of a function over segments of equal length, moved to halve their largest distance from it.
private struct Segments {
  var table: SegmentTable
  var guardBits: Int
  /// The largest distance at points inside the segments, in units of the result's last digit.
  var error = 0.0

  init(
    _ value: (Int64) -> Double, _ range: ClosedRange<Int64>, lowBits: Int, scale: Double
  ) {
    let length = Int64(1) << Int64(lowBits)
    let count = (range.upperBound - range.lowerBound) / length + 1
    guardBits = min(lowBits + 2, 24)
    let finer = scale * Double(sign: .plus, exponent: guardBits, significand: 1)
    var (intercepts, slopes): ([Int64], [Int64]) = ([], [])
    for segment in 0..<count {
      let start = range.lowerBound + segment * length
      let end = min(start + length, range.upperBound)
      let first = value(start)
      let rise = end > start ? (value(end) - first) / Double(end - start) : 0
      var (lowest, highest) = (0.0, 0.0)
      for sample in 1..<8 {
        let place = Int64(Double(end - start) * Double(sample) / 8)
        let distance = value(start + place) - first - rise * Double(place)
        (lowest, highest) = (min(lowest, distance), max(highest, distance))
      }
      intercepts.append(Int64(saturating: (first + (lowest + highest) / 2) * finer))
      slopes.append(Int64(saturating: rise * finer))
      error = max(error, (highest - lowest) / 2 * scale)
    }
    table = SegmentTable(
      lowest: range.lowerBound, lowBits: lowBits, intercepts: intercepts, slopes: slopes)
  }
}

extension Int64 {
  /// The nearest integer of at most 61 bits.
  init(saturating number: Double) {
    self = Int64(Swift.min(Swift.max(number.rounded(), -0x1p61), 0x1p61))
  }
}
