import Algebra

// What shares answer.

extension ShareMessage {
  /// The hiding commitments to the witness polynomials.
  public struct WitnessCommitments: ShareMessageCoding {
    /// The message's name in errors.
    public static let name = "witness commitments"
    /// Length of the encoding.
    public static let size = (fixed: 0, perInstance: 48)

    /// One commitment per instance.
    public var w: [G1Affine]

    /// Collects the fields.
    public init(w: [G1Affine]) {
      self.w = w
    }

    /// Reads the fields.
    public init(reading source: inout Source) throws(VarunaError) {
      w = try source.pointPerInstance()
    }

    /// Writes the fields.
    public func write(to target: inout Target) {
      target.put(w)
    }
  }

  /// ``WitnessCommitments`` of a share with a mask of its own.
  public struct MaskedWitnessCommitments: ShareMessageCoding {
    /// The message's name in errors.
    public static let name = "masked witness commitments"
    /// Length of the encoding.
    public static let size = (fixed: 48, perInstance: 48)

    /// One commitment per instance.
    public var w: [G1Affine]
    /// The commitment to the share's mask.
    public var mask: G1Affine

    /// Collects the fields.
    public init(w: [G1Affine], mask: G1Affine) {
      self.w = w
      self.mask = mask
    }

    /// Reads the fields.
    public init(reading source: inout Source) throws(VarunaError) {
      w = try source.pointPerInstance()
      mask = try source.point()
    }

    /// Writes the fields.
    public func write(to target: inout Target) {
      target.put(w)
      target.put(mask)
    }
  }

  /// The part of the row check.
  public struct RowcheckShare: ShareMessageCoding {
    /// The message's name in errors.
    public static let name = "row check share"
    /// Length of the encoding.
    public static let size = (fixed: 48, perInstance: 0)

    /// The commitment to the part of h_0.
    public var h0: G1Affine

    /// Collects the fields.
    public init(h0: G1Affine) {
      self.h0 = h0
    }

    /// Reads the fields.
    public init(reading source: inout Source) throws(VarunaError) {
      h0 = try source.point()
    }

    /// Writes the fields.
    public func write(to target: inout Target) {
      target.put(h0)
    }
  }

  /// The sums over the constraints.
  public struct LineSums: ShareMessageCoding {
    /// The message's name in errors.
    public static let name = "line sums"
    /// Length of the encoding.
    public static let size = (fixed: 0, perInstance: 96)

    /// sigma_M = z_M(alpha) for M = A, B, C, per instance.
    public var sums: [[Fr]]

    /// Collects the fields.
    public init(sums: [[Fr]]) {
      self.sums = sums
    }

    /// Reads the fields.
    public init(reading source: inout Source) throws(VarunaError) {
      sums = try source.triplePerInstance()
    }

    /// Writes the fields.
    public func write(to target: inout Target) {
      target.put(Array(sums.joined()))
    }
  }

  /// The part of the line check.
  public struct LinevalShare: ShareMessageCoding {
    /// The message's name in errors.
    public static let name = "line check share"
    /// Length of the encoding.
    public static let size = (fixed: 96, perInstance: 0)

    /// The degree-bounded commitment to the part of g_1.
    public var g1: G1Affine
    /// The commitment to the part of h_1.
    public var h1: G1Affine

    /// Collects the fields.
    public init(g1: G1Affine, h1: G1Affine) {
      self.g1 = g1
      self.h1 = h1
    }

    /// Reads the fields.
    public init(reading source: inout Source) throws(VarunaError) {
      g1 = try source.point()
      h1 = try source.point()
    }

    /// Writes the fields.
    public func write(to target: inout Target) {
      target.put(g1)
      target.put(h1)
    }
  }

  /// The part of g_1(beta).
  public struct LinevalEvaluation: ShareMessageCoding {
    /// The message's name in errors.
    public static let name = "line check evaluation"
    /// Length of the encoding.
    public static let size = (fixed: 32, perInstance: 0)

    /// The value.
    public var g1AtBeta: Fr

    /// Collects the fields.
    public init(g1AtBeta: Fr) {
      self.g1AtBeta = g1AtBeta
    }

    /// Reads the fields.
    public init(reading source: inout Source) throws(VarunaError) {
      g1AtBeta = try source.scalar()
    }

    /// Writes the fields.
    public func write(to target: inout Target) {
      target.put(g1AtBeta)
    }
  }

