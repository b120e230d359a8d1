import Circuit

/// A run of steps, divided into tiles that become one chunk each.
package struct Stage: Hashable, Sendable {
  /// The steps, counted without constants.
  package var steps: Range<Int>
  /// How they are divided.
  package var tiling: Tiling

  /// What stands before the first stage.
  static let none = Stage(steps: 0..<0, tiling: .whole)

  /// Steps tiled in one way.
  package init(steps: Range<Int>, tiling: Tiling) {
    (self.steps, self.tiling) = (steps, tiling)
  }
}

extension [Stage] {
  /// Tiles of all of them, as many as chunks unless a tile has nothing to compute.
  var chunkCount: Int { reduce(0) { $0 + $1.tiling.count } }
}

/// What one tile of a stage has to compute, found by going backwards from its part of what the stage hands on.
///
/// Steps are prepended one by one, so that the same slice serves for stages that end at the same place and begin earlier
/// and earlier. Elements that several tiles need are computed by each of them.
struct TileSlice {
  /// The part of one step.
  struct Part {
    let step: Int
    /// What of the step's output is computed, ascending.
    let elements: [Int]
    /// What of that the stage hands on; empty if only steps of the stage read it.
    let handedOn: [Int]
    /// The operation on these elements; nil for a linear map, whose rows are only selected where they are used.
    let kind: IntegerOperation.Kind?
  }

  let flow: Dataflow
  let end: Int
  let tiling: Tiling
  let tile: Int
  /// Elements that steps of the slice read and none of them makes, by tensor, ascending; constants too.
  private(set) var reads: [TensorID: [Int]] = [:]

  /// An empty slice of a tile, of a stage that ends before step `end`.
  init(_ flow: Dataflow, end: Int, tiling: Tiling, tile: Int) {
    self.flow = flow
    self.end = end
    self.tiling = tiling
    self.tile = tile
  }

  /// All that one tile computes.
  struct Whole {
    /// Number of the tile in its stage.
    let tile: Int
    /// In the order of the steps.
    let parts: [Part]
    /// Elements of tensors that other tiles make, of inputs and of constants, ascending.
    let reads: [TensorID: [Int]]
  }

  /// All that a tile of a stage computes.
  static func whole(_ stage: Stage, tile: Int, in flow: Dataflow) -> Whole {
    var slice = TileSlice(flow, end: stage.steps.upperBound, tiling: stage.tiling, tile: tile)
    let parts = stage.steps.reversed().compactMap { slice.prepend($0) }
    return Whole(tile: tile, parts: parts.reversed(), reads: slice.reads)
  }

  /// Adds the step before those of the slice; nil if the tile needs nothing of it.
  mutating func prepend(_ step: Int) -> Part? {
    let operation = flow.operation(step)
    let shape = flow.graph.tensors[operation.output].shape
    var handedOn: [Int] = []
    if flow.lastReader[operation.output] >= end {
      // Pieces of a result of the model are runs of consecutive elements.
      let isResult = flow.lastReader[operation.output] == .max
      handedOn = Tiling(axis: isResult ? 0 : tiling.axis, count: tiling.count).part(tile, of: shape)
    }
    let wanted = reads.removeValue(forKey: operation.output) ?? []
    let elements = tileable(wanted.merged(handedOn), of: operation)
    guard !elements.isEmpty else { return nil }
    var kind: IntegerOperation.Kind?
    if case .linear(let map) = operation.kind {
      var start = 0
      let columns = map.columns(ofRows: elements)
      var next = 0
      for input in operation.inputs {
        let count = flow.graph.tensors[input].count
        let first = next
        while next < columns.count, columns[next] < start + count { next += 1 }
        if next > first {
          let isAll = start == 0 && next == columns.count
          read(input, isAll ? columns : columns[first..<next].map { $0 - start })
        }
        start += count
      }
    } else {
      let tile = operation.kind.tile(
        elements, inputs: operation.inputs.map { flow.graph.tensors[$0].count })
      for (input, elements) in zip(operation.inputs, tile.reads) {
        read(input, operation.kind.isElementwise ? elements : elements.ascending)
      }
      kind = tile.kind
    }
    return Part(step: step, elements: elements, handedOn: handedOn, kind: kind)
  }

  /// The least that a tile can make of an operation that makes these elements.
  ///
  /// Matrices of committed parameters are read by whole rows where they stand on the left, and whole where they stand on
  /// the right, because they are committed to in runs of consecutive elements.
  private func tileable(_ elements: [Int], of operation: IntegerOperation) -> [Int] {
    guard case .matmul(_, _, _, let n) = operation.kind,
      flow.graph.tensors[operation.inputs[1]].isParameter
    else { return operation.kind.tileable(elements) }
    let rows = elements.map { $0 / n }.ascending
    return operation.kind.tileable(rows.flatMap { $0 * n..<($0 + 1) * n })
  }

  private mutating func read(_ tensor: TensorID, _ elements: [Int]) {
    reads[tensor] = (reads[tensor] ?? []).merged(elements)
  }
}

extension [Int] {
  /// The union of two ascending lists.
  func merged(_ other: [Int]) -> [Int] {
    if other.isEmpty { return self }
    if isEmpty { return other }
    if self[count - 1] < other[0] { return self + other }
    if other[other.count - 1] < self[0] { return other + self }
    if self == other { return self }
    return withUnsafeBufferPointer { a in
      other.withUnsafeBufferPointer { b in
        [Int](unsafeUninitializedCapacity: a.count + b.count) { union, length in
          var (i, j, k) = (0, 0, 0)
          while i < a.count && j < b.count {
            let (x, y) = (a[i], b[j])
            union.initializeElement(at: k, to: x < y ? x : y)
            k += 1
            if x <= y { i += 1 }
            if y <= x { j += 1 }
          }
          for rest in [a[i...], b[j...]] {
            for element in rest {
              union.initializeElement(at: k, to: element)
              k += 1
            }
          }
          length = k
        }
      }
    }
  }
}
