import Foundation

/// A function of one real variable, as ONNX defines it.
enum RealFunction: Sendable, Hashable {
  case exp, log, squareRoot
  /// exp(-x), for arguments that are not negative.
  case decay
  case sin, cos, tan, asin, acos, atan
  case sinh, cosh, tanh, asinh, atanh
  case erf, sigmoid, softplus, mish
  /// x * Phi(x) with the normal distribution function, or its approximation by a hyperbolic tangent.
  case gelu(approximate: Bool)
  /// x^exponent.
  case power(Double)
  /// x where it is positive, else alpha * (exp(x) - 1).
  case elu(alpha: Double)
  /// x where it exceeds alpha, else 0.
  case thresholded(alpha: Double)
  /// x + bias below -lambda, x - bias above lambda, else 0.
  case shrink(lambda: Double, bias: Double)
  /// Several functions, products and sums together.
  case formula(RealExpression)
  case floor, ceil, truncate
  /// To the nearest integer, halves to the even one.
  case round

  /// Whether every result is an integer.
  var isInteger: Bool {
    switch self {
    case .floor, .ceil, .truncate, .round: true
    default: false
    }
  }

  /// Whether it is 0 somewhere else than at 0 and at its ends.
  var hasZeroBesideOrdinaryNumbers: Bool {
    switch self {
    case .log, .sin, .cos, .tan, .acos: true
    default: false
    }
  }

  /// Whether it is defined and has derivatives everywhere, so that a formula with it is one more function.
  var isSmooth: Bool {
    switch self {
    case .exp, .sin, .cos, .atan, .sinh, .cosh, .tanh, .asinh, .erf, .sigmoid, .softplus, .mish,
      .gelu, .formula:
      true
    default: false
    }
  }

  /// Whether no result is negative.
  var isNonnegative: Bool {
    switch self {
    case .exp, .decay, .squareRoot, .acos, .cosh, .sigmoid, .softplus: true
    default: false
    }
  }

  /// The function's value; not a number outside its domain.
  func callAsFunction(_ x: Double) -> Double {
    switch self {
    case .exp: Foundation.exp(x)
    case .decay: Foundation.exp(-x)
    case .log: Foundation.log(x)
    case .squareRoot: x.squareRoot()
    case .sin: Foundation.sin(x)
    case .cos: Foundation.cos(x)
    case .tan: Foundation.tan(x)
    case .asin: Foundation.asin(x)
    case .acos: Foundation.acos(x)
    case .atan: Foundation.atan(x)
    case .sinh: Foundation.sinh(x)
    case .cosh: Foundation.cosh(x)
    case .tanh: Foundation.tanh(x)
    case .asinh: Foundation.asinh(x)
    case .atanh: Foundation.atanh(x)
    case .erf: Foundation.erf(x)
    case .sigmoid: 1 / (1 + Foundation.exp(-x))
    case .softplus: max(x, 0) + log1p(Foundation.exp(-abs(x)))
    case .mish: x * Foundation.tanh(max(x, 0) + log1p(Foundation.exp(-abs(x))))
    case .gelu(approximate: false): x * 0.5 * erfc(-x / 2.0.squareRoot())
    case .gelu(approximate: true):
      x * 0.5 * (1 + Foundation.tanh((2 / Double.pi).squareRoot() * (x + 0.044715 * x * x * x)))
    case .power(let exponent): pow(x, exponent)
    case .elu(let alpha): x > 0 ? x : alpha * expm1(x)
    case .thresholded(let alpha): x > alpha ? x : 0
    case .shrink(let lambda, let bias): x < -lambda ? x + bias : x > lambda ? x - bias : 0
    case .formula(let expression): expression(x)
    case .floor: x.rounded(.down)
    case .ceil: x.rounded(.up)
    case .truncate: x.rounded(.towardZero)
    case .round: x.rounded(.toNearestOrEven)
    }
  }
}
