import Algebra

/// The messages of the split prover: points (48 bytes), scalars (32) and triples of scalars (96), unframed.
///
/// Lists have one entry per instance of the share, in the order of its tasks.
public enum ShareMessage {}

/// A message with a fixed-length encoding for a known number of instances.
public protocol ShareMessageCoding: Equatable, Sendable {
  /// The message's name in errors.
  static var name: String { get }
  /// Length of the encoding: bytes in all, and bytes per instance of the share.
  static var size: (fixed: Int, perInstance: Int) { get }
  /// Reads the fields; the length has been checked.
  init(reading source: inout ShareMessage.Source) throws(VarunaError)
  /// Writes the fields.
  func write(to target: inout ShareMessage.Target)
}

extension ShareMessageCoding {
  /// Decodes a message of a share with so many instances.
  ///
  /// Strict: exact length, canonical scalars, points on the curve and in the subgroup.
  public init(bytes: some Collection<UInt8>, instances: Int) throws(VarunaError) {
    precondition(instances >= 0)
    let expected = Self.size.fixed + instances * Self.size.perInstance
    guard bytes.count == expected else {
      throw .encoding(what: Self.name, reason: "\(bytes.count) bytes, expected \(expected)")
    }
    var source = ShareMessage.Source(
      reader: ByteReader(bytes, of: Self.name), instances: instances)
    try self.init(reading: &source)
  }

  /// The encoding.
  public var bytes: [UInt8] {
    var target = ShareMessage.Target()
    write(to: &target)
    return target.bytes
  }
}

extension ShareMessage {
  /// Yields the fields of a message.
  public struct Source {
    var reader: ByteReader
    let instances: Int

    mutating func scalar() throws(VarunaError) -> Fr { try reader.scalar() }
    mutating func point() throws(VarunaError) -> G1Affine { try reader.point() }
    mutating func triple() throws(VarunaError) -> [Fr] { try reader.scalars(3) }
    mutating func scalarPerInstance() throws(VarunaError) -> [Fr] {
      try reader.scalars(instances)
    }
    mutating func pointPerInstance() throws(VarunaError) -> [G1Affine] {
      try reader.points(instances)
    }
    mutating func triplePerInstance() throws(VarunaError) -> [[Fr]] {
      var triples: [[Fr]] = []
      for _ in 0..<instances { triples.append(try reader.scalars(3)) }
      return triples
    }
  }

  /// Collects the fields of a message.
  public struct Target {
    private(set) var bytes: [UInt8] = []

    mutating func put(_ scalars: Fr...) { put(scalars) }
    mutating func put(_ scalars: [Fr]) { for scalar in scalars { bytes += scalar.canonicalBytes } }
    mutating func put(_ points: G1Affine...) { put(points) }
    mutating func put(_ points: [G1Affine]) { for point in points { bytes += point.compressed } }
  }

  /// A request without content: the first step of a share of instances.
  public struct Begin: ShareMessageCoding {
    /// The message's name in errors.
    public static let name = "begin"
    /// Length of the encoding.
    public static let size = (fixed: 0, perInstance: 0)

    /// The empty message.
    public init() {}
    /// Reads the fields.
    public init(reading source: inout Source) throws(VarunaError) {}
    /// Writes the fields.
    public func write(to target: inout Target) {}
  }
}
