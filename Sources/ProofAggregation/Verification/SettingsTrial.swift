import Model
import Varuna

/// What a quantisation makes of random inputs, beside what the float model says of them.
///
/// A look at settings that somebody else chose, for where the values that they were used on are hidden. It recognises settings
/// that round a model away; that they were good enough for one certain input it cannot say.
public struct SettingsTrial: Codable, Equatable, Sendable {
  /// One output of the model.
  public struct Output: Codable, Equatable, Sendable {
    /// What it is called.
    public var name: String
    /// The root mean square of the errors over that of the float results' distances from their mean: 0 if the integers are
    /// exact, 1 if they are as good as a constant. Nil where the float results are all the same.
    public var loss: Double?
    /// The largest error, absolute or relative to results above 1.
    public var error: Double
    /// Whether its elements are whole numbers, of which a near tie may give quite another.
    public var isExact: Bool
  }

  /// Random inputs that the integer program accepts.
  public var inputs: Int
  /// In the order of the model.
  public var outputs: [Output]

  /// Settings that lose more of what the float model says are none of the model.
  public static let largestLoss = 0.5
  private static let samples = 16

  /// What part of the numbers that the integers can hold random inputs fill.
  private struct Region {
    /// The inputs are at most 2^-exponent of what the integers can hold.
    var exponents: ClosedRange<Int>
    /// Whether they are not negative, as those of roots and logarithms.
    var isOneSided = false
  }

  /// The later ones only where the integer program accepts nothing of those before.
  private static let regions = [
    Region(exponents: 1...4), Region(exponents: 5...12),
    Region(exponents: 1...12, isOneSided: true),
  ]

  /// The largest loss of all outputs; nil where nothing could be compared.
  public var worst: Double? { outputs.compactMap(\.loss).max() }

  /// Runs both models on random inputs that fill a half, a quarter, an eighth and a sixteenth of what the integers can hold; on
  /// smaller ones where none of these is accepted. Elements of masks stand at either end of what calibration saw.
  ///
  /// - Parameter seed: equal seeds give equal inputs.
  init(_ quantized: QuantizedModel, of model: Model, seed: [UInt8]) {
    var stream = HashedNumbers(seed: seed)
    var expected: [[[Double]]] = []
    var found: [[[Double]]] = []
    let masks = quantized.maskEnds
    for region in Self.regions where expected.isEmpty {
      for sample in 0..<Self.samples {
        let exponent = region.exponents.lowerBound + sample % region.exponents.count
        let factor = Double(sign: .plus, exponent: -exponent, significand: 1)
        let values = zip(quantized.inputs, masks).map { port, ends in
          if let ends = ends?.clamped(to: port.realRange) {
            return (0..<port.shape.reduce(1, *)).map { _ in
              stream.next() < 0.5 ? ends.lowerBound : ends.upperBound
            }
          }
          let lowest = Double(port.range.lowerBound) * factor
          let low = region.isOneSided ? max(0, lowest) : lowest
          let width = Double(port.range.upperBound) * factor - low
          return (0..<port.shape.reduce(1, *)).map { _ in
            (low + width * stream.next()).rounded() / powerOfTwo(port.scaleBits)
          }
        }
        // An input that leaves the range of some value is none of those that can be proven.
        guard let exact = try? model.evaluate(values),
          let rounded = try? quantized.run(values).outputs
        else { continue }
        expected.append(exact)
        found.append(rounded)
      }
    }
    inputs = expected.count
    outputs = zip(model.outputs, model.exactOutputs).enumerated().map { index, output in
      Output(
        output.0.name, isExact: output.1, expected.map { $0[index] }, found.map { $0[index] })
    }
  }

  /// For every output that loses too much, by more than a tolerance, a line.
  func failures(tolerance: Double) -> [String] {
    outputs.compactMap { output in
      guard !output.isExact, let loss = output.loss, !(loss <= Self.largestLoss),
        !(output.error <= tolerance)
      else { return nil }
      return
        "output '\(output.name)': the settings lose \(loss) of what the float model says on random inputs, more than "
        + "\(Self.largestLoss), and are wrong by up to \(output.error)"
    }
  }
}

extension QuantizedModel.Port {
  /// The numbers that its integers stand for.
  fileprivate var realRange: ClosedRange<Double> {
    let unit = powerOfTwo(scaleBits)
    return Double(range.lowerBound) / unit...Double(range.upperBound) / unit
  }
}

extension SettingsTrial.Output {
  fileprivate init(
    _ name: String, isExact: Bool, _ expected: [[Double]], _ found: [[Double]]
  ) {
    var spread = 0.0
    var square = 0.0
    var largest = 0.0
    for element in expected.first?.indices ?? 0..<0 {
      let mean = expected.reduce(0) { $0 + $1[element] } / Double(expected.count)
      for (exact, rounded) in zip(expected, found) {
        let error = exact[element] - rounded[element]
        spread += (exact[element] - mean) * (exact[element] - mean)
        square += error * error
        largest = max(largest, abs(error) / max(1, abs(exact[element])))
      }
    }
    self.init(
      name: name, loss: spread > 0 ? (square / spread).squareRoot() : nil, error: largest,
      isExact: isExact)
  }
}

/// Numbers from 0 to 1 that follow from a seed.
private struct HashedNumbers {
  private let seed: [UInt8]
  private var count: UInt64 = 0
  private var left: ArraySlice<UInt8> = []

  init(seed: [UInt8]) { self.seed = seed }

  mutating func next() -> Double {
    if left.isEmpty {
      let number = (0..<8).map { UInt8(truncatingIfNeeded: count >> (8 * UInt64($0))) }
      left = SHA256.digest(seed + number)[...]
      count += 1
    }
    let bits = left.prefix(4).reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
    left = left.dropFirst(4)
    return Double(bits) / Double(UInt32.max)
  }
}
