/// A constant tensor: numbers as doubles, exact for every float type and for integers up to 2^53.
struct OnnxTensor: Sendable, Equatable {
  var name: String
  var shape: [Int]
  var values: [Double]
  /// The exact elements, where some are integers beyond 2^53.
  var integers: [Int128]?
  var type: ElementType
  /// Where the values stand in row-major order, with 0 everywhere else; nil where there is one for each element.
  var places: [Int]?

  /// Elements of one tensor at most.
  static let maximalCount = 1 << 26

  init(_ reader: ProtobufReader) throws(ModelError) {
    var reader = reader
    var name = ""
    var dimensions: [Int64] = []
    var type: Int64 = 0
    var raw: ArraySlice<UInt8>?
    var floats: [Float] = []
    var integers: [Int64] = []
    var doubles: [Double] = []
    // Numbers of all of these fields that are there.
    var filled: Set<Int> = []
    while let field = try reader.next(once: [2, 8, 9, 14]) {
      if ElementType.dataFields.contains(field.number) { filled.insert(field.number) }
      switch field.number {
      case 1: try reader.appendIntegers(field, "dims", to: &dimensions)
      case 2: type = try reader.integer(field, "data_type")
      case 4: try reader.appendFloats(field, "float_data", to: &floats)
      case 5: try reader.appendIntegers(field, "int32_data", to: &integers)
      case 7: try reader.appendIntegers(field, "int64_data", to: &integers)
      case 8: name = try reader.text(field, "name")
      case 9: raw = try reader.data(field, "raw_data")
      case 10: try reader.appendDoubles(field, "double_data", to: &doubles)
      case 11: try reader.appendIntegers(field, "uint64_data", to: &integers)
      case 3: throw reader.malformed("segment", "segmented tensors are not supported")
      case 13: throw reader.malformed("external_data", "weights in other files are not supported")
      case 14:
        guard try reader.integer(field, "data_location") == 0 else {
          throw reader.malformed("data_location", "weights in other files are not supported")
        }
      default: break
      }
    }
    guard let element = ElementType(rawValue: type) else {
      throw reader.malformed("data_type", "element type \(type) is not supported")
    }
    guard filled.isSubset(of: [raw == nil ? element.dataField : 9]) else {
      throw reader.malformed(
        "data_type", "numbers stand in other fields than that of \(element.word)")
    }
    var count = 1
    for (index, dimension) in dimensions.enumerated() {
      guard dimension >= 0, dimension <= Int64(Self.maximalCount) else {
        throw reader.malformed("dims[\(index)]", "\(dimension) is outside 0...\(Self.maximalCount)")
      }
      // Dimensions beside a 0 are bounded as well, so that parts of the shape can be multiplied.
      let (product, overflow) = count.multipliedReportingOverflow(by: max(Int(dimension), 1))
      guard !overflow, product <= Self.maximalCount else {
        throw reader.malformed("dims", "more than \(Self.maximalCount) elements")
      }
      count = product
    }
    if dimensions.contains(0) { count = 0 }
    let values: [Double]
    var exact: [Int128]?
    if let raw {
      guard raw.count == element.size(of: count) else {
        throw reader.malformed(
          "raw_data", "expected \(element.size(of: count)) bytes, found \(raw.count)")
      }
      guard element != .bool || raw.allSatisfy({ $0 < 2 }) else {
        throw reader.malformed("raw_data", "a truth value is neither 0 nor 1")
      }
      values = element.decode(raw, count: count)
      if element.hasLargeNumbers { exact = element.decodeIntegers(raw, count: count) }
    } else if element == .float {
      values = floats.map(Double.init)
    } else if element == .double {
      values = doubles
    } else if element.bits < 8 {
      values = element.unpacked(integers, count: count)
    } else {
      values = integers.map(element.value(ofTyped:))
      if element.hasLargeNumbers {
        exact = integers.map { element.wrapped(Int128(UInt64(bitPattern: $0))) }
      }
    }
    guard values.count == count else {
      throw reader.malformed("dims", "\(count) elements expected, \(values.count) present")
    }
    self.name = name
    self.shape = dimensions.map(Int.init)
    self.values = values
    if values.contains(where: { abs($0) >= Numbers.exactDouble }) { self.integers = exact }
    self.type = element
  }
}

extension OnnxTensor {
  /// A sparse tensor: values, with their places as numbers in row-major order or as one index per axis, ascending.
  ///
  /// What it would take as a dense one is not allocated here.
  init(sparse message: ProtobufReader) throws(ModelError) {
    var reader = message
    var (values, indices): (OnnxTensor?, OnnxTensor?)
    var dimensions: [Int64] = []
    while let field = try reader.next(once: [1, 2]) {
      switch field.number {
      case 1: values = try OnnxTensor(reader.message(field, "values"))
      case 2: indices = try OnnxTensor(reader.message(field, "indices"))
      case 3: try reader.appendIntegers(field, "dims", to: &dimensions)
      default: break
      }
    }
    let shape = dimensions.map { Int(clamping: $0) }
    guard let total = TensorShape.count(shape) else {
      throw reader.malformed("dims", "more than \(TensorShape.maximalCount) elements")
    }
    guard var dense = values, let indices, dense.shape.count == 1, indices.type == .int64,
      indices.shape == dense.shape || indices.shape == [dense.values.count, shape.count]
    else { throw reader.malformed("indices", "do not fit the values") }
    let strides = TensorShape.strides(shape)
    var places: [Int] = []
    for entry in dense.values.indices {
      var place = 0
      if indices.shape.count == 1 {
        place = Int(clamping: indices.values[entry])
      } else {
        for axis in shape.indices {
          let index = Int(clamping: indices.values[entry * shape.count + axis])
          guard (0..<shape[axis]).contains(index) else {
            throw reader.malformed("indices", "entry \(entry) is outside \(shape)")
          }
          place += index * strides[axis]
        }
      }
      guard (0..<total).contains(place), places.last.map({ $0 < place }) ?? true else {
        throw reader.malformed("indices", "entry \(entry) is outside \(shape), or not ascending")
      }
      places.append(place)
    }
    dense.shape = shape
    dense.places = places
    self = dense
  }

  /// The same tensor with a value for each element.
  var dense: OnnxTensor {
    guard let places else { return self }
    var tensor = self
    let count = shape.reduce(1, *)
    tensor.places = nil
    tensor.values = [Double](repeating: 0, count: count)
    tensor.integers = integers.map { _ in [Int128](repeating: 0, count: count) }
    for (entry, place) in places.enumerated() {
      tensor.values[place] = values[entry]
      if let integers { tensor.integers?[place] = integers[entry] }
    }
    return tensor
  }
}
