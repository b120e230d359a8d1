/// What a user says about a model's inputs beside the file with their numbers.
public struct InputChoices: Hashable, Sendable {
  /// Shapes by the inputs' names, where the model leaves dimensions open.
  public var shapes: [String: [Int]]
  /// The numbers of inputs that become part of the program, by their names: public, and another program for other numbers.
  public var fixed: [String: [Double]]
  /// Which sample of a file with several is meant, counted from 0.
  public var sample: Int?
  /// Whether any sample decides the shapes as well as another one.
  var takesAnySample = false

  /// Inputs that may be named, dimensions of a shape, and numbers of a fixed input at most.
  static let (mostInputs, mostDimensions, mostNumbers) = (64, 64, 1 << 12)

  /// Nothing said, unless it is given.
  public init(
    shapes: [String: [Int]] = [:], fixed: [String: [Double]] = [:], sample: Int? = nil
  ) {
    (self.shapes, self.fixed, self.sample) = (shapes, fixed, sample)
  }

  /// The same for files of which every sample is used.
  public var takingAnySample: InputChoices {
    var choices = self
    choices.takesAnySample = true
    return choices
  }

  /// Whether nothing is said.
  public var isEmpty: Bool { shapes.isEmpty && fixed.isEmpty && sample == nil }

  /// What is outside its bounds; nil if nothing is.
  public var fault: String? {
    if max(shapes.count, fixed.count) > Self.mostInputs {
      return "more than \(Self.mostInputs) inputs have a shape or numbers of their own"
    }
    for (name, shape) in shapes.sorted(by: { $0.key < $1.key }) {
      guard shape.count <= Self.mostDimensions, TensorShape.count(shape) != nil,
        shape.allSatisfy({ $0 > 0 })
      else { return "no tensor has the shape that is given for input \(name)" }
    }
    for (name, numbers) in fixed.sorted(by: { $0.key < $1.key }) {
      guard (1...Self.mostNumbers).contains(numbers.count), numbers.allSatisfy(\.isFinite) else {
        return "input \(name) cannot be fixed: 1 to \(Self.mostNumbers) finite numbers are needed"
      }
    }
    if let sample, !(0..<TensorShape.maximalCount).contains(sample) {
      return "there is no sample \(sample)"
    }
    return nil
  }

  /// Checks bounds and names.
  ///
  /// - Throws: `invalidChoice`.
  func check(names: [String]) throws(ModelError) {
    if let fault { throw .invalidChoice(reason: fault) }
    for name in (Array(shapes.keys) + fixed.keys).sorted() where !names.containsBytes(of: name) {
      throw .invalidChoice(
        reason:
          "the model has no input \(name); its inputs are \(names.prefix(8).joined(separator: ", "))"
      )
    }
  }

  /// What is known of the inputs that are named.
  var given: [String: GivenInput] {
    var given = shapes.mapValues { GivenInput(shape: $0) }
    for (name, numbers) in fixed {
      given[name] = GivenInput(
        shape: shapes[name], count: numbers.count, numbers: .reals(numbers))
    }
    return given
  }

  /// Elements of one sample of an input; nil where they are not known.
  func sampleSize(_ input: OnnxModel.Value) -> Int? {
    if let shape = shapes[input.name] { return TensorShape.count(shape) }
    guard var shape = input.shape else { return nil }
    // A batch has samples along its first dimension.
    if shape.first == .some(nil) {
      guard sample != nil else { return nil }
      shape[0] = 1
    }
    let known = shape.compactMap { $0.map { Int(clamping: $0) } }
    return known.count == shape.count ? TensorShape.count(known) : nil
  }
}

extension InputChoices: Codable {
  private enum Key: String, CodingKey { case shapes, fixed, sample }

  /// Reads what `encode` wrote.
  ///
  /// - Throws: also for what is outside its bounds.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: Key.self)
    self.init(
      shapes: try container.decodeIfPresent([String: [Int]].self, forKey: .shapes) ?? [:],
      fixed: try container.decodeIfPresent([String: [Double]].self, forKey: .fixed) ?? [:],
      sample: try container.decodeIfPresent(Int.self, forKey: .sample))
    guard let fault else { return }
    throw DecodingError.dataCorrupted(
      DecodingError.Context(codingPath: container.codingPath, debugDescription: fault))
  }

  /// Writes what is said, and nothing else.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Key.self)
    if !shapes.isEmpty { try container.encode(shapes, forKey: .shapes) }
    if !fixed.isEmpty { try container.encode(fixed, forKey: .fixed) }
    try container.encodeIfPresent(sample, forKey: .sample)
  }
}
