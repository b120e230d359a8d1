/// Fixes the dynamic dimensions of an input.
enum InputShape {
  static func resolve(
    _ input: OnnxModel.Value, _ known: GivenInput?
  ) throws(ModelError) -> [Int] {
    func invalid(_ reason: String) -> ModelError {
      .invalidModel(reason: "input \(input.name): \(reason)")
    }
    guard input.holdsTexts || ElementType(rawValue: input.elementType) != nil else {
      throw invalid("element type \(input.elementType) is not supported")
    }
    let count = known?.count
    var given = known?.shape
    if let shape = input.shape, let hint = given, known?.isHint == true,
      hint.count != shape.count
        || zip(hint, shape).contains(where: { $1 != nil && Int64($0) != $1 })
    {
      given = nil
    }
    guard let declared = input.shape ?? given.map({ $0.map(Int64.init) }) else {
      throw invalid("it declares no shape, and none is given")
    }
    var shape = declared.map { $0.map { Int(clamping: $0) } }
    if let given {
      guard given.count == shape.count,
        zip(given, shape).allSatisfy({ $0 >= 0 && ($1 == nil || $0 == $1) })
      else { throw invalid("shape \(given) does not fit the declared one") }
      shape = given
    }
    var open = shape.indices.filter { shape[$0] == nil }
    if open.count > 1 || count == nil, shape.first == .some(nil) {
      shape[0] = 1
      open.removeFirst()
    }
    if open.count == 1, let count {
      let known = TensorShape.count(shape.compactMap { $0 }) ?? 0
      guard known > 0, count % known == 0 else {
        throw invalid("\(count) elements do not fit its shape")
      }
      shape[open[0]] = count / known
    } else if !open.isEmpty {
      throw invalid(
        "its shape has dynamic dimensions; give its shape "
          + "(--shape \(input.name)=1,3,224,224), or write it as nested lists")
    }
    let fixed = shape.compactMap { $0 }
    guard let total = TensorShape.count(fixed) else {
      throw invalid("shape \(fixed) is too large")
    }
    if let count, count != total {
      throw .countMismatch(what: "elements of input \(input.name)", expected: total, found: count)
    }
    return fixed
  }
}
