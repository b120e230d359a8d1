import Algebra

/// A prover's share of one circuit: everything that depends on its matrices only. It has no witness.
///
/// A circuit with many instances has its matrix work once. Every step is answered once and in order. One thread
/// at a time.
public final class MatrixShare {
  let srs: SRS
  let dimensions: BatchDimensions
  let circuit: IndexedCircuit
  /// Threads of a step's kernels; may change between steps.
  public var threads: Int
  let recorder = StepRecorder()
  private var remaining = ShareStep.ofMatrices[...]

  var alpha = Fr.zero
  var beta = Fr.zero
  var delta: [Fr] = []
  var gamma = Fr.zero
  /// f_A, f_B, f_C: f = omega + X g interpolates the summands on K.
  var f: [[Fr]] = []
  /// The part of h_2.
  var h2: [Fr] = []
  /// g_A, g_B, g_C at gamma.
  var gAtGamma: [Fr] = []

  /// The share of a circuit.
  public init(
    srs: SRS, dimensions: BatchDimensions, circuit: IndexedCircuit, threads: Int
  ) throws(ShareError) {
    try dimensions.check([circuit.shape], srs)
    self.srs = srs
    self.dimensions = dimensions
    self.circuit = circuit
    self.threads = threads
  }

  /// What the steps answered so far took.
  public var profile: [StepProfile] { recorder.profile }
  /// Field elements that the share holds at the moment, its circuit's index polynomials not among them.
  package var heldElements: Int { f.reduce(0) { $0 + $1.count } + h2.count }
  /// The step that is next, nil when all are answered.
  public var nextStep: ShareStep? { remaining.first }

  /// Answers an encoded request.
  public func answer(step: UInt8, payload: [UInt8]) throws(ShareError) -> [UInt8] {
    guard let known = ShareStep(rawValue: step), known == nextStep else {
      throw .unexpectedStep(asked: step, expected: nextStep)
    }
    switch known {
    case .beta: return try commitMatrices(decode(payload)).bytes
    case .quotient: return try quotient(decode(payload)).bytes
    case .gamma: return try evaluate(decode(payload)).bytes
    case .opening: return try open(decode(payload)).bytes
    case .witness, .rowcheck, .lineSums, .lineval:
      throw .unexpectedStep(asked: step, expected: nextStep)
    }
  }

  private func decode<Message: ShareMessageCoding>(
    _ payload: [UInt8]
  ) throws(ShareError) -> Message {
    do throws(VarunaError) {
      return try Message(bytes: payload, instances: 0)
    } catch {
      throw .malformedRequest(error)
    }
  }

  /// Marks the next step as answered.
  func advance(_ step: ShareStep) throws(ShareError) {
    guard remaining.first == step else {
      throw .unexpectedStep(asked: step.rawValue, expected: nextStep)
    }
    remaining = remaining.dropFirst()
    recorder.begin(step)
  }

  /// Refuses a challenge in a domain, where the rational functions of the share have poles.
  func refuse(_ challenge: Fr, inside size: Int) throws(ShareError) {
    if Equations.vanishing(size, at: challenge).isZero { throw .challengeInDomain(size: size) }
  }

  /// v_R(alpha) v_C(beta)
  var vanishing: Fr {
    Equations.vanishing(circuit.shape.R, at: alpha)
      * Equations.vanishing(circuit.shape.C, at: beta)
  }
  /// |R| |C|
  var sizes: Fr { Fr(UInt64(circuit.shape.R)) * Fr(UInt64(circuit.shape.C)) }

  /// The polynomial b = |R||C| (alpha beta - alpha col - beta row + row_col).
  func denominator(_ index: MatrixIndex) -> [Fr] {
    var b = index[.rowCol]
    FieldVector.add(index[.col], scaledBy: -alpha, to: &b, threads: threads)
    FieldVector.add(index[.row], scaledBy: -beta, to: &b, threads: threads)
    b[0] += alpha * beta
    FieldVector.scale(&b, by: sizes, threads: threads)
    return b
  }
}
