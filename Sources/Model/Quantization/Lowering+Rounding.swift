import Circuit

extension Lowering {
  /// Bits of a factor that need not be rounded: two of them fit 64 with what follows.
  private static let factorBits = 28

  /// Whether dropping `shift` bits of a step's exact result makes what follows cheaper.
  func needsRounding(scaleBits: Int) -> Bool {
    let value = current.output
    let shift = scaleBits - target(value)
    guard shift > 0, !graph.values[value].isInteger else { return false }
    let count = graph.values[value].count
    let width = precision(value) + settings.headroomBits + 1
    var later = 0
    for user in consumers[value] {
      switch graph.steps[user].kind {
      case .argmax, .order: later += shift * count
      case .affine(let map):
        // Coefficients of several inputs have one scale, which must not be coarser than one input's digits; and the
        // products must fit 64 bits.
        let bits = scaleBits + settings.magnitude(value) + settings.headroomBits
        if !map.isUnit, graph.steps[user].inputs.count > 1 || bits + settings.weightBits > 48 {
          return true
        }
        later += shift * graph.values[graph.steps[user].output].count
      case .product:
        // Its own rounding can drop these bits too; a square would have them twice.
        let bits = scaleBits + settings.magnitude(value) + settings.headroomBits
        if bits > Self.factorBits || graph.steps[user].inputs[0] == graph.steps[user].inputs[1] {
          return true
        }
        later += shift * count
      // A sign, a comparison or a table decomposes the value anyway.
      default: return true
      }
    }
    return later > (shift + width) * count
  }

  /// Rounds a tensor to the precision of the step's value, in the calibrated range with headroom or the derived one
  /// if that is smaller.
  mutating func rounded(
    _ exact: TensorID, shift: Int, suffix: String = ""
  ) throws(CircuitError) -> TensorID {
    let shift = min(shift, 62)
    let value = current.output
    let kind = IntegerOperation.Kind.rescale(shift: shift)
    let derived = try IntegerOperation.derivedRange(
      of: kind, inputs: [tensors[exact]], name: current.name)
    var range = declared(value, derived: derived)
    if isMasked(value), derived.lowerBound < range.lowerBound {
      range = (derived.lowerBound...range.upperBound).signedPowerOfTwo
    } else if case .affine(let map) = current.kind, hasInfinities(map) {
      // What stands for infinity lies beyond the calibrated range.
      range = try withinInfinity(tensors[exact].scaleBits - shift)
    }
    return try emit(
      kind, [exact], scaleBits: tensors[exact].scaleBits - shift, range: range, suffix: suffix)
  }

  /// The range of a rounded value.
  func declared(_ value: ValueID, derived: ClosedRange<Int64>) -> ClosedRange<Int64> {
    let width = Int64(precision(value) + settings.headroomBits)
    let isPositive = graph.values[value].isNonnegative || derived.lowerBound >= 0
    let high = (Int64(1) << width) - 1
    let calibrated = isPositive ? 0...high : -high - 1...high
    let natural = isPositive ? 0...derived.natural : derived.signedPowerOfTwo
    let isNatural =
      natural.unsignedBitCount <= calibrated.unsignedBitCount || !derived.overlaps(calibrated)
    return isNatural ? natural : calibrated
  }

  /// value * 2^bits, rounded; fails where it needs more than 62 bits.
  func integer(_ value: Double, _ bits: Int) throws(CircuitError) -> Int64 {
    let scaled = Double(sign: .plus, exponent: bits, significand: value)
      .rounded(.toNearestOrAwayFromZero)
    guard abs(scaled) <= 0x1p62 else { throw tooWide("\(scaled)") }
    return Int64(scaled)
  }

  /// Exponent of the lowest set bit of a nonzero number.
  static func lowestBit(_ value: Double) -> Int {
    Int(value.exponent) - value.significandWidth
  }
}

extension ClosedRange<Int64> {
  /// The smallest number of the form 2^w - 1 that is not below the range.
  fileprivate var natural: Int64 {
    upperBound <= 0 ? 0 : Int64.max >> Int64(upperBound.leadingZeroBitCount - 1)
  }
}
