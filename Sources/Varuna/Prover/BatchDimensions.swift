/// The largest domains of a batch, told to every share.
public struct BatchDimensions: Equatable, Hashable, Sendable, Codable {
  /// The largest |R|.
  public var R: Int
  /// The largest |C|.
  public var C: Int
  /// The largest |K| of any matrix.
  public var K: Int

  /// Three powers of two.
  public init(R: Int, C: Int, K: Int) {
    self.R = R
    self.C = C
    self.K = K
  }

  /// The dimensions of a statement.
  public init(_ statement: Statement) {
    self.init(R: statement.R, C: statement.C, K: statement.K)
  }

  /// Throws unless a circuit of this shape fits and the parameters suffice.
  func check(_ shapes: [CircuitShape], _ srs: SRS) throws(ShareError) {
    let sizes = [R, C, K]
    guard
      sizes.allSatisfy({
        $0 > 0 && $0 & ($0 - 1) == 0 && $0 <= CircuitShape.maximalDomain
      }),
      shapes.allSatisfy({ shape in
        shape.R <= R && shape.C <= C && shape.K.allSatisfy { $0 <= K }
      })
    else { throw .unusableDimensions(self) }
    try withParameters { () throws(VarunaError) in try srs.limits.check(R: R, C: C, K: K) }
  }
}
