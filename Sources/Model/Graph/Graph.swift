/// Index of a value in its graph's `values`.
typealias ValueID = Int

/// A model as typed real arithmetic: every operator is an affine map or one of a few kinds that are not.
///
/// All shapes are known. Each step writes one value, and stands after those that write its inputs. Kinds without a
/// word about shapes work element by element on inputs with equally many elements.
struct Graph: Sendable, Equatable {
  /// A tensor of the program.
  struct Value: Sendable, Equatable {
    var name: String
    var shape: [Int]
    /// Whether every element is a whole number whatever the inputs are, so that it is never rounded.
    var isInteger = false
    /// Whether no element is ever negative.
    var isNonnegative = false
    /// The element type in the model.
    var type = ElementType.float
    /// Whether this is what an operator of the model makes, which its type rounds; else a part of one, kept in double precision.
    var isResult = false
    /// Where all elements lie whatever the inputs are, as far as it is known.
    var bounds: ClosedRange<Int128>?
    /// Digits that it keeps beyond those of other values when it is rounded.
    var guardBits = 0
    var count: Int { shape.reduce(1, *) }
  }

  /// The kinds of step.
  enum Kind: Sendable, Equatable {
    /// These numbers; no inputs.
    case constant([Double])
    /// These integers, of which some are beyond 2^53; no inputs.
    case integers([Int128])
    /// The number of an integer type that equals the input modulo a power of two.
    case wrap(ElementType)
    /// The input, which must be in the range.
    case confine(ClosedRange<Int128>)
    /// 1 where the input is one of these, else 0: the integer program has none of them.
    case special(Special)
    /// out = M * (inputs concatenated) + bias.
    case affine(RealMap)
    /// out = max(x, 0).
    case relu
    /// |x|.
    case absolute
    /// At least the lower, then at most the higher bound; the lower is not above the higher.
    case clamp(low: Double, high: Double)
    /// A function of one variable.
    case function(RealFunction)
    case product
    case quotient(Quotient)
    /// 1 where the comparison of the first input with the second holds, else 0.
    case compare(Comparison)
    /// The second input where the first is not 0, else the third.
    case select
    /// Of nonnegative integers below 2^bits.
    case bitwise(Bitwise, bits: Int)
    /// `batch` products of an m x k by a k x n matrix.
    case matmul(batch: Int, m: Int, k: Int, n: Int)
    /// out[i] = the largest of the elements windows[i].
    case maximum(windows: [[Int]])
    /// The largest element of each group less every element of it, group after group.
    case distance(groups: [[Int]])
    /// out[i] = place in groups[i] of the largest element; of equal ones the first, or the last.
    case argmax(groups: [[Int]], last: Bool)
    /// `count` outputs per group: the places in it of its largest elements in descending order, equal ones as they
    /// stand.
    case order(groups: [[Int]], count: Int)
    /// One output per pick, of the first input, at the place that an element of the second one names.
    case gather(picks: [Pick])
    /// `size` outputs per element, of which the one at the place that the element names is 1 and the others 0.
    case oneHot(size: Int)
  }

  /// Chooses data[start + stride * place] by the place that index element `index` holds, in 0 ..< count.
  struct Pick: Sendable, Equatable {
    var index: Int
    var start: Int
    var stride: Int
    var count: Int
  }

  /// What is no finite number.
  struct Special: OptionSet, Sendable {
    let rawValue: Int
    static let nan = Special(rawValue: 1)
    static let plusInfinity = Special(rawValue: 2)
    static let minusInfinity = Special(rawValue: 4)

    /// Whether a number is one of these.
    func matches(_ number: Double) -> Bool {
      if number.isNaN { return isSuperset(of: Special.nan) }
      guard number.isInfinite else { return false }
      return isSuperset(of: number > 0 ? Special.plusInfinity : Special.minusInfinity)
    }
  }

  /// What a quotient of two numbers is rounded to.
  enum Quotient: Sendable { case exact, floored, truncated }
  /// Which of two numbers must be the smaller one.
  enum Comparison: Sendable { case less, equal }
  /// What is done with each pair of bits.
  enum Bitwise: Sendable { case and, or, xor }

  /// One step; `name` is that of the ONNX node it comes from.
  struct Step: Sendable, Equatable {
    var name: String
    var kind: Kind
    var inputs: [ValueID]
    var output: ValueID
  }

  var values: [Value] = []
  var steps: [Step] = []
  var inputs: [ValueID] = []
  var outputs: [ValueID] = []

  /// The steps that use each value, ascending, once per step.
  var consumers: [[Int]] {
    var consumers = [[Int]](repeating: [], count: values.count)
    for (index, step) in steps.enumerated() {
      for input in Set(step.inputs) { consumers[input].append(index) }
    }
    return consumers
  }

  /// The step that writes each value; nil for inputs.
  var producers: [Int?] {
    var producers = [Int?](repeating: nil, count: values.count)
    for (index, step) in steps.enumerated() { producers[step.output] = index }
    return producers
  }
}
