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

  /// One call.
  public struct Call: Codable, Equatable, Sendable {
    /// The function.
    public var function: String
    /// Price of its finalize scope.
    public var finalizeMicrocredits: Int
    /// Price of storing the execution.
    public var storageMicrocredits: Int
    /// Both: what the call costs without a priority fee.
    public var totalMicrocredits: Int
    /// Bytes of the execution with its own proof: what storage is charged for.
    public var executionBytes: Int
    /// Bytes of the transaction: the execution and a public fee.
    public var transactionBytes: Int
    /// Constraints of the circuit that the caller's machine proves; predicted.
    public var constraints: Int

    /// About how many seconds the caller's machine takes for its proof on one thread.
    public var provingSeconds: Double { CallCost.secondsPerConstraint * Double(constraints) }
  }

  /// What entering a model costs where a program serves all models of a shape.
  public struct Registration: Codable, Equatable, Sendable {
    /// The calls, one for each kind; that of a key is made once for each.
    public var calls: [Call]
    /// Distinct keys of the model.
    public var keys: Int
    /// What all calls cost without priority fees.
    public var totalMicrocredits: Int
  }

  /// A program that has to be there before this one, deployed once for everybody.
  public struct Library: Codable, Equatable, Sendable {
    /// Its name.
    public var program: String
    /// What deploying it cost.
    public var totalMicrocredits: Int
  }

  /// The program's name.
  public var program: String
  /// How the proofs travel.
  public var transport: ProofTransport
  /// Every group of the proof.
  public var groups: [Group]
  /// The calls that verify all proofs once.
  public var calls: [Call]
  /// Price of the `snark.verify.batch` instructions.
  public var instructionMicrocredits: Int
  /// Price of all of finalize, the instructions included; of all calls together.
  public var finalizeMicrocredits: Int
  /// Price of storing the executions.
  public var storageMicrocredits: Int
  /// What the calls cost without priority fees: storage and finalize.
  public var totalMicrocredits: Int
  /// Bytes of the executions.
  public var executionBytes: Int
  /// Bytes of the transactions.
  public var transactionBytes: Int
  /// What deploying the program costs.
  public var deployment: DeploymentCost
  /// What entering the model costs; nil where the program is of this model alone.
  public var registration: Registration?
  /// The programs that it imports.
  public var libraries: [Library]
  /// Characters of the program.
  public var programCharacters: Int
  /// Every number that Aleo limits, of the call that comes closest to it.
  public var limits: [AleoMeasure]

  /// Bytes of a transition's own proof: one circuit, one instance.
  static let transitionProofBytes = Proof.size(circuits: 1, instances: 1)

  /// What a transaction adds to its execution: header and identifier (35), a public fee's transition and state root
  /// (459), and the fee's proof.
  static let envelopeBytes = 35 + 459 + transitionProofBytes

  /// Seconds that snarkVM 4.12 takes for a proof, by constraint, on one thread: 3.37 for 13,795 (docs/performance.md).
  static let secondsPerConstraint = 3.37 / 13_795

  /// Microcredits for storing an execution: linear up to 5,000 bytes, quadratic above.
  public static func storage(executionBytes bytes: Int) -> Int {
    bytes > 5000 ? bytes * bytes / 5000 : bytes
  }

  /// Bytes of an execution of one function: header, transition and proof; an input is in the transition, and what the
  /// function hands to its finalize scope in the future's arguments.
  static func executionBytes(name: String, _ function: InstructionBlock) -> Int {
    let stem = name.utf8.count - ".aleo".utf8.count
    return 215 + 2 * (stem + function.name.utf8.count)
      + function.inputs.reduce(0) { $0 + 34 + $1.type.encodedBytes }
      + function.finalizeArguments.reduce(0) { $0 + 3 + $1.encodedBytes } + transitionProofBytes
  }

  /// What `verifications` of a model's answers cost together with deploying the program and entering the model; libraries
  /// not counted.
  public func total(verifications: Int) -> Int {
    deployment.total + (registration?.totalMicrocredits ?? 0) + verifications * totalMicrocredits
  }
}

extension CallCost.Call {
  init(program: String, _ function: ProgramSource.Function) {
    self.function = function.body.name
    finalizeMicrocredits = (function.finalize?.units ?? 0) / InstructionBlock.unitsPerMicrocredit
    executionBytes = CallCost.executionBytes(name: program, function.body)
    storageMicrocredits = CallCost.storage(executionBytes: executionBytes)
    totalMicrocredits = storageMicrocredits + finalizeMicrocredits
    transactionBytes = executionBytes + CallCost.envelopeBytes
    constraints = FunctionSize(function.body).constraints
  }
}

