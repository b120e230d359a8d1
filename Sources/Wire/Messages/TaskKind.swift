/// A unit of work that the coordinator gives to a worker.
package enum TaskKind: Equatable, Sendable {
  /// Compute the verifying key of a chunk program's circuit.
  case index(program: Digest, srs: Digest)
  /// Hold instances and answer the rounds about them.
  case instances(InstancesTask)
  /// Hold a circuit's matrices and answer the rounds about them.
  case matrix(MatrixTask)
}

/// Sizes of the largest domains of a batch, told to every share.
package struct ShareDimensions: Equatable, Sendable {
  /// |R|, the constraint domain.
  package var constraints: Int
  /// |C|, the variable domain.
  package var variables: Int
  /// |K|, the nonzero domain.
  package var nonzeros: Int

  /// Collects the three sizes.
  package init(constraints: Int, variables: Int, nonzeros: Int) {
    self.constraints = constraints
    self.variables = variables
    self.nonzeros = nonzeros
  }
}

/// One instance of an `InstancesTask`.
package struct InstanceTask: Equatable, Sendable {
  /// Bytes in a seed.
  package static let seedBytes = 32

  /// The chunk program's bytes.
  package var program: Digest
  /// Boundary values and salts.
  package var witness: Digest
  /// Place of the circuit in the batch's order.
  package var circuit: UInt32
  /// Place of the instance within its circuit.
  package var instance: UInt32
  /// Source of the instance's blinding; secret, 32 bytes.
  package var seed: [UInt8]

  /// Collects the fields.
  package init(
    program: Digest, witness: Digest, circuit: UInt32, instance: UInt32, seed: [UInt8]
  ) {
    precondition(seed.count == Self.seedBytes)
    self.program = program
    self.witness = witness
    self.circuit = circuit
    self.instance = instance
    self.seed = seed
  }
}

/// The instances that one worker holds in one batch proof.
package struct InstancesTask: Equatable, Sendable {
  /// The structured reference string.
  package var srs: Digest
  /// Sizes of the batch.
  package var dimensions: ShareDimensions
  /// Version of the proof system: 1, 2 or 3.
  package var varunaVersion: UInt8
  /// The instances, in the order of the messages' entries.
  package var tasks: [InstanceTask]

  /// Collects the fields.
  package init(
    srs: Digest, dimensions: ShareDimensions, varunaVersion: UInt8,
    tasks: [InstanceTask]
  ) {
    self.srs = srs
    self.dimensions = dimensions
    self.varunaVersion = varunaVersion
    self.tasks = tasks
  }
}

/// The circuit whose matrices one worker holds in one batch proof.
package struct MatrixTask: Equatable, Sendable {
  /// The chunk program's bytes.
  package var program: Digest
  /// The structured reference string.
  package var srs: Digest
  /// Sizes of the batch.
  package var dimensions: ShareDimensions
  /// Version of the proof system: 1, 2 or 3.
  package var varunaVersion: UInt8

  /// Collects the fields.
  package init(program: Digest, srs: Digest, dimensions: ShareDimensions, varunaVersion: UInt8) {
    self.program = program
    self.srs = srs
    self.dimensions = dimensions
    self.varunaVersion = varunaVersion
  }
}

/// Why a worker could not do a task.
package struct TaskFailure: Equatable, Sendable {
  /// Short machine-readable reason.
  package var code: String
  /// Explanation for people, without secrets.
  package var text: String
  /// Whether another attempt elsewhere makes sense.
  package var retryable: Bool

  /// Collects the fields.
  package init(code: String, text: String, retryable: Bool) {
    self.code = code
    self.text = text
    self.retryable = retryable
  }
}
