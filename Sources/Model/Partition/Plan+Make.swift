import Algebra
import Aleo
import Circuit
import Varuna

extension Plan {
  /// Plans a quantised graph.
  ///
  /// Its operations are cut into stages and these into tiles, so that the predicted wall time gets small; the sizes that
  /// decide are counted, not predicted.
  /// - Parameters:
  ///   - graph: the whole integer program.
  ///   - request: workers, limits, visibility and what else a user decides.
  ///   - costs: predicts seconds, memory and bytes.
  ///   - strategy: how stages are chosen.
  ///   - threads: width of the search; it does not change the plan.
  /// - Throws: `doesNotFit` or `tooManyChunks` naming the operation that no tiling, or no reasonable one, makes small enough.
  public static func make(
    graph: IntegerGraph, request: PlanRequest, costs: CostModel = .search,
    strategy: CutStrategy = .cheapest, threads: Int = 1
  ) throws(PlanError) -> Plan {
    precondition(request.workers > 0 && threads > 0)
    var found: CutSearch.Found?
    var refusal = PlanError.doesNotFit(nil, limits: request.limits)
    do throws(CircuitError) {
      let graph = try graph.copyingInputs()
      var grounds: [Int: CutSearch.Ground] = [:]
      var counter = CircuitCounter(request, threads: threads)
      for (index, kind) in searches.enumerated() where strategy != .whole || index == 0 {
        // A division whose wider integers do not fit is no way to go.
        if grounds[kind.parts] == nil {
          let divided = kind.parts == 1 ? graph : (try? graph.dividingSums(into: kind.parts)) ?? nil
          guard let divided else { continue }
          if let found, found.cut.chunks.count > thoroughly { break }
          grounds[kind.parts] = CutSearch.Ground(divided, request: request)
        }
        if let found, found.cut.chunks.count > thoroughly { break }
        guard var ground = grounds.removeValue(forKey: kind.parts) else { continue }
        var search = CutSearch(
          ground, counter, request: request, costs: costs, strategy: strategy,
          reluctance: kind.reluctance, threads: threads)
        defer {
          search.leave(&ground, &counter)
          grounds[kind.parts] = ground
        }
        if let other = try search.best() {
          if found.map({ other.isBetter(than: $0) }) ?? true { found = other }
        } else if index == 0 {
          refusal = search.refusal
        }
      }
      // Dividing reductions makes everything dearer, and cuts possible that are not without it; where nothing but the number of
      // tiles was in the way, it adds to them.
      if found == nil, strategy != .whole, !refusal.isAboutNumber {
        let divided = (try? graph.dividingReductions(for: request.limits)) ?? nil
        var search = CutSearch(
          CutSearch.Ground(divided ?? graph, request: request), counter, request: request,
          costs: costs, strategy: strategy, reluctance: 1, isFine: true, threads: threads)
        found = try search.best()
        if found == nil { refusal = search.refusal }
      }
    } catch {
      throw .circuit(error)
    }
    guard let found else { throw refusal }
    return Plan(found.cut, request: request)
  }

  /// Numbers of parts that long sums are divided into, and how reluctant the search is to make another tile.
  ///
  /// Predictions are too optimistic about small tiles in some graphs and about large ones in others.
  private static let searches: [(parts: Int, reluctance: Double)] = [
    (1, 1), (1, 5), (2, 1), (4, 1), (8, 1), (2, 5), (4, 5), (8, 5),
  ]
  /// Once there is a cut into more chunks than this, other searches are not worth their time.
  private static let thoroughly = 64

  private init(_ cut: CutGraph, request: PlanRequest) {
    let (graph, tiled, parts) = (cut.tiled.graph, cut.tiled, cut.chunks)
    let boundaries = Self.boundaries(of: graph, parts: parts) {
      Self.encoding(of: $0, in: graph, request: request)
    }
    let numbers = Dictionary(
      uniqueKeysWithValues: boundaries.enumerated().map { ($1.tensor, $0) })
    circuits = cut.circuits
    groups = Self.groups(circuits: circuits, request: request)
    var places = [(circuit: Int, instance: Int, group: Int)](
      repeating: (0, 0, 0), count: parts.count)
    for (group, members) in groups.enumerated() {
      for member in members.circuits {
        for (instance, chunk) in member.chunks.enumerated() {
          places[chunk] = (member.circuit, instance, group)
        }
      }
    }
    chunks = parts.indices.map { chunk in
      Chunk(
        operations: tiled.tiles[chunk].operations, stage: tiled.tiles[chunk].stage,
        inputs: parts[chunk].inputs.map { numbers[$0]! },
        outputs: parts[chunk].outputs.map { numbers[$0]! },
        circuit: places[chunk].circuit, instance: places[chunk].instance,
        group: places[chunk].group)
    }
    self.request = request
    self.graph = graph
    self.boundaries = boundaries
    func bound(_ pieces: [TiledGraph.Piece]) -> [OutputPiece] {
      pieces.map { piece in
        OutputPiece(
          boundary: numbers[piece.tensor]!, start: piece.elements[0], count: piece.elements.count)
      }
    }
    inputs = tiled.modelInputs.map(bound)
    outputs = tiled.outputs.map(bound)
    parameters = tiled.parameters.map(bound)
  }

  /// Model inputs and outputs in words that an Aleo program can recompute, parameters and inner tensors as narrow as
  /// they are.
  static func encoding(
    of tensor: TensorID, in graph: IntegerGraph, request: PlanRequest
  ) -> BoundaryEncoding {
    let range = graph.tensors[tensor].range
    if graph.tensors[tensor].isParameter {
      return .smallest(for: range, salted: request.parameterVisibility == .private)
    }
    if graph.inputs.contains(tensor) {
      return .word(for: range, salted: request.inputVisibility == .private)
    }
    if graph.outputs.contains(tensor) {
      return .word(for: range, salted: request.outputVisibility == .private)
    }
    return .smallest(for: range, salted: true)
  }

  /// Every tensor that crosses a chunk's border, with its encoding and the public inputs that commit to it.
  private static func boundaries(
    of graph: IntegerGraph, parts: [TileProgram], encoding: (TensorID) -> BoundaryEncoding
  ) -> [Boundary] {
    var producers: [TensorID: Position] = [:]
    var consumers: [TensorID: [Position]] = [:]
    for (chunk, part) in parts.enumerated() {
      for (k, tensor) in part.inputs.enumerated() {
        consumers[tensor, default: []].append(Position(chunk: chunk, index: 1 + k))
      }
      for (k, tensor) in part.outputs.enumerated() {
        producers[tensor] = Position(chunk: chunk, index: 1 + part.inputs.count + k)
      }
    }
    let crossing = Set(producers.keys).union(consumers.keys).union(graph.inputs).sorted()
    return crossing.map { tensor in
      Boundary(
        tensor: tensor, encoding: encoding(tensor), producer: producers[tensor],
        consumers: consumers[tensor] ?? [])
    }
  }
}