extension VerifierProgram {
  /// What deploying and calling the program takes.
  public var cost: CallCost {
    let source = source
    // Nobody has to pay for a claim's expiry.
    let functions = callFunctions.filter { $0.body.name != Self.expire }
    let units = functions.flatMap { $0.finalize?.verificationUnits ?? [] }
    let prices = zip(groups.indices, groups).map { number, circuits in
      CallCost.Group(
        circuits: circuits.count, instances: circuits[0].instances.count,
        publicInputs: publicCount(ofGroup: number), proofBytes: proofBytes(ofGroup: number),
        instructionMicrocredits: units[number] / InstructionBlock.unitsPerMicrocredit)
    }
    let calls = functions.map { CallCost.Call(program: name, $0) }
    func sum(_ part: KeyPath<CallCost.Call, Int>) -> Int {
      calls.reduce(0) { $0 + $1[keyPath: part] }
    }
    var cost = CallCost(
      program: name, transport: transport, groups: prices, calls: calls,
      instructionMicrocredits: units.reduce(0, +) / InstructionBlock.unitsPerMicrocredit,
      finalizeMicrocredits: sum(\.finalizeMicrocredits),
      storageMicrocredits: sum(\.storageMicrocredits), totalMicrocredits: sum(\.totalMicrocredits),
      executionBytes: sum(\.executionBytes), transactionBytes: sum(\.transactionBytes),
      deployment: source.deployment, registration: registrationCost,
      libraries: libraries.map(\.cost),
      programCharacters: source.text.utf8.count, limits: [])
    cost.limits = measures(cost).map(\.measure)
    return cost
  }

  private var registrationCost: CallCost.Registration? {
    guard isRegistry else { return nil }
    let calls = registrationFunctions.map { CallCost.Call(program: name, $0) }
    let total = calls.reduce(0) {
      $0 + $1.totalMicrocredits * ($1.function == Self.registerKey ? keys.count : 1)
    }
    return CallCost.Registration(calls: calls, keys: keys.count, totalMicrocredits: total)
  }

  /// Everything that Aleo limits is within its limit.
  ///
  /// - Throws: the first limit that is broken, and what would help.
  public func check() throws(AleoError) { try check(cost) }

  /// The same for a cost that is known, and with a limit of one's own on the microcredits of a call.
  func check(_ cost: CallCost, microcredits: Int? = nil) throws(AleoError) {
    if let broken = measures(cost).first(where: { !$0.measure.isKept }) {
      throw .limit(broken.measure, remedy: broken.remedy)
    }
    let dearest = cost.calls.map(\.totalMicrocredits).max() ?? 0
    if let microcredits, dearest > microcredits {
      throw .limit(
        AleoMeasure(name: "microcredits of a call", value: dearest, limit: microcredits),
        remedy: "allow more (--max-microcredits), or more calls (--max-calls)")
    }
  }

  private func measures(_ cost: CallCost) -> [(measure: AleoMeasure, remedy: String)] {
    let fewerChunks =
      "fewer and larger chunks help (larger powers of tau with --srs, or a larger "
      + "--max-constraints), and so do hashed or private outputs"
    let fewerInstances = "prove with --target, which forms groups that fit"
    func most(_ part: KeyPath<CallCost.Call, Int>) -> Int {
      cost.calls.map { $0[keyPath: part] }.max() ?? 0
    }
    let head = isRegistry ? 1 : 0
    let values =
      (isDivided ? parts.indices.map { 2 + self.values(ofPart: $0).count } : [givenCount])
      .map { head + $0 }
    var rows: [(String, Int, Int, String)] = [
      (
        "elements of the largest proof's array", groups.indices.map(proofBytes).max() ?? 0,
        AleoLimits.arrayElements, fewerInstances
      ),
      (
        "elements of the array of values", values.max() ?? 0, AleoLimits.arrayElements, fewerChunks
      ),
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
      (
        "inputs of the function", callFunctions.map(\.body.inputs.count).max() ?? 0,
        AleoLimits.functionInputs, fewerChunks
      ),
      (
        "members of the recorded struct", outcomeMemberCount, AleoLimits.structMembers, fewerChunks
      ),
      (
        "microcredits of finalize", most(\.finalizeMicrocredits), AleoLimits.spendMicrocredits,
        fewerChunks
      ),
      (
        "microcredits in total", most(\.totalMicrocredits), AleoLimits.spendMicrocredits,
        fewerChunks
      ),
      (
        "bytes of the transaction", most(\.transactionBytes), AleoLimits.transactionBytes,
        fewerChunks
      ),
      (
        "characters of the program", cost.programCharacters, AleoLimits.programCharacters,
        "fewer distinct circuits help: fewer and larger chunks"
      ),
    ]
    if isRegistry {
      rows.append(("distinct keys of a model", keys.count, AleoLimits.arrayElements, fewerChunks))
    }
    if isDivided {
      rows.append(
        ("functions of the program", source.functions.count, AleoLimits.functions, fewerChunks))
    }
    return rows.map { (AleoMeasure(name: $0, value: $1, limit: $2), $3) }
  }
}
