/// A tensor while a model is translated: known numbers, or a value of the graph.
struct Term: Sendable {
  /// Where the elements come from.
  enum Content: Sendable {
    /// Numbers that are known when the model is loaded.
    case constant([Double])
    /// Integers that are known when the model is loaded, some of them beyond 2^53.
    case integers([Int128])
    /// A value that depends on the model's inputs.
    case variable(ValueID)
  }

  var shape: [Int]
  var type: ElementType
  var content: Content
  /// What the elements are called, where they stand for texts or are values of maps.
  var labels: Labels?
  /// Which elements are missing (NaN), where some may be: these are 0 here.
  var missing: Missing?

  /// 1 for elements that are missing, else 0; of the shape of the term that it belongs to.
  final class Missing: Sendable {
    let mask: Term
    init(_ mask: Term) { self.mask = mask }

    /// What a mask says; nil if it is known that nothing is missing.
    convenience init?(any mask: Term) {
      if let known = mask.constant, known.allSatisfy({ $0 == 0 }) { return nil }
      self.init(mask)
    }
  }

  var count: Int { shape.reduce(1, *) }

  /// The numbers, where they are known and doubles hold them.
  var constant: [Double]? {
    if case .constant(let numbers) = content { return numbers }
    return nil
  }

  /// The numbers, where they are known; exact.
  var known: Numbers? {
    switch content {
    case .constant(let numbers): .reals(numbers)
    case .integers(let numbers): .integers(numbers)
    case .variable: nil
    }
  }

  /// The value, where the numbers are not known.
  var variable: ValueID? {
    if case .variable(let value) = content { return value }
    return nil
  }

  init(shape: [Int], type: ElementType, content: Content) {
    self.shape = shape
    self.type = type
    self.content = content
  }

  /// A known tensor.
  init(_ numbers: [Double], shape: [Int], type: ElementType = .float) {
    precondition(shape.reduce(1, *) == numbers.count)
    self.init(shape: shape, type: type, content: .constant(numbers))
  }

  /// A known scalar.
  init(_ number: Double, type: ElementType = .float) {
    self.init([number], shape: [], type: type)
  }

  /// A known tensor.
  init(_ numbers: Numbers, shape: [Int], type: ElementType) {
    switch numbers {
    case .integers(let list) where list.contains { abs($0) > Int128(Numbers.exactDouble) }:
      self.init(shape: shape, type: type, content: .integers(list))
    default:
      self.init(numbers.reals, shape: shape, type: type)
    }
  }

  /// A known tensor of texts: their places in the list of those that differ.
  init(_ tensor: OnnxTexts) {
    let (texts, places) = Labels.distinct(tensor.texts)
    self.init(places.map(Double.init), shape: tensor.shape, type: .int64)
    labels = Labels(.elements, texts)
  }

  init(_ tensor: OnnxTensor) {
    let numbers = tensor.integers.map(Numbers.integers) ?? .reals(tensor.values)
    self.init(numbers, shape: tensor.shape, type: tensor.type)
  }

  /// The same elements under another type, where no conversion of numbers is needed.
  func typed(_ type: ElementType) -> Term {
    Term(shape: shape, type: type, content: content)
  }

  /// The same elements in another shape with equally many.
  func reshaped(_ shape: [Int]) -> Term {
    precondition(shape.reduce(1, *) == count)
    return Term(shape: shape, type: type, content: content)
  }
}
