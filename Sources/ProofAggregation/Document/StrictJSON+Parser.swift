extension StrictJSON {
  /// Reads one value and nothing after it but white space.
  ///
  /// - Throws: `Failure` for anything that is not JSON, a key given twice, a nesting deeper than `maximumDepth`, more
  ///   than `maximumValues`, and numbers longer than `maximumDigits`.
  package init(_ bytes: some Collection<UInt8>) throws(Failure) {
    var parser = Parser(Array(bytes))
    self = try parser.document()
  }

  private struct Parser {
    private let bytes: [UInt8]
    private var place = 0
    private var valuesLeft = StrictJSON.maximumValues

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    mutating func document() throws(Failure) -> StrictJSON {
      let value = try value(depth: 0)
      skipSpace()
      guard place == bytes.count else { throw failure("something follows the value") }
      return value
    }

    private func failure(_ reason: String) -> Failure { Failure(offset: place, reason: reason) }

    private var next: UInt8? { place < bytes.count ? bytes[place] : nil }

    private mutating func skipSpace() {
      while let byte = next, byte == 32 || byte == 10 || byte == 13 || byte == 9 { place += 1 }
    }

    private mutating func take(_ character: Unicode.Scalar) -> Bool {
      guard next == UInt8(ascii: character) else { return false }
      place += 1
      return true
    }

    private mutating func value(depth: Int) throws(Failure) -> StrictJSON {
      guard depth <= StrictJSON.maximumDepth else { throw failure("nested too deeply") }
      skipSpace()
      valuesLeft -= next == UInt8(ascii: "{") ? 8 : 1
      guard valuesLeft >= 0 else { throw failure("too many values") }
      switch next {
      case UInt8(ascii: "{"): return try object(depth: depth)
      case UInt8(ascii: "["): return try array(depth: depth)
      case UInt8(ascii: "\""): return .string(try string())
      case UInt8(ascii: "t"): return try word("true", .bool(true))
      case UInt8(ascii: "f"): return try word("false", .bool(false))
      case UInt8(ascii: "n"): return try word("null", .null)
      case nil: throw failure("it ends too early")
      default: return .number(try number())
      }
    }

    private mutating func word(_ word: String, _ value: StrictJSON) throws(Failure) -> StrictJSON {
      guard bytes[place...].starts(with: word.utf8) else { throw failure("not a value") }
      place += word.utf8.count
      return value
    }

    private mutating func object(depth: Int) throws(Failure) -> StrictJSON {
      place += 1
      var members: [String: StrictJSON] = [:]
      skipSpace()
      if take("}") { return .object(members) }
      while true {
        skipSpace()
        guard next == UInt8(ascii: "\"") else { throw failure("not a key") }
        let key = try string()
        skipSpace()
        guard take(":") else { throw failure("no ':' after a key") }
        let value = try value(depth: depth + 1)
        guard members.updateValue(value, forKey: key) == nil else {
          throw failure("the key '\(key.prefix(64))' is given twice")
        }
        skipSpace()
        if take("}") { return .object(members) }
        guard take(",") else { throw failure("no ',' between members") }
      }
    }

    private mutating func array(depth: Int) throws(Failure) -> StrictJSON {
      place += 1
      var elements: [StrictJSON] = []
      skipSpace()
      if take("]") { return .array(elements) }
      while true {
        elements.append(try value(depth: depth + 1))
        skipSpace()
        if take("]") { return .array(elements) }
        guard take(",") else { throw failure("no ',' between elements") }
      }
    }

    private mutating func number() throws(Failure) -> String {
      let start = place
      func isDigit(_ byte: UInt8?) -> Bool { byte.map { (48...57).contains($0) } ?? false }
      func digits(_ parser: inout Parser) throws(Failure) {
        guard isDigit(parser.next) else { throw parser.failure("not a value") }
        while isDigit(parser.next) { parser.place += 1 }
      }
      _ = take("-")
      if !take("0") { try digits(&self) }
      if take(".") { try digits(&self) }
      if take("e") || take("E") {
        if !take("+") { _ = take("-") }
        try digits(&self)
      }
      guard place - start <= StrictJSON.maximumDigits else { throw failure("a number is too long") }
      return String(decoding: bytes[start..<place], as: UTF8.self)
    }

    private mutating func string() throws(Failure) -> String {
      place += 1
      var content: [UInt8] = []
      var start = place
      while let byte = next {
        switch byte {
        case UInt8(ascii: "\""):
          content += bytes[start..<place]
          place += 1
          guard let text = String(validating: content, as: UTF8.self) else {
            throw failure("a string is not UTF-8")
          }
          return text
        case UInt8(ascii: "\\"):
          content += bytes[start..<place]
          place += 1
          content += try escape()
          start = place
        case 0..<32: throw failure("a control character in a string")
        default: place += 1
        }
      }
      throw failure("a string does not end")
    }

    private mutating func escape() throws(Failure) -> [UInt8] {
      guard let byte = next else { throw failure("a string does not end") }
      place += 1
      switch byte {
      case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return [byte]
      case UInt8(ascii: "b"): return [8]
      case UInt8(ascii: "f"): return [12]
      case UInt8(ascii: "n"): return [10]
      case UInt8(ascii: "r"): return [13]
      case UInt8(ascii: "t"): return [9]
      case UInt8(ascii: "u"):
        var code = try hexadecimal()
        if (0xd800..<0xdc00).contains(code) {
          guard take("\\"), take("u") else { throw failure("half a surrogate pair") }
          let low = try hexadecimal()
          guard (0xdc00..<0xe000).contains(low) else { throw failure("half a surrogate pair") }
          code = 0x10000 + (code - 0xd800) << 10 + (low - 0xdc00)
        }
        guard let scalar = Unicode.Scalar(code) else { throw failure("half a surrogate pair") }
        return Array(String(Character(scalar)).utf8)
      default: throw failure("an unknown escape")
      }
    }

    private mutating func hexadecimal() throws(Failure) -> UInt32 {
      guard place + 4 <= bytes.count,
        bytes[place..<place + 4].allSatisfy({ Unicode.Scalar($0).properties.isASCIIHexDigit }),
        let code = UInt32(String(decoding: bytes[place..<place + 4], as: UTF8.self), radix: 16)
      else { throw failure("an unknown escape") }
      place += 4
      return code
    }
  }
}
