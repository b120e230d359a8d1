import Circuit

/// An operation and the elementwise operations of one input that only continue it.
struct Stage {
  /// Indices into the graph's operations, in order.
  var operations: [Int]

  /// The stages of a graph, in the order of its operations.
  static func all(of graph: IntegerGraph) -> [Stage] {
    var consumers = [Int](repeating: 0, count: graph.tensors.count)
    for operation in graph.operations { for input in operation.inputs { consumers[input] += 1 } }
    for output in graph.outputs { consumers[output] += 1 }
    var stages: [Stage] = []
    for (index, operation) in graph.operations.enumerated() {
      let last = stages.last?.operations.last.map { graph.operations[$0].output }
      let continues =
        operation.kind.isElementwise && operation.inputs.count == 1
        && last == operation.inputs[0] && consumers[operation.inputs[0]] == 1
      if continues {
        stages[stages.count - 1].operations.append(index)
      } else {
        stages.append(Stage(operations: [index]))
      }
    }
    return stages
  }

  /// Element sets that together are the stage's output, each predicted to stay below `budget` constraints.
  func tiles(of graph: IntegerGraph, budget: Int) -> [[Int]] {
    let output = graph.tensors[graph.operations[operations.last!].output]
    let estimates = Estimate.all(of: operations.map { graph.operations[$0] }, in: graph)
    // Half of the nonzeros go to each of A and C, and a domain of nonzeros is mostly twice that of constraints.
    let size = max(
      estimates.reduce(0) { $0 + $1.constraints }, estimates.reduce(0) { $0 + $1.nonzeros } / 4)
    let wanted = (size + budget - 1) / max(1, budget)
    let everything = [Array(0..<output.count)]
    guard wanted > 1, output.count > 1 else { return everything }

    let first = graph.operations[operations[0]]
    if case .matmul(let batch, let m, _, let n) = first.kind {
      let perMatrix = max(1, min(m, (wanted + batch - 1) / batch))
      return (0..<batch).flatMap { matrix in
        Self.runs(of: m, count: perMatrix).map { rows in
          Array((matrix * m + rows.lowerBound) * n..<(matrix * m + rows.upperBound) * n)
        }
      }
    }
    let unit = first.kind.tileUnit
    let runs = Self.runs(
      of: output.count / unit, unit: Self.channelSize(output.shape), count: wanted
    ).map { Array($0.lowerBound * unit..<$0.upperBound * unit) }
    let isOutput = operations.contains { graph.outputs.contains(graph.operations[$0].output) }
    guard !isOutput, unit == 1, let bands = Self.bands(of: output.shape, count: wanted),
      Self.reads(first, tiles: bands) < Self.reads(first, tiles: runs)
    else { return runs }
    return bands
  }

  /// Elements of one channel of an image (N, C, spatial...), or 1 if the shape is none.
  private static func channelSize(_ shape: [Int]) -> Int {
    shape.count >= 3 ? shape[2...].reduce(1, *) : 1
  }

  /// At most `count` runs of nearly equal length, aligned to `unit` elements where there are enough units.
  private static func runs(of total: Int, unit: Int = 1, count: Int) -> [Range<Int>] {
    let unit = total / unit >= count ? unit : 1
    let (units, parts) = (total / unit, min(count, total / unit))
    return (0..<parts).map { part in
      units * part / parts * unit..<units * (part + 1) / parts * unit
    }
  }

  /// Horizontal bands of an image: whole rows of every channel. Nil if the shape is no image or has too few rows.
  private static func bands(of shape: [Int], count: Int) -> [[Int]]? {
    guard shape.count >= 3, shape[2] >= count else { return nil }
    let (planes, rows, width) = (shape[0] * shape[1], shape[2], shape[3...].reduce(1, *))
    return runs(of: rows, count: count).map { band in
      (0..<planes).flatMap { plane in
        Array((plane * rows + band.lowerBound) * width..<(plane * rows + band.upperBound) * width)
      }
    }
  }

  /// How many input elements the tiles read, counted once per tile.
  private static func reads(_ operation: IntegerOperation, tiles: [[Int]]) -> Int {
    switch operation.kind {
    case .linear(let map):
      return tiles.reduce(0) { total, tile in
        var columns = Set<UInt32>()
        for row in tile {
          columns.formUnion(map.columns[map.rowStarts[row]..<map.rowStarts[row + 1]])
        }
        return total + columns.count
      }
    case .maximum(let groups), .argmax(let groups, _):
      return tiles.reduce(0) { $0 + Set($1.lazy.flatMap { groups[$0] }).count }
    default:
      return tiles.reduce(0) { $0 + $1.count }
    }
  }
}

/// Predicted size of an operation's part of a circuit, before anything is compiled.
package struct Estimate {
  package var constraints: Int
  /// Of all three matrices together, beyond one of each per constraint.
  var nonzeros: Int

  /// Predictions for consecutive operations; a relu of what a rescale has just decomposed reuses its sign bit.
  package static func all(of operations: [IntegerOperation], in graph: IntegerGraph) -> [Estimate] {
    var decomposed = Set<TensorID>()
    return operations.map { operation in
      if case .rescale = operation.kind { decomposed.insert(operation.output) }
      return Estimate(
        operation, in: graph, decomposed: decomposed.contains(operation.inputs[0]))
    }
  }

  private init(_ operation: IntegerOperation, in graph: IntegerGraph, decomposed: Bool) {
    let cost = operation.cost(in: graph, bitsAreKnown: decomposed)
    (constraints, nonzeros) = (cost.constraints, cost.nonzeros - 3 * cost.constraints)
  }

  /// Constraints that one side of a cut pays for a tensor: hashing it, and range checks for a reader.
  static func boundary(_ tensor: IntegerTensor, reading: Bool) -> Int {
    let bits = tensor.count * max(1, tensor.range.unsignedBitCount)
    let blocks = (bits + 251) / 252 / 8 + 1
    return blocks * 620 + (reading ? bits + tensor.count : 0)
  }
}
