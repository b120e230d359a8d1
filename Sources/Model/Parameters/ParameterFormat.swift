import Circuit

/// How committed weights become integers: real = integer * 2^-scaleBits, in -2^bits ..< 2^bits.
///
/// Circuits depend on `bits` and, through what a layer's results are shifted by, on `scaleBits`, so a format is chosen once,
/// kept in the settings, and good for other weights of the same model.
public struct ParameterFormat: Hashable, Sendable, Codable {
  /// Binary digits after the point; may be negative.
  public var scaleBits: Int
  /// Bits of magnitudes.
  public var bits: Int

  /// Collects the fields.
  public init(scaleBits: Int, bits: Int) {
    (self.scaleBits, self.bits) = (scaleBits, bits)
  }

  /// Whether numbers stay far from overflow, and no finer than weights of the least magnitude need them.
  var isUsable: Bool {
    (-128...128).contains(scaleBits) && (1...40).contains(bits)
      && bits - scaleBits >= Self.leastExponent
  }

  /// Layers whose weights are all below 2^leastExponent have the format of those that reach it.
  static let leastExponent = -60

  /// The integers.
  var range: ClosedRange<Int64> { -(1 << Int64(bits))...(1 << Int64(bits)) - 1 }
}

/// What the weights of one layer ask for.
struct ParameterDemand {
  /// The value that the layer makes.
  var value: ValueID
  /// Equal for layers that can be instances of one circuit.
  var signature: [Int]
  /// The finest scale at which the weights have `weightBits` bits.
  var scaleBits: Int
  /// Bits that rounding would drop of the products then.
  var shift: Int
}

extension ParameterFormat {
  /// Magnitudes may double in another model of the same architecture before its weights do not fit.
  private static let headroom = 1
  /// Bits that weights get more than they need, so that layers of one shape can have one format.
  private static let largestSpread = 6

  /// Formats under which layers with equal signatures are rounded by equal shifts, so that their circuits are the same.
  ///
  /// The layer that asks for the largest shift keeps its scale; the others' weights get finer and all of them as wide as the
  /// widest.
  static func common(
    _ demands: [ParameterDemand], weightBits: Int, values: Int
  ) -> [ParameterFormat?] {
    var formats = [ParameterFormat?](repeating: nil, count: values)
    for layers in Dictionary(grouping: demands, by: \.signature).values {
      let shifts = layers.map(\.shift)
      let lowest = shifts.min()!
      let common = min(shifts.max()!, lowest + largestSpread)
      for layer in layers {
        formats[layer.value] = ParameterFormat(
          scaleBits: layer.scaleBits + common - layer.shift,
          bits: weightBits + common - lowest + headroom)
      }
    }
    return formats
  }
}
