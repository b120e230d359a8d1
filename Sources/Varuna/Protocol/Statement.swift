import Algebra

/// What a proof is about: per circuit a verifying key and the public inputs of each instance.
///
/// Circuits are kept in the order of their ids, instances as given.
public struct Statement: Sendable {
  /// Limit on the padded public inputs of all instances together, so that a key cannot make a verifier
  /// hash or store more than this.
  public static let maximalInputs = 1 << 16

  /// The keys in the order of the circuit ids.
  public let keys: [VerifyingKey]
  /// The domain sizes of each circuit.
  public let shapes: [CircuitShape]
  /// The public inputs `[circuit][instance]`, starting with 1 and padded with zeros to |X|.
  public let inputs: [[[Fr]]]
  /// Number of instances of each circuit.
  public let batchSizes: [Int]
  /// For each given entry its place in the arrays above.
  public let order: [Int]
  /// The largest |R_c|.
  public let R: Int
  /// The largest |C_c|.
  public let C: Int
  /// The largest |K| of all matrices.
  public let K: Int

  /// Sorts and checks the entries: a key and the inputs (starting with 1, unpadded or padded) of each
  /// instance. Throws `VarunaError.statement` with the reason that a verifier would reject for.
  public init(_ entries: [(VerifyingKey, [[Fr]])]) throws(VarunaError) {
    guard !entries.isEmpty, entries.allSatisfy({ !$0.1.isEmpty }) else {
      throw .statement(.batch("an empty batch"))
    }
    let sorted = entries.indices.sorted {
      entries[$0].0.circuitID.lexicographicallyPrecedes(entries[$1].0.circuitID)
    }
    keys = sorted.map { entries[$0].0 }
    guard Set(keys.map(\.circuitID)).count == keys.count else {
      throw .statement(.batch("the same circuit twice"))
    }
    var shapes: [CircuitShape] = []
    var total = 0
    for place in sorted {
      let shape = try CircuitShape(verifyingKey: entries[place].0)
      let (count, overflow) = shape.X.multipliedReportingOverflow(by: entries[place].1.count)
      total += overflow ? Self.maximalInputs : count
      guard total <= Self.maximalInputs else {
        throw .statement(.inputs("more than \(Self.maximalInputs) public inputs"))
      }
      shapes.append(shape)
    }
    var inputs: [[[Fr]]] = []
    for (place, shape) in zip(sorted, shapes) {
      var padded: [[Fr]] = []
      for x in entries[place].1 {
        guard x.first == .one else {
          throw .statement(.inputs("public inputs do not start with 1"))
        }
        guard x.count <= shape.X else {
          throw .statement(.inputs("\(x.count) public inputs, the key has room for \(shape.X)"))
        }
        padded.append(x + [Fr](repeating: .zero, count: shape.X - x.count))
      }
      inputs.append(padded)
    }
    var order = [Int](repeating: 0, count: entries.count)
    for (place, entry) in sorted.enumerated() { order[entry] = place }
    self.order = order
    self.shapes = shapes
    self.inputs = inputs
    batchSizes = inputs.map(\.count)
    R = shapes.map(\.R).max() ?? 1
    C = shapes.map(\.C).max() ?? 1
    K = shapes.flatMap(\.K).max() ?? 1
  }

  /// All (circuit, instance) pairs in proof order.
  public var instances: [InstanceIndex] {
    batchSizes.enumerated().flatMap { c, size in
      (0..<size).map { InstanceIndex(circuit: c, instance: $0) }
    }
  }
}

/// The place of an instance in a statement.
public struct InstanceIndex: Hashable, Sendable, Codable {
  /// Index of the circuit in id order.
  public var circuit: Int
  /// Index of the instance among those of its circuit.
  public var instance: Int

  /// Names instance `instance` of circuit `circuit`.
  public init(circuit: Int, instance: Int) {
    self.circuit = circuit
    self.instance = instance
  }
}
