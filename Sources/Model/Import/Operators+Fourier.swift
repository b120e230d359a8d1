import Foundation

extension Operators {
  /// Discrete Fourier transforms: affine maps with known coefficients.
  static let fourier: [String: Translation] = ["DFT": unary(transform)]

  private static func transform(_ node: NodeContext, _ x: Term) throws(ModelError) -> Term {
    let rank = x.shape.count
    try node.require(
      rank >= 2 && [1, 2].contains(x.shape[rank - 1]) && x.count > 0,
      "needs real or complex numbers along the last axis")
    let given =
      node.opset >= 20
      ? node.optional(2) == nil ? -2 : Int(clamping: try node.scalar(2, "the axis"))
      : node.integer("axis", default: 1)
    let axis = try node.axis(given, rank: rank)
    try node.require(axis < rank - 1, "the axis is that of real and imaginary parts")
    let size =
      node.optional(1) == nil ? x.shape[axis] : Int(clamping: try node.scalar(1, "the length"))
    try node.require((1...1 << 16).contains(size), "a length of \(size)")
    let (isInverse, isOneSided) = (node.flag("inverse"), node.flag("onesided"))
    try node.require(!(isInverse && isOneSided), "a one-sided inverse is not supported")
    let count = isOneSided ? size / 2 + 1 : size
    var shape = x.shape
    (shape[axis], shape[rank - 1]) = (count, 2)
    let (parts, inner) = (x.shape[rank - 1], x.shape[(axis + 1)..<(rank - 1)].reduce(1, *))
    let used = min(size, x.shape[axis])
    try node.checkEntries(try node.checkedCount(shape), used * parts)
    var map = RealMap(inputCount: x.count)
    for outer in 0..<x.shape[..<axis].reduce(1, *) {
      for frequency in 0..<count {
        for column in 0..<inner {
          for part in 0..<2 {
            for place in 0..<used {
              // The angle is reduced first, so that multiples of a quarter turn are exact.
              let turns = Double(frequency * place % size) / Double(size)
              let (cosine, sine) = Self.cosineAndSine(ofTurns: isInverse ? turns : -turns)
              let source = ((outer * x.shape[axis] + place) * inner + column) * parts
              let factor = isInverse ? 1 / Double(size) : 1
              map.add(source, (part == 0 ? cosine : sine) * factor)
              if parts == 2 { map.add(source + 1, (part == 0 ? -sine : cosine) * factor) }
            }
            map.endRow()
          }
        }
      }
    }
    return try node.affine(map, [x], shape: shape)
  }

  private static func cosineAndSine(ofTurns turns: Double) -> (Double, Double) {
    switch abs(turns) {
    case 0: return (1, 0)
    case 0.25: return (0, turns < 0 ? -1 : 1)
    case 0.5: return (-1, 0)
    case 0.75: return (0, turns < 0 ? 1 : -1)
    default: return (cos(2 * Double.pi * turns), sin(2 * Double.pi * turns))
    }
  }
}
