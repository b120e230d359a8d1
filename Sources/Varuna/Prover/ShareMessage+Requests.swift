import Algebra

// What the coordinator sends.

extension ShareMessage {
  /// The weights of the row check.
  public struct RowWeights: ShareMessageCoding {
    /// The message's name in errors.
    public static let name = "row weights"
    /// Length of the encoding.
    public static let size = (fixed: 0, perInstance: 32)

    /// mu: circuit weight times instance weight.
    public var weights: [Fr]

    /// Collects the fields.
    public init(weights: [Fr]) {
      self.weights = weights
    }

    /// Reads the fields.
    public init(reading source: inout Source) throws(VarunaError) {
      weights = try source.scalarPerInstance()
    }

    /// Writes the fields.
    public func write(to target: inout Target) {
      target.put(weights)
    }
  }

  /// The point of the row check.
  public struct Alpha: ShareMessageCoding {
    /// The message's name in errors.
    public static let name = "alpha"
    /// Length of the encoding.
    public static let size = (fixed: 32, perInstance: 0)

    /// Outside the largest R.
    public var alpha: Fr

    /// Collects the fields.
    public init(alpha: Fr) {
      self.alpha = alpha
    }

    /// Reads the fields.
    public init(reading source: inout Source) throws(VarunaError) {
      alpha = try source.scalar()
    }

    /// Writes the fields.
    public func write(to target: inout Target) {
      target.put(alpha)
    }
  }

  /// The factors of the line check.
  public struct LineChallenge: ShareMessageCoding {
    /// The message's name in errors.
    public static let name = "line challenge"
    /// Length of the encoding.
    public static let size = (fixed: 96, perInstance: 32)

    /// eta_A, eta_B, eta_C.
    public var eta: [Fr]
    /// nu: circuit weight times instance weight.
    public var weights: [Fr]

    /// Collects the fields.
    public init(eta: [Fr], weights: [Fr]) {
      self.eta = eta
      self.weights = weights
    }

    /// Reads the fields.
    public init(reading source: inout Source) throws(VarunaError) {
      eta = try source.triple()
      weights = try source.scalarPerInstance()
    }

    /// Writes the fields.
    public func write(to target: inout Target) {
      target.put(eta)
      target.put(weights)
    }
  }

  /// The point of the line check, for a share of instances.
  public struct Beta: ShareMessageCoding {
    /// The message's name in errors.
    public static let name = "beta"
    /// Length of the encoding.
    public static let size = (fixed: 32, perInstance: 0)

    /// Outside the largest C.
    public var beta: Fr

    /// Collects the fields.
    public init(beta: Fr) {
      self.beta = beta
    }

    /// Reads the fields.
    public init(reading source: inout Source) throws(VarunaError) {
      beta = try source.scalar()
    }

    /// Writes the fields.
    public func write(to target: inout Target) {
      target.put(beta)
    }
  }

  /// The points of the row and line checks, for a share of matrices.
  public struct AlphaBeta: ShareMessageCoding {
    /// The message's name in errors.
    public static let name = "alpha and beta"
    /// Length of the encoding.
    public static let size = (fixed: 64, perInstance: 0)

    /// Outside the largest R.
    public var alpha: Fr
    /// Outside the largest C.
    public var beta: Fr

    /// Collects the fields.
    public init(alpha: Fr, beta: Fr) {
      self.alpha = alpha
      self.beta = beta
    }

    /// Reads the fields.
    public init(reading source: inout Source) throws(VarunaError) {
      alpha = try source.scalar()
      beta = try source.scalar()
    }

    /// Writes the fields.
    public func write(to target: inout Target) {
      target.put(alpha)
      target.put(beta)
    }
  }

  /// The factors of the matrix checks.
  public struct Delta: ShareMessageCoding {
    /// The message's name in errors.
    public static let name = "delta"
    /// Length of the encoding.
    public static let size = (fixed: 96, perInstance: 0)

    /// delta_A, delta_B, delta_C of the circuit.
    public var delta: [Fr]

    /// Collects the fields.
    public init(delta: [Fr]) {
      self.delta = delta
    }

    /// Reads the fields.
    public init(reading source: inout Source) throws(VarunaError) {
      delta = try source.triple()
    }

    /// Writes the fields.
    public func write(to target: inout Target) {
      target.put(delta)
    }
  }

  /// The point of the matrix checks.
  public struct Gamma: ShareMessageCoding {
    /// The message's name in errors.
    public static let name = "gamma"
    /// Length of the encoding.
    public static let size = (fixed: 32, perInstance: 0)

    /// Outside the largest K.
    public var gamma: Fr

    /// Collects the fields.
    public init(gamma: Fr) {
      self.gamma = gamma
    }

    /// Reads the fields.
    public init(reading source: inout Source) throws(VarunaError) {
      gamma = try source.scalar()
    }

    /// Writes the fields.
    public func write(to target: inout Target) {
      target.put(gamma)
    }
  }

  /// The factors of the claims at beta.
  public struct InstanceOpeningChallenges: ShareMessageCoding {
    /// The message's name in errors.
    public static let name = "opening challenges of instances"
    /// Length of the encoding.
    public static let size = (fixed: 64, perInstance: 0)

    /// xi of g_1(beta).
    public var forG1: Fr
    /// xi of the line check.
    public var forLineval: Fr

    /// Collects the fields.
    public init(forG1: Fr, forLineval: Fr) {
      self.forG1 = forG1
      self.forLineval = forLineval
    }

    /// Reads the fields.
    public init(reading source: inout Source) throws(VarunaError) {
      forG1 = try source.scalar()
      forLineval = try source.scalar()
    }

    /// Writes the fields.
    public func write(to target: inout Target) {
      target.put(forG1)
      target.put(forLineval)
    }
  }

  /// The factors of the claims at gamma.
  public struct MatrixOpeningChallenges: ShareMessageCoding {
    /// The message's name in errors.
    public static let name = "opening challenges of matrices"
    /// Length of the encoding.
    public static let size = (fixed: 128, perInstance: 0)

    /// xi of g_A(gamma), g_B(gamma), g_C(gamma).
    public var forG: [Fr]
    /// xi of the matrix check.
    public var forMatrix: Fr

    /// Collects the fields.
    public init(forG: [Fr], forMatrix: Fr) {
      self.forG = forG
      self.forMatrix = forMatrix
    }

    /// Reads the fields.
    public init(reading source: inout Source) throws(VarunaError) {
      forG = try source.triple()
      forMatrix = try source.scalar()
    }

    /// Writes the fields.
    public func write(to target: inout Target) {
      target.put(forG)
      target.put(forMatrix)
    }
  }
}
