import Algebra
import Model

/// An input, output or tensor of weights of the model and the commitments that bind it to the proofs.
public struct BoundTensor: Codable, Equatable, Sendable {
  /// What it is called.
  public var name: String
  /// Dimensions, row-major.
  public var shape: [Int]
  /// real value = integer / scale; a power of two.
  public var scale: Double
  /// Who learns the values.
  public var visibility: Visibility
  /// The commitments of the tensor's pieces in order; none where no circuit reads it.
  public var commitments: [Commitment]
  /// The integers that the circuit speaks about, in row-major order; present if public.
  public var integers: [Int64]?
  /// `integers` divided by `scale`; present if public.
  public var floats: [Double]?

  /// Collects the fields.
  public init(
    name: String, shape: [Int], scale: Double, visibility: Visibility, commitments: [Commitment],
    integers: [Int64]?, floats: [Double]?
  ) {
    self.name = name
    self.shape = shape
    self.scale = scale
    self.visibility = visibility
    self.commitments = commitments
    self.integers = integers
    self.floats = floats
  }

  /// A Poseidon commitment to consecutive elements of the tensor.
  ///
  /// The preimage is `[salt]` (if salted) followed by the elements `integer - offset` as `bit_width`-bit
  /// little-endian numbers, concatenated and cut into 252-bit field elements; the hash is Aleo's
  /// `hash.psd8` over them.
  public struct Commitment: Equatable, Sendable {
    /// Place of the first element in the flattened tensor.
    public var start: Int
    /// Number of elements.
    public var count: Int
    /// Bits per element.
    public var bitWidth: Int
    /// The value stored as 0.
    public var offset: Int64
    /// Whether a random element leads the preimage.
    public var salted: Bool
    /// The commitment.
    public var value: Fr
    /// Every public input that must equal `value`.
    public var positions: [PublicInputPosition]

    /// The only hash of this format.
    public static let hash = "aleo-psd8-raw"

    /// Collects the fields.
    public init(
      start: Int, count: Int, bitWidth: Int, offset: Int64, salted: Bool, value: Fr,
      positions: [PublicInputPosition]
    ) {
      self.start = start
      self.count = count
      self.bitWidth = bitWidth
      self.offset = offset
      self.salted = salted
      self.value = value
      self.positions = positions
    }
  }

  /// The product of the dimensions; nil where one is negative or the product does not fit.
  var elementCount: Int? {
    shape.reduce(Optional(1)) { product, dimension in
      guard let product, dimension >= 0 else { return nil }
      let (next, overflow) = product.multipliedReportingOverflow(by: dimension)
      return overflow ? nil : next
    }
  }
}
