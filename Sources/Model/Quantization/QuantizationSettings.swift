/// Every choice of a quantisation: with the model's bytes they determine the integer program.
public struct QuantizationSettings: Hashable, Sendable, Codable {
  /// Version of the rules that turn model and settings into integers.
  public static let format = "ezkl-settings/1"

  /// The rules these settings were made for.
  public var format = Self.format
  /// Shapes of the model's inputs, without dynamic dimensions.
  public var inputShapes: [[Int]]
  /// Bits of each input's two's complement integers: 8, 16 or 32.
  public var inputWidths: [Int]
  /// Binary digits after the point of each input.
  public var inputScaleBits: [Int]
  /// Bits of a rounded value at its largest magnitude seen in calibration, without sign and headroom.
  public var activationBits: Int
  /// Bits of the largest coefficient of an affine map, without sign.
  public var weightBits: Int
  /// Further bits of a rounded value's range, for inputs that were not in the calibration set.
  public var headroomBits: Int
  /// For every value of the model, the smallest e with all calibrated magnitudes at most 2^e.
  public var magnitudes: [Int]

  /// Bounds that keep every number far from overflow.
  static let bitLimits = 2...24
  static let scaleLimits = -64...64

  func check(inputs: Int, values: Int) throws(ModelError) {
    guard format == Self.format else {
      throw .invalidSettings(reason: "format \(format) is not \(Self.format)")
    }
    guard inputWidths.count == inputs, inputScaleBits.count == inputs, magnitudes.count == values
    else { throw .invalidSettings(reason: "they were made for another model") }
    guard inputWidths.allSatisfy([8, 16, 32].contains),
      inputScaleBits.allSatisfy(Self.scaleLimits.contains),
      magnitudes.allSatisfy(Self.scaleLimits.contains),
      Self.bitLimits.contains(activationBits), Self.bitLimits.contains(weightBits),
      (0...16).contains(headroomBits)
    else { throw .invalidSettings(reason: "a number is outside its limits") }
  }

  /// The smallest e with |value| <= 2^e for all values, within the limits; 0 if all are 0.
  static func magnitude(_ values: some Sequence<Double>) -> Int {
    let largest = values.reduce(0) { max($0, abs($1)) }
    guard largest > 0 else { return 0 }
    let exponent = Int(largest.exponent) + (largest.significand == 1 ? 0 : 1)
    return min(max(exponent, -24), 40)
  }
}

/// What a user may ask of a quantisation.
public struct QuantizationOptions: Hashable, Sendable, Codable {
  /// Largest error of an output on the calibration inputs, absolute or relative to outputs above 1.
  public var tolerance: Double
  /// Fixed precision of rounded values; where nil the smallest that meets the tolerance is chosen.
  public var activationBits: Int?
  /// Fixed precision of coefficients, likewise.
  public var weightBits: Int?
  /// Bits of headroom over the calibrated ranges: 2 allows values four times as large.
  public var headroomBits: Int

  /// Options; the defaults choose the cheapest precision with outputs within 5e-4.
  public init(
    tolerance: Double = 5e-4, activationBits: Int? = nil, weightBits: Int? = nil,
    headroomBits: Int = 2
  ) {
    self.tolerance = tolerance
    self.activationBits = activationBits
    self.weightBits = weightBits
    self.headroomBits = headroomBits
  }
}
