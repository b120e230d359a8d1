import Algebra

/// What a prover of a chunk must know beside its program: input values and the salts of all boundary tensors.
public struct ChunkInstance: Hashable, Sendable {
  /// Elements of each input tensor.
  public let inputs: [[Int64]]
  /// One salt per boundary tensor, inputs first; nil where the encoding is unsalted.
  public let salts: [Fr?]

  /// Values and salts; whether they fit a program is checked when a witness is made from them.
  public init(inputs: [[Int64]], salts: [Fr?]) {
    self.inputs = inputs
    self.salts = salts
  }

  /// First bytes of the byte form, naming format and version.
  private static let magic = "ezkl-instance/1"

  /// The only byte form that decodes to this instance. It is secret: it holds activations and salts.
  public var canonicalBytes: [UInt8] {
    var writer = CanonicalWriter()
    writer.write(Self.magic)
    writer.write(count: inputs.count)
    for values in inputs {
      writer.write(count: values.count)
      for value in values { writer.write(signed: value) }
    }
    writer.write(count: salts.count)
    for salt in salts {
      writer.write(salt != nil)
      if let salt { writer.bytes += salt.canonicalBytes }
    }
    return writer.bytes
  }

  /// - Throws: `malformed` for anything but the canonical form.
  public init(canonicalBytes: [UInt8]) throws(CircuitError) {
    var reader = CanonicalReader(canonicalBytes)
    guard try reader.text("format") == Self.magic else { throw reader.malformed("format") }
    var inputs = [[Int64]]()
    for _ in 0..<(try reader.count("input tensors")) {
      let count = try reader.count("elements")
      var values = [Int64]()
      values.reserveCapacity(count)
      for _ in 0..<count { values.append(try reader.signed("element")) }
      inputs.append(values)
    }
    var salts = [Fr?]()
    for _ in 0..<(try reader.count("salts")) {
      guard try reader.flag("salt") else {
        salts.append(nil)
        continue
      }
      guard let salt = Fr(canonicalBytes: try reader.bytes(Fr.byteCount, "salt")) else {
        throw reader.malformed("salt is not below the modulus")
      }
      salts.append(salt)
    }
    try reader.finish()
    self.init(inputs: inputs, salts: salts)
  }
}
