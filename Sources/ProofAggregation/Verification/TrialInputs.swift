import Model
import Varuna

/// Random inputs for a trial of settings.
struct TrialInputs {
  /// What part of the numbers that the integers can hold inputs fill.
  struct Part {
    /// The inputs are at most 2^-exponent of what the integers can hold.
    fileprivate var exponents: ClosedRange<Int>
    /// Whether they are not negative, as those of roots and logarithms.
    fileprivate var isOneSided = false

    /// The exponent of a sample.
    func exponent(_ sample: Int) -> Int { exponents.lowerBound + sample % exponents.count }
  }

  /// Fewer of a large model, whose evaluation takes long; enough to tell one answer for all from answers.
  let samples: Int

  /// The later ones only where the integer program accepts nothing of those before.
  static let parts = [
    Part(exponents: 1...4), Part(exponents: 5...12), Part(exponents: 1...12, isOneSided: true),
  ]

  /// What inputs are scaled to before they are given to models: shares, standardised numbers, bytes.
  static let usualRanges: [ClosedRange<Double>] = [0...1, -1...1, -255...255]

  private let ports: [QuantizedModel.Port]
  private let masks: [ClosedRange<Double>?]
  private let areExact: [Bool]
  private var numbers: HashedNumbers

  init(_ quantized: QuantizedModel, seed: [UInt8]) {
    ports = quantized.inputs
    masks = quantized.maskEnds
    areExact = quantized.model.exactInputs
    samples = max(8, min(16, (1 << 22) / max(1, quantized.predictedCost)))
    numbers = HashedNumbers(seed: seed)
  }

  /// Whether a range is so much smaller than what the integers of some input can hold that the parts that these are filled to tell
  /// little about it.
  func isSmall(_ range: ClosedRange<Double>) -> Bool {
    let width = range.upperBound - range.lowerBound
    return ports.indices.contains { input in
      let held = ports[input].realRange
      return !areExact[input] && masks[input] == nil && range.overlaps(held)
        && (held.upperBound - held.lowerBound) > 8 * width
    }
  }

  /// Reals for every input, that fill a part of what its integers can hold.
  mutating func draw(_ part: Part, _ sample: Int) -> [[Double]] {
    let factor = Double(sign: .plus, exponent: -part.exponent(sample), significand: 1)
    return ports.indices.map { input in
      let held = ports[input].realRange
      let low = held.lowerBound * factor
      let least = part.isOneSided ? max(0, low) : low
      return draw(input, least...max(least, held.upperBound * factor))
    }
  }

  /// Reals for every input, from a range where its integers can hold that; whole numbers from all of what they can hold.
  mutating func draw(_ range: ClosedRange<Double>) -> [[Double]] {
    ports.indices.map { input in
      let held = ports[input].realRange
      return draw(input, areExact[input] ? held : range.clamped(to: held))
    }
  }

  private mutating func draw(_ input: Int, _ range: ClosedRange<Double>) -> [Double] {
    let port = ports[input]
    let unit = powerOfTwo(port.scaleBits)
    let ends = masks[input]?.clamped(to: port.realRange)
    return (0..<port.shape.reduce(1, *)).map { _ in
      let number = numbers.next()
      if let ends { return number < 0.5 ? ends.lowerBound : ends.upperBound }
      let real = range.lowerBound + (range.upperBound - range.lowerBound) * number
      return (real * unit).rounded() / unit
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
