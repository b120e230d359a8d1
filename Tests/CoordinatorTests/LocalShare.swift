import Circuit
import Coordinator
import Varuna
import Wire

/// Does one task of the real engine in this process, from its artifacts: what a worker does.
final class LocalShare {
  private var instances: InstanceShare?
  private var matrices: MatrixShare?

  /// The verifying key that an index task asks for.
  static func key(program: Digest, srs: Digest, artifacts: ArtifactStore) throws -> [UInt8] {
    let parameters = try SRS(fileBytes: try artifacts.read(srs))
    return try circuit(program, artifacts).circuit.verifyingKey(parameters).bytes
  }

  init(_ task: TaskKind, artifacts: ArtifactStore) throws {
    switch task {
    case .index: preconditionFailure("an index task has no rounds")
    case .instances(let task):
      let tasks = try task.tasks.map { entry in
        let (compiled, circuit) = try Self.circuit(entry.program, artifacts)
        let witness = try compiled.witness(
          ChunkInstance(canonicalBytes: try artifacts.read(entry.witness)))
        let seed = InstanceSeed(entry.seed)
        return InstanceShare.Task(
          circuit: circuit,
          assignment: circuit.r1cs.assignment(
            publicInputs: witness.publicInputs, privateValues: witness.privateValues,
            randomizer: seed.randomizer),
          seed: seed)
      }
      instances = try InstanceShare(
        srs: SRS(fileBytes: try artifacts.read(task.srs)), dimensions: Self.sizes(task.dimensions),
        tasks: tasks, threads: 1)
    case .matrix(let task):
      matrices = try MatrixShare(
        srs: SRS(fileBytes: try artifacts.read(task.srs)), dimensions: Self.sizes(task.dimensions),
        circuit: Self.circuit(task.program, artifacts).circuit, threads: 1)
    }
  }

  /// The reply to a step.
  func answer(step: UInt8, payload: [UInt8]) throws -> [UInt8] {
    if let instances { return try instances.answer(step: step, payload: payload) }
    return try matrices?.answer(step: step, payload: payload) ?? []
  }

  private static func circuit(
    _ program: Digest, _ artifacts: ArtifactStore
  ) throws -> (compiled: CompiledChunk, circuit: IndexedCircuit) {
    let compiled = try ChunkProgram(canonicalBytes: try artifacts.read(program)).compile()
    return (compiled, try IndexedCircuit(compiled.r1cs))
  }

  private static func sizes(_ dimensions: ShareDimensions) -> BatchDimensions {
    BatchDimensions(
      R: dimensions.constraints, C: dimensions.variables, K: dimensions.nonzeros)
  }
}
