import Circuit
import Foundation

/// A plan as bytes, with everything that a report says of it: who keeps one need not search for it again.
///
/// The bytes name their own version, not the planner's: what is kept belongs to one version of the program, which whoever keeps it sees to.
extension Plan {
  private static let magic = "ezkl-kept-plan/1"

  /// The plan's bytes; they hold the weights of the model, and nothing of any input.
  package var bytes: [UInt8] {
    var writer = CanonicalWriter()
    writer.write(Self.magic)
    writer.write(Self.text(request))
    graph.encode(into: &writer, described: true)
    writer.write(circuits) { writer, circuit in
      circuit.program.encode(into: &writer, described: true)
      circuit.counts.encode(into: &writer)
      writer.write(circuit.chunks) { $0.write(count: $1) }
    }
    writer.write(groups) { writer, group in
      writer.write(group.circuits) { writer, member in
        writer.write(count: member.circuit)
        writer.write(member.chunks) { $0.write(count: $1) }
      }
    }
    writer.write(boundaries) { writer, boundary in
      writer.write(count: boundary.tensor)
      boundary.encoding.encode(into: &writer)
      writer.write(boundary.producer.map { [$0] } ?? []) { $0.write($1) }
      writer.write(boundary.consumers) { $0.write($1) }
    }
    writer.write(chunks) { writer, chunk in
      for number in [
        chunk.operations.lowerBound, chunk.operations.upperBound, chunk.stage, chunk.circuit,
        chunk.instance, chunk.group,
      ] { writer.write(count: number) }
      for list in [chunk.inputs, chunk.outputs] { writer.write(list) { $0.write(count: $1) } }
    }
    for ends in [inputs, outputs, parameters] {
      writer.write(ends) { writer, pieces in
        writer.write(pieces) { writer, piece in
          for number in [piece.boundary, piece.start, piece.count] { writer.write(count: number) }
        }
      }
    }
    // Over the programs as they are read again.
    for byte in digest { writer.write(count: Int(byte)) }
    return writer.bytes
  }

  /// Reads a plan.
  ///
  /// Every index is one, and the plan has the digest that it was kept with. Which tensors of its graph are weights is told by
  /// `parameters` alone.
  /// - Throws: `malformed`, and what the initialisers of graphs and programs throw.
  package init(bytes: [UInt8]) throws(CircuitError) {
    var reader = CanonicalReader(bytes)
    guard try reader.text("format") == Self.magic else { throw reader.malformed("format") }
    let text = Data(try reader.text("request").utf8)
    guard let request = try? JSONDecoder().decode(PlanRequest.self, from: text) else {
      throw reader.malformed("request")
    }
    self.request = request
    graph = try IntegerGraph(from: &reader, described: true)
    let graph = graph
    circuits = try reader.list("circuits") { reader throws(CircuitError) in
      let program = try ChunkProgram(from: &reader, described: true)
      return PlannedCircuit(
        program: program, digest: program.digest, counts: try ChunkCounts(from: &reader),
        chunks: try reader.numbers("chunks of a circuit"))
    }
    groups = try reader.list("groups") { reader throws(CircuitError) in
      Group(
        circuits: try reader.list("members") { reader throws(CircuitError) in
          Group.Member(
            circuit: try reader.number("circuit"), chunks: try reader.numbers("chunks of a member"))
        })
    }
    boundaries = try reader.list("boundaries") { reader throws(CircuitError) in
      Boundary(
        tensor: try reader.integer("tensor", limit: graph.tensors.count),
        encoding: try BoundaryEncoding(from: &reader),
        producer: try reader.positions("producer").first,
        consumers: try reader.positions("consumers"))
    }
    chunks = try reader.list("chunks") { reader throws(CircuitError) in
      let first = try reader.integer("operation", limit: graph.operations.count)
      let end = try reader.integer("operation", limit: graph.operations.count)
      guard first <= end else { throw reader.malformed("operations of a chunk") }
      let stage = try reader.number("stage")
      let circuit = try reader.number("circuit")
      let instance = try reader.number("instance")
      let group = try reader.number("group")
      return Chunk(
        operations: first..<end, stage: stage, inputs: try reader.numbers("inputs of a chunk"),
        outputs: try reader.numbers("outputs of a chunk"), circuit: circuit, instance: instance,
        group: group)
    }
    inputs = try reader.pieces("inputs")
    outputs = try reader.pieces("outputs")
    parameters = try reader.pieces("parameters")
    guard isConsistent else { throw reader.malformed("an index of the plan") }
    for byte in digest where try reader.integer("digest", limit: 255) != byte {
      throw reader.malformed("digest of the plan")
    }
    try reader.finish()
  }

