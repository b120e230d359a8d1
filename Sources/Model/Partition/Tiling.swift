import Circuit

/// A graph whose wide stages are cut into tiles, each of them ordinary operations of its own.
///
/// A *stage* is an operation and the elementwise operations that only continue it (linear, rescale, relu). All
/// of a stage is tiled alike, by rows of the image or by runs of the flattened output (channels), whichever makes
/// the tiles read fewer elements. A tensor of the original graph becomes one or more *pieces*.
package struct TiledGraph {
  /// Some elements of a tensor of the original graph, held by a tensor of the tiled graph in this order.
  package struct Piece: Equatable {
    package var tensor: TensorID
    package var elements: [Int]
  }

  /// The tiled graph; its outputs are the pieces of the original outputs in order.
  package private(set) var graph: IntegerGraph
  /// For every original output the pieces that together hold it, as runs of consecutive elements.
  package private(set) var outputs: [[Piece]] = []
  /// For every parameter tensor its pieces: what each tile reads of it is an input of its own.
  package private(set) var parameters: [[Piece]] = []

  private let original: IntegerGraph
  private var inputs: [TensorID] = []
  private var tensors: [IntegerTensor] = []
  private var operations: [IntegerOperation] = []
  private var pieces: [TensorID: [Piece]] = [:]

  /// Cuts every stage whose predicted number of constraints exceeds `budget` into equal tiles below it.
  package init(_ original: IntegerGraph, budget: Int) throws(CircuitError) {
    self.original = original
    self.graph = original
    for id in original.inputs where !original.tensors[id].isParameter {
      let new = append(original.tensors[id])
      inputs.append(new)
      pieces[id] = [Piece(tensor: new, elements: Array(0..<original.tensors[id].count))]
    }
    for stage in Stage.all(of: original) {
      for elements in stage.tiles(of: original, budget: budget) {
        add(stage, elements: elements)
      }
    }
    outputs = original.outputs.map { pieces[$0]! }
    parameters = original.inputs.filter { original.tensors[$0].isParameter }.map {
      pieces[$0] ?? []
    }
    graph = try IntegerGraph(
      tensors: tensors, operations: operations, inputs: inputs,
      outputs: outputs.flatMap { $0.map(\.tensor) })
  }

  private mutating func append(_ tensor: IntegerTensor) -> TensorID {
    tensors.append(tensor)
    return tensors.count - 1
  }

  private mutating func append(
    _ kind: IntegerOperation.Kind, like operation: IntegerOperation, inputs: [TensorID],
    elements: [Int]
  ) -> TensorID {
    var tensor = original.tensors[operation.output]
    if elements.count != tensor.count { tensor.shape = [elements.count] }
    let output = append(tensor)
    operations.append(
      IntegerOperation(name: operation.name, kind: kind, inputs: inputs, output: output))
    return output
  }

  // MARK: - One tile of a stage

  private mutating func add(_ stage: Stage, elements: [Int]) {
    var current: TensorID?
    for index in stage.operations {
      let operation = original.operations[index]
      if let previous = current {
        current = append(operation.kind, like: operation, inputs: [previous], elements: elements)
      } else {
        current = addFirst(operation, elements: elements)
      }
      pieces[operation.output, default: []].append(Piece(tensor: current!, elements: elements))
    }
  }

  /// The part of an operation that computes these elements of its output, whatever its inputs are cut into.
  private mutating func addFirst(_ operation: IntegerOperation, elements: [Int]) -> TensorID {
    if case .linear(let map) = operation.kind {
      let (rows, inputs) = rerouted(map.selectingRows(elements), from: operation.inputs)
      return append(.linear(rows), like: operation, inputs: inputs, elements: elements)
    }
    let tile = operation.kind.tile(
      elements, inputs: operation.inputs.map { original.tensors[$0].count })
    let inputs = zip(tile.reads, operation.inputs).map { elements, id in
      gather(elements, of: id, name: operation.name)
    }
    return append(tile.kind, like: operation, inputs: inputs, elements: elements)
  }

  /// A tensor that holds exactly these elements in this order; made by a selection unless a piece is it.
  private mutating func gather(_ elements: [Int], of id: TensorID, name: String) -> TensorID {
    if let piece = pieces[id, default: []].first(where: { $0.elements == elements }) {
      return piece.tensor
    }
    if original.tensors[id].isParameter { return addParameter(elements, of: id) }
    let selection = LinearMap.selecting(elements, of: original.tensors[id].count)
    let (map, inputs) = rerouted(selection, from: [id])
    var tensor = original.tensors[id]
    tensor.shape = [elements.count]
    let output = append(tensor)
    operations.append(
      IntegerOperation(name: name, kind: .linear(map), inputs: inputs, output: output))
    return output
  }

  /// Some elements of a parameter tensor as an input, so that a chunk commits to no more of it than it reads.
  private mutating func addParameter(_ elements: [Int], of id: TensorID) -> TensorID {
    assert(pieces[id, default: []].allSatisfy { Set($0.elements).isDisjoint(with: elements) })
    var tensor = original.tensors[id]
    if elements.count != tensor.count { tensor.shape = [elements.count] }
    let new = append(tensor)
    inputs.append(new)
    pieces[id, default: []].append(Piece(tensor: new, elements: elements))
    return new
  }

  /// The same map over the pieces of its inputs, leaving out the pieces that it does not read.
  private func rerouted(
    _ map: LinearMap, from inputs: [TensorID]
  ) -> (map: LinearMap, inputs: [TensorID]) {
    var place = [(piece: Int, position: Int)](repeating: (-1, -1), count: map.inputCount)
    var all: [Piece] = []
    var offset = 0
    for id in inputs {
      for piece in pieces[id]! {
        for (position, element) in piece.elements.enumerated() {
          place[offset + element] = (all.count, position)
        }
        all.append(piece)
      }
      offset += original.tensors[id].count
    }
    var used = [Bool](repeating: false, count: all.count)
    for column in map.columns { used[place[Int(column)].piece] = true }
    if !used.contains(true) { used[0] = true }  // a constant map still needs an input tensor
    var starts = [Int](repeating: 0, count: all.count)
    var total = 0
    for index in all.indices where used[index] {
      starts[index] = total
      total += all[index].elements.count
    }
    var result = LinearMap(inputCount: total)
    result.reserve(rows: map.outputCount, entries: map.entryCount)
    for row in 0..<map.outputCount {
      let entries = (map.rowStarts[row]..<map.rowStarts[row + 1]).map { entry in
        let (piece, position) = place[Int(map.columns[entry])]
        return (column: starts[piece] + position, coefficient: map.coefficients[entry])
      }
      result.appendRow(entries, bias: map.biases[row])
    }
    return (result, all.indices.filter { used[$0] }.map { all[$0].tensor })
  }
}
