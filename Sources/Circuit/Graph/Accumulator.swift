/// What may make numbers of more than 64 bits where they are narrowed at once: see `IntegerOperation.Kind.narrowed`.
public enum Accumulator: Hashable, Sendable, Codable {
  /// Sums, as of `IntegerOperation.Kind.linear`.
  case linear(LinearMap)
  /// Elementwise products.
  case product
  /// Products of matrices.
  case matmul(batch: Int, m: Int, k: Int, n: Int)

  /// The accumulator that a kind of operation is; nil for all other kinds.
  public init?(_ kind: IntegerOperation.Kind) {
    switch kind {
    case .linear(let map): self = .linear(map)
    case .product: self = .product
    case .matmul(let batch, let m, let k, let n): self = .matmul(batch: batch, m: m, k: k, n: n)
    default: return nil
    }
  }

  /// Magnitudes of accumulated numbers are at most 2 to this, as those of products of two 64-bit integers: far below half of the field.
  static let bitLimit = 126

  /// The operation that accumulates without narrowing.
  var definition: any AccumulatingOperation {
    switch self {
    case .linear(let map): Linear(map: map)
    case .product: Product()
    case .matmul(let batch, let m, let k, let n): Matmul(batch: batch, m: m, k: k, n: n)
    }
  }
}

/// How a wide number becomes one of at most 64 bits.
public enum Narrowing: Hashable, Sendable, Codable {
  /// floor((x + 2^(shift-1)) / 2^shift), so halves round up; shift is in 1...62.
  case rescale(shift: Int)
  /// The number that differs from x by a multiple of 2^bits and lies in -2^(bits-1)..<2^(bits-1), with bits in 1...64, or,
  /// unsigned, in 0..<2^bits, with bits in 1...63.
  case wrap(bits: Int, isSigned: Bool)
}

/// A kind whose results may be narrowed before they become a tensor.
protocol AccumulatingOperation: OperationDefinition {
  /// The results for these inputs, which fit 128 bits where `range` says so.
  func accumulate(_ inputs: [[Int64]]) -> [Int128]
  /// A combination for each result, whatever its size.
  func accumulate(
    in circuit: inout ChunkCircuit, _ inputs: [TensorID]
  ) -> [LinearCombination]
}
