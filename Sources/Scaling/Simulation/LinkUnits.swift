/// Times and rates of lines as people write them.
package enum LinkUnits {
  /// Seconds of `5ms`, `500us`, `1s` or `0`; nil where it is no time.
  package static func seconds(_ text: String) -> Double? {
    if text == "0" { return 0 }
    return number(text, [("us", 1e-6), ("ms", 1e-3), ("s", 1)])
  }

  /// Bytes per second of `100mbit`, `1gbit` or `512kbit`; nil where it is no rate, or none.
  package static func bytesPerSecond(_ text: String) -> Double? {
    number(text, [("kbit", 125), ("mbit", 125e3), ("gbit", 125e6)]).flatMap { $0 > 0 ? $0 : nil }
  }

  private static func number(_ text: String, _ units: [(name: String, factor: Double)]) -> Double? {
    let text = text.lowercased()
    guard let unit = units.first(where: { text.hasSuffix($0.name) }) else { return nil }
    let digits = text.dropLast(unit.name.count)
    guard let first = digits.first, first.isASCII, first.isNumber,
      digits.allSatisfy({ $0.isASCII && ($0.isNumber || $0 == ".") }), let value = Double(digits),
      value.isFinite
    else { return nil }
    return value * unit.factor
  }
}
