/// A formula in one real variable, made of smooth parts.
struct RealExpression: Sendable, Hashable {
  /// A part; operands are indices of parts before it.
  enum Node: Sendable, Hashable {
    case argument
    case constant(Double)
    case function(RealFunction, Int)
    case product(Int, Int)
    case quotient(Int, Int)
    case sum([Summand], plus: Double)
  }

  /// A part times a factor.
  struct Summand: Sendable, Hashable {
    var node: Int
    var factor: Double
  }

  /// The parts in order; the last one is the whole.
  var nodes: [Node]

  /// The formula's value.
  func callAsFunction(_ x: Double) -> Double {
    var values: [Double] = []
    values.reserveCapacity(nodes.count)
    for node in nodes {
      switch node {
      case .argument: values.append(x)
      case .constant(let number): values.append(number)
      case .function(let function, let a): values.append(function(values[a]))
      case .product(let a, let b): values.append(values[a] * values[b])
      case .quotient(let a, let b): values.append(values[a] / values[b])
      case .sum(let summands, let bias):
        values.append(summands.reduce(bias) { $0 + $1.factor * values[$1.node] })
      }
    }
    return values[values.count - 1]
  }
}
