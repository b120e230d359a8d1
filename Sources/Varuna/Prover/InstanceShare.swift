import Algebra

/// A prover's share of some instances: everything that depends on their witnesses.
///
/// Knows its own assignments, its circuits and the dimensions of the batch; nothing about other shares. Every
/// step is answered once and in order, and no challenge may lie in an evaluation domain, where answers would be
/// witness values in the clear. Instances of one circuit are combined before the transforms and multi-scalar
/// multiplications wherever the protocol allows (Varuna specification, chapter 12). One thread at a time.
public final class InstanceShare {
  /// One instance: its circuit, its full assignment and its blinding.
  public struct Task: Sendable {
    let circuit: IndexedCircuit
    let assignment: [Fr]
    let blinding: [Fr]

    /// An instance whose blinding follows from a seed.
    ///
    /// The randomizers inside `assignment` should be the seed's.
    public init(circuit: IndexedCircuit, assignment: [Fr], seed: InstanceSeed) {
      self.init(circuit: circuit, assignment: assignment, blinding: seed.blinding)
    }

    /// An instance with three explicit blinding coefficients.
    package init(circuit: IndexedCircuit, assignment: [Fr], blinding: [Fr]) {
      precondition(blinding.count == KZG.blindingCount)
      self.circuit = circuit
      self.assignment = assignment
      self.blinding = blinding
    }
  }

  /// What the share holds of one of its instances, as long as it is needed.
  struct Instance {
    /// The full assignment; empty once the instances are combined.
    var assignment: [Fr]
    /// Az and Bz; empty after the line sums. Cz is their product.
    var products: (a: [Fr], b: [Fr]) = ([], [])
    /// Blinding of the witness commitment.
    let blinding: [Fr]
  }

  /// The instances of one circuit.
  struct Group {
    let circuit: IndexedCircuit
    /// Places in the list of tasks.
    var places: [Int] = []
    /// T = sum of eta_M M(alpha, X), |C| coefficients; between the line check and beta.
    var line: [Fr] = []
    /// sum of nu w, |C| - |X| coefficients; between the line check and beta.
    var witness: [Fr] = []
    /// sum of nu times the blinding of w.
    var blinding: [Fr] = []
  }

  let srs: SRS
  let dimensions: BatchDimensions
  let mask: MaskShare?
  /// What commits to witnesses by their values, for the circuits where it is there.
  let bases: [WitnessBasis.Domains: WitnessBasis]
  /// Threads of a step's kernels; may change between steps.
  public var threads: Int
  let recorder = StepRecorder()
  private var remaining = ShareStep.ofInstances[...]

  var instances: [Instance]
  var groups: [Group] = []
  var alpha = Fr.zero
  var beta = Fr.zero
  /// The part of h_0, from the row check to beta.
  var h0: [Fr] = []
  /// The part of g_1, from the line check to the opening.
  var g1: [Fr] = []
  /// The part of h_1, from the line check to beta.
  var h1: [Fr] = []
  /// The polynomial of the line check, from beta to the opening.
  var lineval: [Fr] = []
  /// Its blinding polynomial.
  var linevalBlinding: [Fr] = []
  /// The opening of h_0.
  var openingAtAlpha = G1Affine.identity

  /// A share of these instances; the order of `tasks` is that of the messages' entries.
  ///
  /// - Parameters:
  ///   - srs: the powers of tau, as long as the batch needs.
  ///   - dimensions: of the whole batch.
  ///   - tasks: at least one.
  ///   - mask: the share's own part of the mask, if the coordinator holds none.
  ///   - bases: made of `srs`, for any of the circuits; answers are the same without.
  ///   - threads: width of all steps.
  public init(
    srs: SRS, dimensions: BatchDimensions, tasks: [Task], mask: MaskShare? = nil,
    bases: [WitnessBasis.Domains: WitnessBasis] = [:], threads: Int
  ) throws(ShareError) {
    precondition(!tasks.isEmpty, "a share without instances")
    precondition(
      bases.allSatisfy { $0 == $1.domains && $1.parameters == srs.id }, "a basis of other powers")
    try dimensions.check(tasks.map(\.circuit.shape), srs)
    for (place, task) in tasks.enumerated() {
      let expected = task.circuit.r1cs.variableCount
      guard task.assignment.count == expected else {
        throw .assignmentLength(task: place, expected: expected, found: task.assignment.count)
      }
    }
    self.srs = srs
    self.dimensions = dimensions
    self.mask = mask
    self.bases = bases
    self.threads = threads
    instances = tasks.map { Instance(assignment: $0.assignment, blinding: $0.blinding) }
    var known: [[UInt8]: Int] = [:]
    for (place, task) in tasks.enumerated() {
      let number = known[task.circuit.id] ?? groups.count
      if number == groups.count {
        known[task.circuit.id] = number
        groups.append(Group(circuit: task.circuit))
      }
      groups[number].places.append(place)
    }
  }

  /// What the steps answered so far took.
  public var profile: [StepProfile] { recorder.profile }
  /// Field elements that the share holds at the moment.
  package var heldElements: Int {
    instances.reduce(0) { $0 + $1.assignment.count + $1.products.a.count + $1.products.b.count }
      + groups.reduce(0) { $0 + $1.line.count + $1.witness.count } + h0.count + g1.count
      + h1.count + lineval.count
  }
  /// The step that is next, nil when all are answered.
  public var nextStep: ShareStep? { remaining.first }

  /// Answers an encoded request; the first step's is empty.
  public func answer(step: UInt8, payload: [UInt8]) throws(ShareError) -> [UInt8] {
    guard let known = ShareStep(rawValue: step), known == nextStep else {
      throw .unexpectedStep(asked: step, expected: nextStep)
    }
    switch known {
    case .witness:
      _ = try decode(payload) as ShareMessage.Begin
      return try mask == nil ? commitWitness().bytes : commitMaskedWitness().bytes
    case .rowcheck: return try rowcheck(decode(payload)).bytes
    case .lineSums: return try lineSums(decode(payload)).bytes
    case .lineval: return try lineval(decode(payload)).bytes
    case .beta: return try evaluate(decode(payload)).bytes
    case .opening: return try open(decode(payload)).bytes
    case .quotient, .gamma: throw .unexpectedStep(asked: step, expected: nextStep)
    }
  }

  private func decode<Message: ShareMessageCoding>(
    _ payload: [UInt8]
  ) throws(ShareError) -> Message {
    do throws(VarunaError) {
      return try Message(bytes: payload, instances: instances.count)
    } catch {
      throw .malformedRequest(error)
    }
  }

  /// Marks the next step as answered; a refused challenge leaves it unanswered.
  func advance(
    _ step: ShareStep, challenge: Fr? = nil, outside size: Int = 1
  ) throws(ShareError) {
    guard remaining.first == step else {
      throw .unexpectedStep(asked: step.rawValue, expected: nextStep)
    }
    if let challenge, Equations.vanishing(size, at: challenge).isZero {
      throw .challengeInDomain(size: size)
    }
    remaining = remaining.dropFirst()
    recorder.begin(step)
  }

  /// A commitment of this share; `scalars` are those of its coefficients that are not known to be zero.
  func commit(
    _ coefficients: [Fr], blinding: [Fr] = [], scalars: Int? = nil
  ) throws(ShareError) -> G1Affine {
    try recorder.time(.multiScalar, scalars ?? coefficients.count) { () throws(ShareError) in
      try withParameters { () throws(VarunaError) in
        try KZG.commit(srs, coefficients, blinding: blinding, threads: threads).affine
      }
    }
  }
}
