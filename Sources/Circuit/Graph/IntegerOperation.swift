/// One step of an integer graph: what is computed from which tensors.
public struct IntegerOperation: Hashable, Sendable, Codable {
  /// The kinds of integer operation; every one is exact.
  public enum Kind: Hashable, Sendable, Codable {
    /// out = M * (inputs concatenated) + bias.
    case linear(LinearMap)
    /// out = floor((x + 2^(shift-1)) / 2^shift), so halves round up; shift 0 copies and enforces the range.
    case rescale(shift: Int)
    /// out = x / divisor, rounded; the divisor is a positive constant.
    case divide(by: Int64, rounding: Rounding)
    /// out = a * 2^shift / b, rounded, for inputs a and b; b's range holds positive numbers only.
    case quotient(shift: Int, rounding: Rounding)
    /// out = floor(sqrt(x)) for x >= 0.
    case squareRoot
    /// out = max(x, 0).
    case relu
    /// out = |x|.
    case absolute
    /// out = the number of the range that is nearest to x.
    case clamp(ClosedRange<Int64>)
    /// out = 1 if x < 0, else 0.
    case isNegative
    /// out = 1 if x = 0, else 0.
    case isZero
    /// out = a if c = 1, b if c = 0, for inputs c, a, b; c's range lies in 0...1.
    case select
    /// Elementwise product of two inputs with equally many elements.
    case product
    /// `batch` products of an m x k by a k x n matrix, both inputs variable.
    case matmul(batch: Int, m: Int, k: Int, n: Int)
    /// Bit by bit, for two inputs that are not negative.
    case bitwise(BitOperation)
    /// out = bits of the shortest binary form of x >= 0: 0 for 0, else floor(log2 x) + 1.
    case bitLength
    /// out = the table's value at x.
    case table(FunctionTable)
    /// out = the piecewise linear function's value at x.
    case interpolate(SegmentTable)
    /// out[i] = data[start + stride * index], for inputs data and indices, with picks[i] naming all but the data.
    case gather(picks: [Pick])
    /// out[i * depth + j] = 1 if x[i] = j, else 0.
    case oneHot(depth: Int)
    /// out[i] = the largest of the input elements windows[i].
    case maximum(windows: [[Int]])
    /// The largest element of each group less every element of it, group after group; groups have one size.
    case distance(groups: [[Int]])
    /// out[i] = place inside groups[i] of the largest element; of equal ones the first, or the last if `last`.
    case argmax(groups: [[Int]], last: Bool)
    /// out[i * count + j] = place inside groups[i] of the j-th element in order; of equal ones the first comes first.
    case order(groups: [[Int]], count: Int, descending: Bool)
  }

  /// An operation on the bits of two numbers.
  public enum BitOperation: String, Hashable, Sendable, Codable, CaseIterable {
    /// Bits that are 1 in both.
    case and
    /// Bits that are 1 in one or both.
    case or
    /// Bits that are 1 in just one.
    case xor
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
  /// The kind's name without its constants, for messages.
  public var word: String {
    switch self {
    case .linear: "linear"
    case .rescale: "rescale"
    case .divide: "divide"
    case .quotient: "quotient"
    case .squareRoot: "squareRoot"
    case .relu: "relu"
    case .absolute: "absolute"
    case .clamp: "clamp"
    case .isNegative: "isNegative"
    case .isZero: "isZero"
    case .select: "select"
    case .product: "product"
    case .matmul: "matmul"
    case .bitwise(let operation): operation.rawValue
    case .bitLength: "bitLength"
    case .table: "table"
    case .interpolate: "interpolate"
    case .gather: "gather"
    case .oneHot: "oneHot"
    case .maximum: "maximum"
    case .distance: "distance"
    case .argmax: "argmax"
    case .order: "order"
    }
  }

  /// Number of input tensors that the kind takes, or nil for any positive number.
  public var arity: Int? {
    switch self {
    case .linear: nil
    case .rescale, .divide, .squareRoot, .relu, .absolute, .clamp, .isNegative, .isZero, .bitLength,
      .table, .interpolate, .oneHot, .maximum, .distance, .argmax, .order:
      1
    case .quotient, .product, .matmul, .bitwise, .gather: 2
    case .select: 3
    }
  }

  /// Whether the declared range of the output may be narrower than the derived one, because constraints enforce it.
  public var enforcesRange: Bool {
    switch self {
    case .rescale, .divide, .quotient: true
    default: false
    }
  }

  /// Whether element i of the output depends on element i of each input and on nothing else.
  public var isElementwise: Bool {
    switch self {
    case .rescale, .divide, .quotient, .squareRoot, .relu, .absolute, .clamp, .isNegative, .isZero,
      .select, .product, .bitwise, .bitLength, .table, .interpolate:
      true
    case .linear, .matmul, .gather, .oneHot, .maximum, .distance, .argmax, .order: false
    }
  }
}