  /// Whether every index is one.
  private var isConsistent: Bool {
    func isPosition(_ position: Position) -> Bool {
      guard chunks.indices.contains(position.chunk) else { return false }
      let chunk = chunks[position.chunk]
      return (1...chunk.inputs.count + chunk.outputs.count).contains(position.index)
    }
    func areChunks(_ list: [Int]) -> Bool {
      !list.isEmpty && list.allSatisfy { chunks.indices.contains($0) }
    }
    let fits = chunks.allSatisfy { chunk in
      let ends = chunk.inputs + chunk.outputs
      guard !ends.isEmpty, circuits.indices.contains(chunk.circuit) else { return false }
      let circuit = circuits[chunk.circuit]
      return groups.indices.contains(chunk.group)
        && ends.allSatisfy { boundaries.indices.contains($0) }
        && circuit.program.publicCount == 1 + ends.count && circuit.counts.parts.count >= ends.count
    }
    guard fits, !groups.isEmpty, circuits.allSatisfy({ areChunks($0.chunks) }) else { return false }
    for member in groups.flatMap(\.circuits) {
      guard circuits.indices.contains(member.circuit), areChunks(member.chunks) else {
        return false
      }
    }
    for boundary in boundaries {
      guard graph.tensors.indices.contains(boundary.tensor),
        boundary.consumers.allSatisfy(isPosition), boundary.producer.map(isPosition) ?? true
      else { return false }
    }
    let tensors = Set(boundaries.map(\.tensor))
    return tensors.count == boundaries.count && tensors.isSuperset(of: graph.inputs)
      && (inputs + outputs + parameters).joined().allSatisfy { piece in
        boundaries.indices.contains(piece.boundary)
          && piece.count == graph.tensors[boundaries[piece.boundary].tensor].count
      }
  }

  /// The request as JSON.
  private static func text(_ request: PlanRequest) -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    guard let data = try? encoder.encode(request) else { preconditionFailure("not encodable") }
    return String(decoding: data, as: UTF8.self)
  }
}

extension CanonicalWriter {
  /// How many there are, then each.
  fileprivate mutating func write<T>(
    _ list: [T], _ body: (inout CanonicalWriter, T) -> Void
  ) {
    write(count: list.count)
    for item in list { body(&self, item) }
  }

  fileprivate mutating func write(_ position: Plan.Position) {
    write(count: position.chunk)
    write(count: position.index)
  }
}

extension CanonicalReader {
  /// Larger numbers stand nowhere in a plan.
  private static let most = 1 << 40

  fileprivate mutating func number(_ what: String) throws(CircuitError) -> Int {
    try integer(what, limit: Self.most)
  }

  fileprivate mutating func list<T>(
    _ what: String, _ body: (inout CanonicalReader) throws(CircuitError) -> T
  ) throws(CircuitError) -> [T] {
    var items: [T] = []
    for _ in 0..<(try count(what)) { items.append(try body(&self)) }
    return items
  }

  fileprivate mutating func numbers(_ what: String) throws(CircuitError) -> [Int] {
    try list(what) { reader throws(CircuitError) in try reader.number(what) }
  }

  fileprivate mutating func positions(_ what: String) throws(CircuitError) -> [Plan.Position] {
    try list(what) { reader throws(CircuitError) in
      Plan.Position(chunk: try reader.number(what), index: try reader.number(what))
    }
  }

  fileprivate mutating func pieces(_ what: String) throws(CircuitError) -> [[Plan.OutputPiece]] {
    try list(what) { reader throws(CircuitError) in
      try reader.list(what) { reader throws(CircuitError) in
        Plan.OutputPiece(
          boundary: try reader.number(what), start: try reader.number(what),
          count: try reader.number(what))
      }
    }
  }
}
