import Circuit
import TestSupport

/// Chunks of random graphs, some of their operations checked at a challenge.
enum RandomChunk {
  /// Chunks that the tests try, by seeds that follow each other.
  static let count: UInt64 = 12

  /// - Parameter operations: attempts to add one; those that fit nothing are left out.
  static func make(seed: UInt64, operations: Int) throws -> ChunkSketch {
    var random = RandomGraph(seed: seed)
    let graph = try random.graph(operations: operations)
    let checked = graph.operations.indices.filter { index in
      switch graph.operations[index].kind {
      case .matmul, .table: random.chance(2)
      case .linear(let map): map.hasLongRows && random.chance(2)
      default: false
      }
    }
    return try ChunkSketch(graph, salted: random.chance(2), checked: checked)
  }
}
