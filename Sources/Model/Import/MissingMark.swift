/// The number that stands for a missing one in the integers of an input.
///
/// It lies beyond all numbers that the input may have: these are at most half as large, so that no rounding makes one of them the
/// mark.
public struct MissingMark: Hashable, Sendable, Codable {
  /// The input's name.
  public var name: String
  /// The number: a negative power of two.
  public var mark: Double

  /// A mark of an input.
  public init(name: String, mark: Double) { (self.name, self.mark) = (name, mark) }

  /// The mark for all that is known of an input: beyond its numbers; nil where none of them is missing.
  static func beyond(_ lists: [Numbers]) -> Double? {
    var (largest, isMissing) = (1.0, false)
    for numbers in lists {
      for number in numbers.reals {
        isMissing = isMissing || number.isNaN
        if number.isFinite { largest = max(largest, abs(number)) }
      }
    }
    return isMissing
      ? -Double(sign: .plus, exponent: Int(largest.exponent) + 2, significand: 1) : nil
  }

  /// Whether it is a number that a mark can be.
  var isUsable: Bool { mark < 0 && mark.isFinite && mark.significand == 1 && mark >= -0x1p120 }

  /// The largest magnitude of a number that is not missing.
  var limit: Double { -mark / 2 }

  /// The integer that stands for a missing number where `scale` is the integer for 1; nil where rounding could take others for it.
  package func integer(scale: Double) -> Int64? {
    guard isUsable, mark * scale <= -4 else { return nil }
    return Int64(exactly: mark * scale)
  }

  /// Whether an integer is the mark or that of a number that is there, and no other one.
  package func admits(_ integer: Int64, mark: Int64) -> Bool {
    integer == mark || integer.magnitude <= mark.magnitude / 2
  }
}
