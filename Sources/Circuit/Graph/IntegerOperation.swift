/// One step of an integer graph: what is computed from which tensors.
public struct IntegerOperation: Hashable, Sendable, Codable {
  /// The kinds of integer operation; every one is exact.
  public enum Kind: Hashable, Sendable, Codable {
    /// out = M * (inputs concatenated) + bias.
    case linear(LinearMap)
    /// out = floor((x + 2^(shift-1)) / 2^shift), so halves round up; shift 0 copies and enforces the range.
    case rescale(shift: Int)
    /// out = max(x, 0).
    case relu
    /// Elementwise product of two inputs with equally many elements.
    case product
    /// `batch` products of an m x k by a k x n matrix, both inputs variable.
    case matmul(batch: Int, m: Int, k: Int, n: Int)
    /// out[i] = the largest of the input elements windows[i].
    case maximum(windows: [[Int]])
    /// out[i] = place inside groups[i] of the largest element; of equal ones the first, or the last if `last`.
    case argmax(groups: [[Int]], last: Bool)
  }

  /// The ONNX node this comes from, for messages only.
  public var name: String
  /// What is computed, with all constants.
  public var kind: Kind
  /// The operands, in the order the kind expects.
  public var inputs: [TensorID]
  /// The tensor that takes the result.
  public var output: TensorID

  /// An operation; whether it fits its tensors is checked by the graph.
  public init(name: String, kind: Kind, inputs: [TensorID], output: TensorID) {
    self.name = name
    self.kind = kind
    self.inputs = inputs
    self.output = output
  }
}

extension IntegerOperation.Kind {
  /// A short word for messages: linear, rescale, relu, product, matmul, maximum or argmax.
  public var word: String {
    switch self {
    case .linear: "linear"
    case .rescale: "rescale"
    case .relu: "relu"
    case .product: "product"
    case .matmul: "matmul"
    case .maximum: "maximum"
    case .argmax: "argmax"
    }
  }

  /// Number of input tensors that the kind takes, or nil for any positive number.
  var arity: Int? {
    switch self {
    case .linear: nil
    case .rescale, .relu, .maximum, .argmax: 1
    case .product, .matmul: 2
    }
  }

  /// Number of output elements for inputs of these element counts, or what is wrong with them.
  func outputCount(inputs: [Int]) -> Result<Int, Mismatch> {
    func checked(_ condition: Bool, _ reason: String, _ count: Int) -> Result<Int, Mismatch> {
      condition ? .success(count) : .failure(Mismatch(reason: reason))
    }
    switch self {
    case .linear(let map):
      let total = inputs.reduce(0, +)
      return checked(
        map.isValid && map.inputCount == total, "the map does not fit \(total) input elements",
        map.outputCount)
    case .rescale(let shift):
      return checked((0...62).contains(shift), "the shift \(shift) is outside 0...62", inputs[0])
    case .relu:
      return .success(inputs[0])
    case .product:
      return checked(
        inputs[0] == inputs[1], "factors have \(inputs[0]) and \(inputs[1]) elements", inputs[0])
    case .matmul(let batch, let m, let k, let n):
      let sizes = [batch, m, k, n]
      guard sizes.allSatisfy({ (1...1 << 15).contains($0) }) else {
        return .failure(Mismatch(reason: "a matrix size is outside 1...\(1 << 15)"))
      }
      return checked(
        inputs[0] == batch * m * k && inputs[1] == batch * k * n,
        "factors have \(inputs[0]) and \(inputs[1]) elements, not \(batch * m * k) and "
          + "\(batch * k * n)", batch * m * n)
    case .maximum(let groups), .argmax(let groups, _):
      let valid = groups.allSatisfy { group in
        !group.isEmpty && group.allSatisfy { $0 >= 0 && $0 < inputs[0] }
      }
      return checked(
        valid, "a window is empty or reaches outside \(inputs[0]) elements", groups.count)
    }
  }

  /// Why the inputs of an operation do not fit it.
  struct Mismatch: Error {
    var reason: String
  }
}