  /// The openings of a share of instances.
  public struct InstanceOpening: ShareMessageCoding {
    /// The message's name in errors.
    public static let name = "instance opening"
    /// Length of the encoding.
    public static let size = (fixed: 128, perInstance: 0)

    /// The opening of the share's own h_0 at alpha.
    public var atAlpha: G1Affine
    /// The opening of forG1 g_1 + forLineval lineval at beta.
    public var atBeta: G1Affine
    /// The value of the blinding polynomial at beta.
    public var blindingAtBeta: Fr

    /// Collects the fields.
    public init(atAlpha: G1Affine, atBeta: G1Affine, blindingAtBeta: Fr) {
      self.atAlpha = atAlpha
      self.atBeta = atBeta
      self.blindingAtBeta = blindingAtBeta
    }

    /// Reads the fields.
    public init(reading source: inout Source) throws(VarunaError) {
      atAlpha = try source.point()
      atBeta = try source.point()
      blindingAtBeta = try source.scalar()
    }

    /// Writes the fields.
    public func write(to target: inout Target) {
      target.put(atAlpha)
      target.put(atBeta)
      target.put(blindingAtBeta)
    }
  }

  /// The matrix sums and what proves them.
  public struct MatrixCommitments: ShareMessageCoding {
    /// The message's name in errors.
    public static let name = "matrix commitments"
    /// Length of the encoding.
    public static let size = (fixed: 240, perInstance: 0)

    /// The degree-bounded commitment to g_A.
    public var gA: G1Affine
    /// The degree-bounded commitment to g_B.
    public var gB: G1Affine
    /// The degree-bounded commitment to g_C.
    public var gC: G1Affine
    /// omega_M = M(alpha, beta)/|K_M| for M = A, B, C.
    public var sums: [Fr]

    /// Collects the fields.
    public init(gA: G1Affine, gB: G1Affine, gC: G1Affine, sums: [Fr]) {
      self.gA = gA
      self.gB = gB
      self.gC = gC
      self.sums = sums
    }

    /// Reads the fields.
    public init(reading source: inout Source) throws(VarunaError) {
      gA = try source.point()
      gB = try source.point()
      gC = try source.point()
      sums = try source.triple()
    }

    /// Writes the fields.
    public func write(to target: inout Target) {
      target.put(gA)
      target.put(gB)
      target.put(gC)
      target.put(sums)
    }
  }

  /// The part of the matrix check.
  public struct MatrixQuotient: ShareMessageCoding {
    /// The message's name in errors.
    public static let name = "matrix check share"
    /// Length of the encoding.
    public static let size = (fixed: 48, perInstance: 0)

    /// The commitment to the part of h_2.
    public var h2: G1Affine

    /// Collects the fields.
    public init(h2: G1Affine) {
      self.h2 = h2
    }

    /// Reads the fields.
    public init(reading source: inout Source) throws(VarunaError) {
      h2 = try source.point()
    }

    /// Writes the fields.
    public func write(to target: inout Target) {
      target.put(h2)
    }
  }

  /// The values of g_A, g_B, g_C at gamma.
  public struct MatrixEvaluations: ShareMessageCoding {
    /// The message's name in errors.
    public static let name = "matrix evaluations"
    /// Length of the encoding.
    public static let size = (fixed: 96, perInstance: 0)

    /// Three values.
    public var gAtGamma: [Fr]

    /// Collects the fields.
    public init(gAtGamma: [Fr]) {
      self.gAtGamma = gAtGamma
    }

    /// Reads the fields.
    public init(reading source: inout Source) throws(VarunaError) {
      gAtGamma = try source.triple()
    }

    /// Writes the fields.
    public func write(to target: inout Target) {
      target.put(gAtGamma)
    }
  }

  /// The opening of a share of matrices.
  public struct MatrixOpening: ShareMessageCoding {
    /// The message's name in errors.
    public static let name = "matrix opening"
    /// Length of the encoding.
    public static let size = (fixed: 48, perInstance: 0)

    /// The opening at gamma.
    public var atGamma: G1Affine

    /// Collects the fields.
    public init(atGamma: G1Affine) {
      self.atGamma = atGamma
    }

    /// Reads the fields.
    public init(reading source: inout Source) throws(VarunaError) {
      atGamma = try source.point()
    }

    /// Writes the fields.
    public func write(to target: inout Target) {
      target.put(atGamma)
    }
  }
}
