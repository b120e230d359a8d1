import Algebra
import Aleo
import Circuit
import Varuna

/// Why no plan can be made.
public enum PlanError: Error, Equatable, CustomStringConvertible {
  /// One operation alone needs a larger circuit than the limits allow.
  case doesNotFit(limits: PlanLimits)
  /// The circuit side refused the graph.
  case circuit(CircuitError)

  /// One line for a person.
  public var description: String {
    switch self {
    case .doesNotFit(let limits):
      "the model cannot be cut into circuits of at most \(limits.constraints) constraints, "
        + "\(limits.variables) variables and \(limits.nonzeros) nonzeros per matrix; larger powers of "
        + "tau (--srs) allow larger circuits"
    case .circuit(let error):
      error.description
    }
  }
}

extension Plan {
  /// Plans a quantised graph.
  ///
  /// Several tilings are tried, from none to tiles that keep every worker busy several times over; each is cut
  /// optimally under predicted costs, and the best whose exact counts keep the limits is taken.
  public static func make(
    graph: IntegerGraph, request: PlanRequest, costs: CostModel = .reference
  ) throws(PlanError) -> Plan {
    precondition(request.workers > 0)
    do throws(CircuitError) {
      // Predictions may be a little too small: try again under tighter limits before giving up.
      for tightening in [1.0, 0.8, 0.6, 0.4] {
        var tightened = request
        tightened.limits.constraints = Int(Double(request.limits.constraints) * tightening)
        tightened.limits.variables = Int(Double(request.limits.variables) * tightening)
        tightened.limits.nonzeros = Int(Double(request.limits.nonzeros) * tightening)
        guard let (tiled, segments) = try cheapest(of: graph, request: tightened, costs: costs)
        else { continue }
        let plan = try Plan(
          tiled: tiled, segments: segments,
          partitioner: Partitioner(graph: tiled.graph, request: request, costs: costs))
        if plan.circuits.allSatisfy({ request.limits.allow($0.domains) }) { return plan }
      }
    } catch {
      throw .circuit(error)
    }
    throw .doesNotFit(limits: request.limits)
  }

  private static func cheapest(
    of graph: IntegerGraph, request: PlanRequest, costs: CostModel
  ) throws(CircuitError) -> (TiledGraph, [Range<Int>])? {
    let total = Estimate.all(of: graph.operations, in: graph).reduce(1) { $0 + $1.constraints }
    let limit = max(1, min(request.limits.constraints, request.limits.variables) * 3 / 4)
    var budgets = [limit]
    for parts in [request.workers, 2 * request.workers] where total / parts > 1 << 12 {
      budgets.append(min(limit, total / parts))
    }
    let wanted = try cheapest(of: graph, budgets: Set(budgets), request: request, costs: costs)
    if let wanted { return wanted }
    // Reading a tile's inputs may cost more than the tile: smaller ones until they fit.
    for halvings in 1...4 {
      let budget = max(1, limit >> halvings)
      let found = try cheapest(of: graph, budgets: [budget], request: request, costs: costs)
      if let found { return found }
    }
    return nil
  }

  /// Finer tilings than this many operations are not tried.
  private static let maximalTiles = 200

  private static func cheapest(
    of graph: IntegerGraph, budgets: Set<Int>, request: PlanRequest, costs: CostModel
  ) throws(CircuitError) -> (TiledGraph, [Range<Int>])? {
    var best: (tiled: TiledGraph, candidate: Partitioner.Candidate)?
    for budget in budgets.sorted(by: >) {
      let tiled = try TiledGraph(graph, budget: budget)
      // The search below is quadratic in the operations.
      guard tiled.graph.operations.count <= max(maximalTiles, graph.operations.count) else {
        continue
      }
      let partitioner = Partitioner(graph: tiled.graph, request: request, costs: costs)
      guard let candidate = try partitioner.best() else { continue }
      if best.map({ candidate.isBetter(than: $0.candidate) }) ?? true {
        best = (tiled, candidate)
      }
    }
    return best.map { ($0.tiled, $0.candidate.segments) }
  }

  private init(
    tiled: TiledGraph, segments: [Range<Int>], partitioner: Partitioner
  ) throws(CircuitError) {
    let (graph, request) = (tiled.graph, partitioner.request)
    let encoding = { (tensor: TensorID) in
      Self.encoding(of: tensor, in: graph, request: request)
    }
    let parts = try segments.map { segment throws(CircuitError) in
      try graph.chunk(operations: Array(segment), encoding: encoding)
    }
    let boundaries = Self.boundaries(of: graph, parts: parts, encoding: encoding)
    let numbers = Dictionary(
      uniqueKeysWithValues: boundaries.enumerated().map { ($1.tensor, $0) })

    var circuits: [(program: ChunkProgram, digest: [UInt8], chunks: [Int])] = []
    var circuitOfDigest: [[UInt8]: Int] = [:]
    for (chunk, part) in parts.enumerated() {
      let digest = SHA256.digest(part.program.canonicalBytes)
      if let known = circuitOfDigest[digest] {
        circuits[known].chunks.append(chunk)
      } else {
        circuitOfDigest[digest] = circuits.count
        circuits.append((part.program, digest, [chunk]))
      }
    }
    self.circuits = circuits.map { circuit in
      let counts = circuit.program.counts()
      let publicVariables = Domain.size(atLeast: counts.publicCount)
      return PlannedCircuit(
        program: circuit.program, digest: circuit.digest, counts: counts,
        domains: CostModel.Domains(
          constraints: counts.total.constraints,
          variables: publicVariables + counts.total.privateVariables,
          nonzeros: counts.total.nonzeros),
        chunks: circuit.chunks)
    }
    groups = Self.groups(circuits: self.circuits, request: request)
    var places = [(circuit: Int, instance: Int, group: Int)](
      repeating: (0, 0, 0), count: segments.count)
    for (group, members) in groups.enumerated() {
      for member in members.circuits {
        for (instance, chunk) in member.chunks.enumerated() {
          places[chunk] = (member.circuit, instance, group)
        }
      }
    }
    chunks = segments.indices.map { chunk in
      Chunk(
        operations: segments[chunk],
        inputs: parts[chunk].inputs.map { numbers[$0]! },
        outputs: parts[chunk].outputs.map { numbers[$0]! },
        circuit: places[chunk].circuit, instance: places[chunk].instance,
        group: places[chunk].group)
    }
    self.request = request
    self.graph = graph
    self.boundaries = boundaries
    inputs = graph.inputs.filter { !graph.tensors[$0].isParameter }.map { numbers[$0]! }
    func bound(_ pieces: [TiledGraph.Piece]) -> [OutputPiece] {
      pieces.map { piece in
        OutputPiece(
          boundary: numbers[piece.tensor]!, start: piece.elements[0], count: piece.elements.count)
      }
    }
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
    of graph: IntegerGraph, parts: [IntegerGraph.Chunk], encoding: (TensorID) -> BoundaryEncoding
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
