extension IntegerOperation {
  /// The kinds of integer operation; every one is exact. What each of them is stands in the file of its definition.
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
    /// out[i] = position inside groups[i] of the largest element; of equal ones the first, or the last if `last`.
    case argmax(groups: [[Int]], last: Bool)
    /// out[i * count + j] = position inside groups[i] of the j-th element in order; of equal ones the first comes first.
    case order(groups: [[Int]], count: Int, descending: Bool)
    /// out = what the accumulator makes of the inputs, rounded or wrapped at once: more than 64 bits are not a tensor's.
    case narrowed(Accumulator, Narrowing)
  }
}

/// Codes of the kinds in the byte form: the raw values are part of the format, the names stand in messages.
enum OperationTag: Int {
  case linear, rescale, relu, product, matmul, maximum, argmax
  case divide, quotient, squareRoot, absolute, clamp, isNegative, isZero, select, and, or, xor
  case bitLength, table, interpolate, gather, oneHot, order, distance, narrowed
}

extension IntegerOperation.Kind {
  /// What the kind is.
  var definition: any OperationDefinition {
    switch self {
    case .linear(let map): Linear(map: map)
    case .rescale(let shift): Rescale(shift: shift)
    case .divide(let divisor, let rounding): Divide(divisor: divisor, rounding: rounding)
    case .quotient(let shift, let rounding): Quotient(shift: shift, rounding: rounding)
    case .squareRoot: SquareRoot()
    case .relu: Relu()
    case .absolute: Absolute()
    case .clamp(let bounds): Clamp(bounds: bounds)
    case .isNegative: IsNegative()
    case .isZero: IsZero()
    case .select: Select()
    case .product: Product()
    case .matmul(let batch, let m, let k, let n): Matmul(batch: batch, m: m, k: k, n: n)
    case .bitwise(let operation): Bitwise(operation: operation)
    case .bitLength: BitLength()
    case .table(let table): Lookup(table: table)
    case .interpolate(let table): Interpolate(table: table)
    case .gather(let picks): Gather(picks: picks)
    case .oneHot(let depth): OneHot(depth: depth)
    case .maximum(let windows): Maximum(windows: windows)
    case .distance(let groups): Distance(groups: groups)
    case .argmax(let groups, let last): Argmax(groups: groups, last: last)
    case .order(let groups, let count, let descending):
      Order(groups: groups, count: count, descending: descending)
    case .narrowed(let accumulator, let narrowing):
      Narrowed(accumulator: accumulator, narrowing: narrowing)
    }
  }

  /// Reads the constants of a kind.
  private static func definition(
    _ tag: OperationTag, from reader: inout CanonicalReader
  ) throws(CircuitError) -> any OperationDefinition {
    switch tag {
    case .linear: try Linear(from: &reader)
    case .rescale: try Rescale(from: &reader)
    case .divide: try Divide(from: &reader)
    case .quotient: try Quotient(from: &reader)
    case .squareRoot: SquareRoot()
    case .relu: Relu()
    case .absolute: Absolute()
    case .clamp: try Clamp(from: &reader)
    case .isNegative: IsNegative()
    case .isZero: IsZero()
    case .select: Select()
    case .product: Product()
    case .matmul: try Matmul(from: &reader)
    case .and: Bitwise(operation: .and)
    case .or: Bitwise(operation: .or)
    case .xor: Bitwise(operation: .xor)
    case .bitLength: BitLength()
    case .table: try Lookup(from: &reader)
    case .interpolate: try Interpolate(from: &reader)
    case .gather: try Gather(from: &reader)
    case .oneHot: try OneHot(from: &reader)
    case .maximum: try Maximum(from: &reader)
    case .distance: try Distance(from: &reader)
    case .narrowed: try Narrowed(from: &reader)
    case .argmax: try Argmax(from: &reader)
    case .order: try Order(from: &reader)
    }
  }

  /// Writes the tag and the constants.
  func encode(into writer: inout CanonicalWriter) {
    let definition = definition
    writer.write(count: definition.tag.rawValue)
    definition.encode(into: &writer)
  }

  init(from reader: inout CanonicalReader) throws(CircuitError) {
    let code = try reader.integer("operation kind", limit: 255)
    guard let tag = OperationTag(rawValue: code) else {
      throw reader.malformed("unknown operation kind \(code)")
    }
    self = try Self.definition(tag, from: &reader).kind
  }
}

extension IntegerOperation.Kind {
  /// The kind's name without its constants, for messages.
  public var word: String { String(describing: definition.tag) }

  /// Number of input tensors that the kind takes, or nil for any positive number.
  public var arity: Int? { definition.arity }

  /// Whether the declared range of the output may be narrower than the derived one, because constraints enforce it.
  public var enforcesRange: Bool { definition.enforcesRange }

  /// Whether element i of the output depends on element i of each input and on nothing else.
  public var isElementwise: Bool { definition.isElementwise }

  /// The output elements for these inputs, which must lie in ranges that the graph was validated for.
  ///
  /// Sums and products wrap around 2^64 on the way; validation proves by interval arithmetic that each final result
  /// fits 64 bits for inputs in their ranges, so the wrapped result is the true one. A quotient whose exact result
  /// does not fit saturates, and is then found outside its declared range.
  package func evaluate(_ inputs: [[Int64]]) -> [Int64] { definition.evaluate(inputs) }

  /// The part of an operation that makes some of its output elements.
  public struct Tile: Hashable, Sendable {
    /// The same computation, on the elements in `reads` only.
    public let kind: IntegerOperation.Kind
    /// For each input, the elements that are read, in the order in which the tile takes them.
    public let reads: [[Int]]
  }

  /// The smallest set of output elements that one tile can make and that holds these; ascending.
  ///
  /// A tile of one-hot rows, of an order or of distances takes all or none of each run; a tile of a matrix product is made
  /// of the same rows and columns of some of its matrices.
  public func tileable(_ elements: [Int]) -> [Int] { definition.tileable(elements) }

  /// The part that makes these output elements, in this order.
  ///
  /// - Parameters:
  ///   - elements: a set that `tileable` leaves as it is, ascending.
  ///   - inputs: element counts of the operation's inputs.
  public func tile(_ elements: [Int], inputs: [Int]) -> Tile {
    definition.tile(elements, inputs: inputs)
  }
}

extension IntegerOperation {
  /// The smallest range, by interval arithmetic, that holds every result for inputs in their declared ranges.
  ///
  /// For a kind that enforces a range this is the range before the declared one is enforced.
  /// - Throws: `rangeTooWide` if a result may need more than 64 bits; `invalidGraph` if the inputs do not fit the kind.
  public static func derivedRange(
    of kind: Kind, inputs: [IntegerTensor], name: String = ""
  ) throws(CircuitError) -> ClosedRange<Int64> {
    let definition = kind.definition
    if let mismatch = definition.mismatch(inputs) {
      throw .invalidGraph(place: name, reason: mismatch.reason)
    }
    let interval = definition.range(inputs)
    guard let range = interval.words else {
      let (lowest, highest) =
        interval.isLost
        ? ("-2^127", "2^127") : ("\(interval.lowest)", "\(interval.highest)")
      throw .rangeTooWide(operation: name, lowest: lowest, highest: highest, declared: nil)
    }
    return range
  }
}
