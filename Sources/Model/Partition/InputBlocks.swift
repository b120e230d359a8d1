import Circuit

/// How the inputs of a model are committed to: each as a whole, or in blocks of consecutive elements where a circuit has no
/// room for all of it.
///
/// Whoever reads an element of a block hashes all of the block. Blocks follow from the graph and the limits alone, not from
/// how the graph is cut, so that one statement about an input serves for every cut.
struct InputBlocks {
  /// For every input that is divided the number of elements of its blocks; the last may have fewer.
  private let lengths: [TensorID: Int]

  /// The part of a circuit that an input may fill that is not divided.
  private static let whole = 0.75
  /// Blocks that a circuit has room for where inputs are divided: tiles of images read several at once.
  private static let blocksPerCircuit = 16.0

  /// The blocks of a graph's inputs under limits; nil limits leave all of them whole.
  init(_ graph: IntegerGraph, limits: PlanLimits?) {
    guard let limits else {
      lengths = [:]
      return
    }
    let room = Double(min(limits.constraints, limits.variables, limits.nonzeros))
    var lengths: [TensorID: Int] = [:]
    for id in graph.inputs where !graph.tensors[id].isParameter {
      let tensor = graph.tensors[id]
      let cost = Self.readingCost(tensor)
      guard Double(tensor.count) * cost > Self.whole * room else { continue }
      lengths[id] = Self.length(
        tensor.shape, most: max(1, Int(room / Self.blocksPerCircuit / cost)))
    }
    self.lengths = lengths
  }

  /// Constraints for an element: its bits, and its share of the hash.
  private static func readingCost(_ tensor: IntegerTensor) -> Double {
    let word = BoundaryEncoding.word(for: tensor.range, salted: false).bitWidth
    let hashing =
      CircuitSize.constraintsPerPermutation * Double(word) / Double(8 * BoundaryEncoding.pieceBits)
    return Double(tensor.range.unsignedBitCount + 1) + hashing
  }

  /// At most so many elements, whole slices along the last axes where there is room for one.
  private static func length(_ shape: [Int], most: Int) -> Int {
    var slice = 1
    for dimension in shape.reversed() where dimension > 0 {
      guard slice * dimension <= most else { break }
      slice *= dimension
    }
    return most / slice * slice
  }

  /// The blocks of an input, in order: runs of elements that together are all of it.
  func blocks(of id: TensorID, count: Int) -> [Range<Int>] {
    guard let length = lengths[id] else { return [0..<count] }
    return stride(from: 0, to: count, by: length).map { $0..<min($0 + length, count) }
  }

  /// How many blocks some elements of an input lie in, and how many elements these blocks have.
  ///
  /// - Parameter elements: ascending.
  func touched(_ elements: [Int], of id: TensorID, count: Int) -> (blocks: Int, elements: Int) {
    guard let length = lengths[id] else { return (1, count) }
    var (blocks, hashed, last) = (0, 0, -1)
    for element in elements where element / length != last {
      last = element / length
      blocks += 1
      hashed += min(length, count - last * length)
    }
    return (blocks, hashed)
  }
}
