import Circuit

/// A graph cut into stages and these into tiles, each tile a run of ordinary operations that becomes a chunk.
///
/// What a tile hands on is divided into *pieces*, tensors of their own, by the tiles that read it: a tile that reads a piece
/// has to hash it whole, so elements with the same readers go together.
package struct TiledGraph {
  /// Some elements of a tensor of the original graph, ascending, held by a tensor of the tiled graph in this order.
  package struct Piece: Equatable {
    package var tensor: TensorID
    package var elements: [Int]
  }

  /// The operations of one tile.
  package struct Tile {
    /// Index of its stage.
    package var stage: Int
    /// Its operations in the tiled graph.
    package var operations: Range<Int>
    /// Elements that it reads of tensors of the original graph, constants included, ascending.
    var reads: [TensorID: [Int]]
    /// Number of the tile in its stage.
    var number: Int
    /// What it hands on, with the tensors of the original graph that these are pieces of, in the order they were added.
    var made: [(of: TensorID, piece: Piece)]
    /// The tile of an earlier graph that this one is a copy of, but for the numbers of tensors.
    package var copied: Int?
  }

  /// The tiled graph; its outputs are the pieces of the original outputs in order.
  package private(set) var graph: IntegerGraph
  /// In the order of the operations.
  package private(set) var tiles: [Tile] = []
  /// For every operation of the tiled graph the part it is; nil for constants and selections, which cost nothing.
  private(set) var sources: [TileSlice.Part?] = []
  /// For every tensor the tensor of the original graph that it holds elements of.
  private(set) var origins: [TensorID] = []
  /// For every original output the pieces that together hold it, as runs of consecutive elements.
  package private(set) var outputs: [[Piece]] = []
  /// For every input of the original graph that is no parameter its pieces, in order.
  package private(set) var modelInputs: [[Piece]] = []
  /// For every parameter tensor of the original graph its pieces: what each tile reads is an input of its own.
  package private(set) var parameters: [[Piece]] = []

  private let flow: Dataflow
  private let stages: [Stage]
  private var inputs: [TensorID] = []
  private var tensors: [IntegerTensor] = []
  private var operations: [IntegerOperation] = []
  private var pieces: PieceMap
  /// Where columns of a map go, -1 for most; kept from map to map because it is as long as the longest map's input.
  private var places: [Int32] = []

  /// - Parameters:
  ///   - stages: they cover the steps of the graph in order.
  ///   - earlier: another cut of the same graph under the same limits, whose tiles are copied where nothing has changed for them.
  /// - Throws: what `IntegerGraph.init` throws.
  package init(
    _ original: IntegerGraph, stages: [Stage], limits: PlanLimits? = nil,
    earlier: TiledGraph? = nil
  ) throws(CircuitError) {
    try self.init(Dataflow(original, limits: limits), stages: stages, earlier: earlier)
  }

  init(
    _ flow: Dataflow, stages: [Stage], earlier: TiledGraph? = nil
  ) throws(CircuitError) {
    var shelf = SliceShelf()
    try self.init(
      flow, stages: stages, slices: shelf.slices(of: stages, in: flow, threads: 1),
      earlier: earlier)
  }

  /// - Parameters:
  ///   - slices: what the tiles of each stage compute.
  ///   - earlier: another cut of the same graph, whose tiles are copied where nothing has changed for them.
  init(
    _ flow: Dataflow, stages: [Stage], slices: [[TileSlice.Whole]], earlier: TiledGraph? = nil
  ) throws(CircuitError) {
    self.flow = flow
    self.stages = stages
    let original = flow.graph
    graph = original
    pieces = PieceMap(tensors: original.tensors.count)
    for id in original.inputs where !original.tensors[id].isParameter {
      for block in flow.blocks.blocks(of: id, count: original.tensors[id].count) {
        addInput(id, elements: Array(block))
      }
    }
    let slices = slices.enumerated().flatMap { stage, tiles in
      tiles.filter { !$0.parts.isEmpty }.map { (stage: stage, slice: $0) }
    }
    let readers = ElementReaders(
      slices.map(\.slice.reads),
      counts: original.tensors.indices.map { flow.maker[$0] < 0 ? 0 : original.tensors[$0].count })
    // Which pieces of parameters there are depends on all tiles before.
    let hasParameters = original.inputs.contains { original.tensors[$0].isParameter }
    var copies = hasParameters ? nil : earlier.map { TileCopies($0) }
    for (stage, slice) in slices { add(slice, ofStage: stage, readers, &copies) }
    places = []
    outputs = original.outputs.map { pieces[$0] }
    modelInputs = original.inputs.filter { !original.tensors[$0].isParameter }.map { pieces[$0] }
    parameters = original.inputs.filter { original.tensors[$0].isParameter }.map { id in
      pieces[id].sorted { $0.elements[0] < $1.elements[0] }
    }
    graph = try IntegerGraph(
      tensors: tensors, operations: operations, inputs: inputs,
      outputs: outputs.flatMap { $0.map(\.tensor) })
  }

  /// The pieces that are handed on of a tensor of the original graph, or given, in the order they are made.
  package func pieces(of tensor: TensorID) -> [Piece] { pieces[tensor] }

  /// The stage that a tile belongs to.
  func stage(ofTile tile: Int) -> Stage { stages[tiles[tile].stage] }

  // MARK: - One tile

  private mutating func add(
    _ slice: TileSlice.Whole, ofStage stage: Int, _ readers: ElementReaders,
    _ copies: inout TileCopies?
  ) {
    let (parts, reads) = (slice.parts, slice.reads)
    let divisions = parts.map { handedOn($0, of: flow.operation($0.step), readers) }
    let first = operations.count
    var made: [(of: TensorID, piece: Piece)] = []
    if let number = copies?.twin(of: slice, stages[stage]),
      copies!.isSame(number, divided: divisions, parts, flow, pieces)
    {
      made = copy(number, &copies!)
      tiles.append(
        Tile(
          stage: stage, operations: first..<operations.count, reads: reads, number: slice.tile,
          made: made, copied: number))
      return
    }
    var local: [TensorID: Piece] = [:]
    // Parameters before all else, so that what follows finds them as pieces.
    for (id, elements) in reads.sorted(by: { $0.key < $1.key })
    where flow.graph.tensors[id].isParameter {
      for run in pieces.missing(elements, of: id) { addInput(id, elements: run) }
    }
    let anchor = self.anchor(reads)
    for (id, elements) in reads.sorted(by: { $0.key < $1.key }) {
      guard let map = flow.constants[id] else { continue }
      var constant = LinearMap(inputCount: tensors[anchor].count)
      for element in elements { constant.appendRow([], bias: map.biases[element]) }
      let tensor = append(
        .linear(constant), named: flow.graph.tensors[id].name, like: id, inputs: [anchor],
        count: elements.count, source: nil)
      local[id] = Piece(tensor: tensor, elements: elements)
    }
    for (part, division) in zip(parts, divisions) {
      let operation = flow.operation(part.step)
      let piece =
        copy(part, local: local) ?? add(part, operation, local: local, anchor: anchor)
      local[operation.output] = piece
      for elements in division {
        let tensor =
          elements == piece.elements
          ? piece.tensor : gather(elements, of: operation.output, local: local, operation.name)
        let handed = Piece(tensor: tensor, elements: elements)
        pieces.add(handed, of: operation.output)
        made.append((operation.output, handed))
      }
    }
    // Where all readers read all of an input, nothing is left of its copy.
    guard operations.count > first else { return }
    tiles.append(
      Tile(
        stage: stage, operations: first..<operations.count, reads: reads, number: slice.tile,
        made: made, copied: nil))
  }

  /// Adds the operations of an earlier graph's tile; returns what it hands on.
  private mutating func copy(
    _ number: Int, _ copies: inout TileCopies
  ) -> [(of: TensorID, piece: Piece)] {
    let earlier = copies.earlier
    let tile = earlier.tiles[number]
    for index in tile.operations {
      let operation = earlier.graph.operations[index]
      let tensor = append(
        operation.kind, named: operation.name, like: earlier.origins[operation.output],
        inputs: operation.inputs.map { copies[$0] },
        count: earlier.graph.tensors[operation.output].count, source: earlier.sources[index])
      copies.note(operation.output, is: tensor)
    }
    return tile.made.map { id, piece in
      let handed = Piece(tensor: copies[piece.tensor], elements: piece.elements)
      pieces.add(handed, of: id)
      return (id, handed)
    }
  }

  /// What a part hands on, divided into pieces; of a result of the model the run of elements as it is.
  private func handedOn(
    _ part: TileSlice.Part, of operation: IntegerOperation, _ readers: ElementReaders
  ) -> [[Int]] {
    let isResult = flow.lastReader[operation.output] == .max
    return isResult && !part.handedOn.isEmpty
      ? [part.handedOn]
      : readers.pieces(
        part.handedOn, of: operation.output,
        bits: flow.graph.tensors[operation.output].range.unsignedBitCount)
  }

  /// A tensor that the tile reads anyway, for maps without entries: they need an input too.
  private func anchor(_ reads: [TensorID: [Int]]) -> TensorID {
    let read = reads.filter { flow.constants[$0.key] == nil }.min { $0.key < $1.key }
    return read.map { pieces.place(of: $0.value[0], in: $0.key).tensor } ?? inputs[0]
  }

  /// What a part copies of an input of the model, as it stands there; results of the model are operations' outputs.
  private mutating func copy(_ part: TileSlice.Part, local: [TensorID: Piece]) -> Piece? {
    guard flow.lastReader[flow.operation(part.step).output] != .max else { return nil }
    return flow.copied(by: part.step).map { input in
      let name = flow.graph.tensors[input].name
      return Piece(
        tensor: gather(part.elements, of: input, local: local, name), elements: part.elements)
    }
  }

  /// The operation that computes a part, whatever its inputs are cut into.
  private mutating func add(
    _ part: TileSlice.Part, _ operation: IntegerOperation, local: [TensorID: Piece],
    anchor: TensorID
  ) -> Piece {
    let kind: IntegerOperation.Kind
    var inputs: [TensorID] = []
    if case .linear(let map) = operation.kind {
      var local = local
      if map.hasLongRows { gatherColumns(map, part.elements, operation, &local) }
      let (rows, sources) = rerouted(map, part.elements, operation.inputs, local, anchor: anchor)
      (kind, inputs) = (.linear(rows), sources)
    } else {
      let tile = operation.kind.tile(
        part.elements, inputs: operation.inputs.map { flow.graph.tensors[$0].count })
      kind = tile.kind
      for (id, elements) in zip(operation.inputs, tile.reads) {
        inputs.append(gather(elements, of: id, local: local, operation.name))
      }
    }
    let tensor = append(
      kind, named: operation.name, like: operation.output, inputs: inputs,
      count: part.elements.count, source: part)
    return Piece(tensor: tensor, elements: part.elements)
  }

  /// Puts what rows of a map read in its original order, whatever pieces it comes in: positions of a convolution are
  /// recognised by how their elements lie.
  private mutating func gatherColumns(
    _ map: LinearMap, _ rows: [Int], _ operation: IntegerOperation, _ local: inout [TensorID: Piece]
  ) {
    let columns = map.columns(ofRows: rows)
    var start = 0
    var next = 0
    for id in operation.inputs {
      let end = start + flow.graph.tensors[id].count
      let first = next
      while next < columns.count, columns[next] < end { next += 1 }
      let elements = columns[first..<next].map { $0 - start }
      start = end
      guard !elements.isEmpty else { continue }
      let tensor = gather(elements, of: id, local: local, operation.name)
      local[id] = Piece(tensor: tensor, elements: elements)
    }
  }

  /// A tensor that holds exactly these elements in this order; made by a selection unless a piece is it.
  private mutating func gather(
    _ elements: [Int], of id: TensorID, local: [TensorID: Piece], _ name: String
  ) -> TensorID {
    if let piece = local[id] {
      if piece.elements == elements { return piece.tensor }
    } else if let piece = pieces.piece(elements, of: id) {
      return piece.tensor
    }
    let selection = LinearMap.selecting(elements, of: flow.graph.tensors[id].count)
    let (map, inputs) = rerouted(selection, Array(elements.indices), [id], local, anchor: 0)
    return append(
      .linear(map), named: name, like: id, inputs: inputs, count: elements.count, source: nil)
  }

  /// Some rows of a map, over the pieces that they read instead of the inputs.
  private mutating func rerouted(
    _ map: LinearMap, _ rows: [Int], _ inputs: [TensorID], _ local: [TensorID: Piece],
    anchor: TensorID
  ) -> (map: LinearMap, inputs: [TensorID]) {
    let columns = map.columns(ofRows: rows)
    var sources: [TensorID] = []
    var starts: [TensorID: Int] = [:]
    var total = 0
    if places.count < map.inputCount {
      places += [Int32](repeating: -1, count: map.inputCount - places.count)
    }
    defer { for column in columns { places[column] = -1 } }
    var (next, base) = (0, 0)
    for id in inputs {
      let limit = base + flow.graph.tensors[id].count
      let piece = local[id]
      var position = 0
      var last: (tensor: TensorID, start: Int)?
      while next < columns.count, columns[next] < limit {
        let element = columns[next] - base
        let place: (tensor: TensorID, position: Int)
        if let piece {
          position = piece.elements.place(of: element, from: position)
          place = (piece.tensor, position)
        } else {
          place = pieces.place(of: element, in: id)
        }
        if place.tensor != last?.tensor {
          if starts[place.tensor] == nil {
            starts[place.tensor] = total
            sources.append(place.tensor)
            total += tensors[place.tensor].count
          }
          last = (place.tensor, starts[place.tensor]!)
        }
        places[columns[next]] = Int32(last!.start + place.position)
        next += 1
      }
      base = limit
    }
    if sources.isEmpty { (sources, total) = ([anchor], tensors[anchor].count) }
    return (map.selectingRows(rows, movingColumnsTo: places, of: total), sources)
  }

  // MARK: - Tensors and operations

  private mutating func addInput(_ id: TensorID, elements: [Int]) {
    let tensor = append(like: id, count: elements.count)
    inputs.append(tensor)
    pieces.add(Piece(tensor: tensor, elements: elements), of: id)
  }

  private mutating func append(like id: TensorID, count: Int) -> TensorID {
    var tensor = flow.graph.tensors[id]
    if count != tensor.count { tensor.shape = [count] }
    tensors.append(tensor)
    origins.append(id)
    return tensors.count - 1
  }

  private mutating func append(
    _ kind: IntegerOperation.Kind, named name: String, like id: TensorID, inputs: [TensorID],
    count: Int, source: TileSlice.Part?
  ) -> TensorID {
    let output = append(like: id, count: count)
    operations.append(IntegerOperation(name: name, kind: kind, inputs: inputs, output: output))
    sources.append(source)
    return output
  }
}
