import Varuna

/// What deploying and calling a verifier program takes, each number beside Aleo's limit.
public struct CallCost: Codable, Equatable, Sendable {
  /// One `snark.verify.batch`.
  public struct Group: Codable, Equatable, Sendable {
    /// Distinct circuits.
    public var circuits: Int
    /// Instances of each circuit.
    public var instances: Int
    /// Public inputs of each instance, padding included.
    public var publicInputs: Int
    /// Bytes of the proof.
    public var proofBytes: Int
    /// Price of the instruction.
    public var instructionMicrocredits: Int
  }

  /// Every group of the proof.
  public var groups: [Group]
  /// Price of the `snark.verify.batch` instructions.
  public var instructionMicrocredits: Int
  /// Price of all of finalize, the instructions included.
  public var finalizeMicrocredits: Int
  /// Price of storing the execution.
  public var storageMicrocredits: Int
  /// What a call costs without a priority fee: storage and finalize.
  public var totalMicrocredits: Int
  /// Bytes of the execution with its own proof: what storage is charged for.
  public var executionBytes: Int
  /// Bytes of the transaction: the execution and a public fee.
  public var transactionBytes: Int
  /// Characters of the program.
  public var programCharacters: Int
  /// Every number that Aleo limits.
  public var limits: [AleoMeasure]

  /// Bytes of a transition's own proof: one circuit, one instance.
  static let transitionProofBytes = Proof.size(circuits: 1, instances: 1)

  /// What a transaction adds to its execution: header and identifier (35), a public fee's transition and state root
  /// (459), and the fee's proof.
  static let envelopeBytes = 35 + 459 + transitionProofBytes

  /// Microcredits for storing an execution: linear up to 5,000 bytes, quadratic above.
  public static func storage(executionBytes bytes: Int) -> Int {
    bytes > 5000 ? bytes * bytes / 5000 : bytes
  }

  /// Bytes of an execution of one function: header, transition and proof; every input is there twice, in the
  /// transition and in the future's arguments.
  static func executionBytes(name: String, function: String, inputs: [PlaintextType]) -> Int {
    let stem = name.utf8.count - ".aleo".utf8.count
    return 215 + 2 * (stem + function.utf8.count)
      + inputs.reduce(0) { $0 + 37 + 2 * $1.encodedBytes } + transitionProofBytes
  }
}

extension VerifierProgram {
  /// What deploying and calling the program takes.
  public var cost: CallCost {
    let block = finalizeBlock
    let prices = zip(groups.indices, groups).map { number, circuits in
      CallCost.Group(
        circuits: circuits.count, instances: circuits[0].instances.count,
        publicInputs: publicCount(ofGroup: number), proofBytes: proofBytes(ofGroup: number),
        instructionMicrocredits: block.verificationUnits[number]
          / InstructionBlock.unitsPerMicrocredit)
    }
    let bytes = CallCost.executionBytes(
      name: name, function: Self.function, inputs: functionInputs)
    let finalize = block.units / InstructionBlock.unitsPerMicrocredit
    let storage = CallCost.storage(executionBytes: bytes)
    let characters = text.utf8.count
    return CallCost(
      groups: prices,
      instructionMicrocredits: block.verificationUnits.reduce(0, +)
        / InstructionBlock.unitsPerMicrocredit,
      finalizeMicrocredits: finalize, storageMicrocredits: storage,
      totalMicrocredits: storage + finalize, executionBytes: bytes,
      transactionBytes: bytes + CallCost.envelopeBytes, programCharacters: characters,
      limits: measures(
        finalize: finalize, total: storage + finalize, bytes: bytes + CallCost.envelopeBytes,
        characters: characters
      ).map(\.measure))
  }

  /// Everything that Aleo limits is within its limit.
  ///
  /// - Throws: the first limit that is broken, and what would help.
  public func check() throws(AleoError) {
    let cost = cost
    let all = measures(
      finalize: cost.finalizeMicrocredits, total: cost.totalMicrocredits,
      bytes: cost.transactionBytes, characters: cost.programCharacters)
    if let broken = all.first(where: { !$0.measure.isKept }) {
      throw .limit(broken.measure, remedy: broken.remedy)
    }
  }

  private func measures(
    finalize: Int, total: Int, bytes: Int, characters: Int
  ) -> [(measure: AleoMeasure, remedy: String)] {
    let fewerChunks =
      "fewer and larger chunks help (larger powers of tau with --srs, or a larger "
      + "--max-constraints), and so do hashed or private outputs"
    let fewerInstances = "prove with --target, which forms groups that fit"
    let rows: [(String, Int, Int, String)] = [
      (
        "elements of the largest proof's array", groups.indices.map(proofBytes).max() ?? 0,
        AleoLimits.arrayElements, fewerInstances
      ),
      ("elements of the array of values", givenCount, AleoLimits.arrayElements, fewerChunks),
      (
        "elements of the largest array of integers", words.map(\.count).max() ?? 0,
        AleoLimits.arrayElements, "make the outputs hashed"
      ),
      (
        "circuits of the largest proof", groups.map(\.count).max() ?? 0, AleoLimits.circuits,
        fewerInstances
      ),
      (
        "instances of the largest proof",
        groups.map { $0.reduce(0) { $0 + $1.instances.count } }.max() ?? 0, AleoLimits.instances,
        fewerInstances
      ),
      ("inputs of the function", functionInputs.count, AleoLimits.functionInputs, fewerChunks),
      (
        "members of the recorded struct", outcomeMemberCount, AleoLimits.structMembers, fewerChunks
      ),
      ("microcredits of finalize", finalize, AleoLimits.spendMicrocredits, fewerChunks),
      ("microcredits in total", total, AleoLimits.spendMicrocredits, fewerChunks),
      ("bytes of the transaction", bytes, AleoLimits.transactionBytes, fewerChunks),
      (
        "characters of the program", characters, AleoLimits.programCharacters,
        "fewer distinct circuits help: fewer and larger chunks"
      ),
    ]
    return rows.map { (AleoMeasure(name: $0, value: $1, limit: $2), $3) }
  }
}
