/// The arguments for which a function gets a table.
struct FunctionDomain {
  var range: ClosedRange<Double>
  /// Whether smaller arguments may be taken for the smallest one.
  var saturatesBelow = false
  /// Whether larger arguments may be taken for the largest one.
  var saturatesAbove = false
  /// Whether the function is not defined beyond the range.
  var isStrict = false
}

extension RealFunction {
  /// What the function approaches towards minus and plus infinity, where it does so quickly.
  private var limits: (below: Double?, above: Double?) {
    switch self {
    case .exp, .softplus, .mish, .gelu: (0, nil)
    case .decay: (nil, 0)
    case .sigmoid: (0, 1)
    case .tanh, .erf: (-1, 1)
    case .elu(let alpha): (-alpha, nil)
    default: (nil, nil)
    }
  }

  /// Where the function is defined.
  var definition: ClosedRange<Double> {
    switch self {
    case .asin, .acos, .atanh: -1...1
    case .log, .power, .squareRoot: 0...Double.greatestFiniteMagnitude
    default: -Double.greatestFiniteMagnitude...Double.greatestFiniteMagnitude
    }
  }

  /// The arguments that calibration asks for, up to where the function is within `error` of a limit, and not so far
  /// that results exceed `largest` by more than calibration does.
  func domain(
    calibrated: ClosedRange<Double>, widened: ClosedRange<Double>, largest: Double, error: Double
  ) -> FunctionDomain {
    let defined = widened.clamped(to: definition)
    func usable(_ x: Double) -> Bool { self(x).isFinite && abs(self(x)) <= largest }
    func shrunk(_ end: Double, towards inner: Double) -> Double {
      for step in 0..<16 {
        let candidate = inner + (end - inner) * (1 - Double(step) / 16)
        if usable(candidate) { return candidate }
      }
      return inner
    }
    let inner = calibrated.clamped(to: definition)
    var result = FunctionDomain(
      range: shrunk(
        defined.lowerBound, towards: inner.lowerBound)...shrunk(
          defined.upperBound, towards: inner.upperBound))
    result.isStrict = definition.lowerBound > -Double.greatestFiniteMagnitude
    if let limit = limits.below, let end = approach(limit, sign: -1, error) {
      result.range = end...max(end, result.range.upperBound)
      result.saturatesBelow = true
    }
    if let limit = limits.above, let end = approach(limit, sign: 1, error) {
      result.range = min(end, result.range.lowerBound)...end
      result.saturatesAbove = true
    }
    return result
  }

  /// The smallest distance from 0 from which on the function stays within `error` of a limit.
  private func approach(_ limit: Double, sign: Double, _ error: Double) -> Double? {
    var far = 1.0
    while abs(self(sign * far) - limit) > error {
      far *= 2
      guard far <= 1024 else { return nil }
    }
    var near = far == 1 ? 0 : far / 2
    for _ in 0..<20 {
      let middle = (near + far) / 2
      if abs(self(sign * middle) - limit) > error { near = middle } else { far = middle }
    }
    return sign * far
  }
}
