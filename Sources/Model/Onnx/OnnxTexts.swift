/// A constant tensor of texts.
struct OnnxTexts: Sendable, Equatable {
  var name = ""
  var shape: [Int] = []
  var texts: [String] = []

  /// Reads a TensorProto; nil for one of numbers.
  init?(_ message: ProtobufReader) throws(ModelError) {
    var reader = message
    var type: Int64 = 0
    while let field = try reader.next(once: [2]) {
      if field.number == 2 { type = try reader.integer(field, "data_type") }
    }
    guard type == 8 else { return nil }
    reader = message
    var dimensions: [Int64] = []
    while let field = try reader.next(once: [2, 8, 14]) {
      switch field.number {
      case 1: try reader.appendIntegers(field, "dims", to: &dimensions)
      case 6: texts.append(try reader.text(field, "string_data[\(texts.count)]"))
      case 8: name = try reader.text(field, "name")
      case 3: throw reader.malformed("segment", "segmented tensors are not supported")
      case 4, 5, 7, 9, 10, 11:
        throw reader.malformed("data_type", "a tensor of texts holds something else")
      case 13: throw reader.malformed("external_data", "texts in other files are not supported")
      case 14:
        guard try reader.integer(field, "data_location") == 0 else {
          throw reader.malformed("data_location", "texts in other files are not supported")
        }
      default: break
      }
    }
    shape = dimensions.map { Int(clamping: $0) }
    guard let count = TensorShape.count(shape), count == texts.count else {
      throw reader.malformed("dims", "do not fit the \(texts.count) texts")
    }
  }
}
