/// A tensor while a model is translated: known numbers, or a value of the graph.
struct Term: Sendable {
  /// Where the elements come from.
  enum Content: Sendable {
    /// Numbers that are known when the model is loaded.
    case constant([Double])
    /// A value that depends on the model's inputs.
    case variable(ValueID)
  }

  var shape: [Int]
  var type: ElementType
  var content: Content

  var count: Int { shape.reduce(1, *) }

  /// The numbers, where they are known.
  var constant: [Double]? {
    if case .constant(let numbers) = content { return numbers }
    return nil
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

  init(_ tensor: OnnxTensor) {
    self.init(tensor.values, shape: tensor.shape, type: tensor.type)
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