extension IntegerOperation {
  /// The smallest range, by interval arithmetic, that holds every result for inputs in their declared ranges.
  ///
  /// For a rescale this is the range before the declared range of its output is enforced.
  /// - Throws: `rangeTooWide` if a result may need more than 64 bits.
  public static func derivedRange(
    of kind: Kind, inputs: [IntegerTensor], name: String = ""
  ) throws(CircuitError) -> ClosedRange<Int64> {
    let ranges = inputs.map { Interval($0.range) }
    let interval: Interval
    switch kind {
    case .linear(let map):
      interval = linearRange(map, inputs: inputs)
    case .rescale(let shift):
      let range = inputs[0].range
      interval = Interval(rescaled(range.lowerBound, shift)...rescaled(range.upperBound, shift))
    case .relu:
      interval = Interval(lowest: max(0, ranges[0].lowest), highest: max(0, ranges[0].highest))
    case .product:
      interval = ranges[0] * ranges[1]
    case .matmul(_, _, let k, _):
      let product = ranges[0] * ranges[1]
      let (lowest, low) = product.lowest.multipliedReportingOverflow(by: Int128(k))
      let (highest, high) = product.highest.multipliedReportingOverflow(by: Int128(k))
      interval = low || high ? .everything : Interval(lowest: lowest, highest: highest)
    case .maximum:
      interval = ranges[0]
    case .argmax(let groups, _):
      let longest = groups.map(\.count).max() ?? 1
      interval = Interval(lowest: 0, highest: Int128(longest - 1))
    }
    guard let lowest = Int64(exactly: interval.lowest),
      let highest = Int64(exactly: interval.highest)
    else {
      throw .rangeTooWide(
        operation: name, lowest: "\(interval.lowest)", highest: "\(interval.highest)", declared: nil
      )
    }
    return lowest...highest
  }

  /// floor((x + 2^(shift-1)) / 2^shift), without overflow.
  @inline(__always)
  package static func rescaled(_ value: Int64, _ shift: Int) -> Int64 {
    shift == 0 ? value : (value >> Int64(shift)) + ((value >> Int64(shift - 1)) & 1)
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
        sum.add(ranges[tensor].scaled(by: map.coefficients[entry]))
      }
      hull = hull?.union(sum) ?? sum
    }
    return hull ?? Interval(lowest: 0, highest: 0)
  }
}

/// A range of integers, saturating at 127 bits, which is far beyond what any tensor may hold.
private struct Interval {
  var lowest: Int128
  var highest: Int128

  static let everything = Interval(lowest: .min, highest: .max)

  init(_ range: ClosedRange<Int64>) {
    lowest = Int128(range.lowerBound)
    highest = Int128(range.upperBound)
  }

  init(lowest: Int128, highest: Int128) {
    self.lowest = lowest
    self.highest = highest
  }

  /// Products of two 64-bit ranges always fit 128 bits.
  static func * (a: Interval, b: Interval) -> Interval {
    let corners = [
      a.lowest * b.lowest, a.lowest * b.highest, a.highest * b.lowest, a.highest * b.highest,
    ]
    return Interval(lowest: corners.min()!, highest: corners.max()!)
  }

  /// 64-bit bounds times a 64-bit factor always fit 128 bits.
  func scaled(by factor: Int64) -> Interval {
    let (a, b) = (lowest * Int128(factor), highest * Int128(factor))
    return factor < 0 ? Interval(lowest: b, highest: a) : Interval(lowest: a, highest: b)
  }

  mutating func add(_ other: Interval) {
    let (low, lowOverflow) = lowest.addingReportingOverflow(other.lowest)
    let (high, highOverflow) = highest.addingReportingOverflow(other.highest)
    lowest = lowOverflow ? .min : low
    highest = highOverflow ? .max : high
  }

  func union(_ other: Interval) -> Interval {
    Interval(lowest: min(lowest, other.lowest), highest: max(highest, other.highest))
  }
}
