import Varuna

/// How much of its kernels a step uses.
public struct StepCounts: Codable, Equatable, Sendable {
  /// Scalars of all multi-scalar multiplications.
  public let scalars: Int
  /// Butterflies of all transforms: n/2 log n for n elements.
  public let butterflies: Int

  init(scalars: [Int], transforms: [Int]) {
    self.scalars = scalars.reduce(0, +)
    butterflies = transforms.reduce(0) { $0 + $1 / 2 * $1.trailingZeroBitCount }
  }

  /// What a step did.
  public init(_ step: StepProfile) {
    self.init(scalars: step.sizes(.multiScalar), transforms: step.sizes(.transform))
  }

  /// What the cost model of the specification says about a proof of one circuit made on one machine, which holds the mask.
  ///
  /// - Parameters:
  ///   - step: the step to count.
  ///   - share: the kind of share that takes it.
  ///   - shape: the circuit's domains.
  ///   - instances: how many instances the share proves.
  ///   - variables: scalars of a commitment to values, nil for one to coefficients.
  public init(
    specifiedFor step: ShareStep, of share: ShareID, _ shape: CircuitShape, instances: Int,
    variables: Int? = nil
  ) {
    func times(_ count: Int, _ size: Int) -> [Int] { [Int](repeating: size, count: count) }
    let (R, C, K) = (shape.R, shape.C, shape.K)
    let largest = K.max() ?? 2
    let isMatrix = if case .matrix = share { true } else { false }
    switch step {
    case .witness:
      self.init(
        scalars: times(instances, variables ?? C - shape.X) + [13],
        transforms: times(variables == nil ? instances : 0, C))
    case .rowcheck: self.init(scalars: [R], transforms: times(4 * instances + 2, R))
    case .lineval: self.init(scalars: [C - 1, C], transforms: times(6, C))
    case .beta where isMatrix: self.init(scalars: K.map { $0 - 1 }, transforms: K)
    case .beta: self.init(scalars: [R - 1], transforms: [])
    // The quotients of matrices with equal domains are added before they are transformed.
    case .quotient: self.init(scalars: [largest], transforms: K + Set(K))
    case .opening: self.init(scalars: [isMatrix ? largest - 1 : C + 3], transforms: [])
    case .lineSums, .gamma: self.init(scalars: [], transforms: [])
    }
  }
}
