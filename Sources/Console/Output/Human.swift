/// Numbers as people read and write them.
package enum Human {
  /// Bytes with a binary unit and at most one decimal: `957 B`, `1.5 KiB`, `12 MiB`.
  package static func bytes(_ count: Int) -> String {
    let units = ["B", "KiB", "MiB", "GiB", "TiB"]
    var value = Double(count)
    var unit = 0
    while value >= 1024, unit < units.count - 1 {
      value /= 1024
      unit += 1
    }
    return (unit == 0 || value >= 10 ? String(Int(value.rounded())) : decimal(value, digits: 1))
      + " " + units[unit]
  }

  /// A duration from microseconds to days: `340 ms`, `4.2 s`, `3m 07s`, `2h 05m`.
  package static func duration(_ seconds: Double) -> String {
    guard seconds.isFinite, seconds >= 0 else { return "?" }
    if seconds < 0.001 { return "\(Int((seconds * 1e6).rounded())) µs" }
    if seconds < 1 { return "\(Int((seconds * 1000).rounded())) ms" }
    if seconds < 60 { return decimal(seconds, digits: 1) + " s" }
    let whole = Int(min(seconds.rounded(), 1e12))
    if whole < 3600 { return "\(whole / 60)m \(twoDigits(whole % 60))s" }
    if whole < 86400 { return "\(whole / 3600)h \(twoDigits(whole % 3600 / 60))m" }
    return "\(whole / 86400)d \(twoDigits(whole % 86400 / 3600))h"
  }

  /// A number with a comma after every third digit.
  package static func grouped(_ number: Int) -> String {
    let digits = Array(String(number.magnitude))
    var text = number < 0 ? "-" : ""
    for (i, digit) in digits.enumerated() {
      if i > 0, (digits.count - i) % 3 == 0 { text.append(",") }
      text.append(digit)
    }
    return text
  }

  /// A decimal number with a fixed number of digits after the point.
  package static func decimal(_ value: Double, digits: Int) -> String {
    guard value.isFinite else { return value.isNaN ? "nan" : (value < 0 ? "-inf" : "inf") }
    var scale = 1.0
    for _ in 0..<digits { scale *= 10 }
    let scaled = (value.magnitude * scale).rounded()
    guard scaled < 9e15 else { return String(value) }
    let whole = Int(scaled)
    let sign = value < 0 && whole != 0 ? "-" : ""
    guard digits > 0 else { return sign + String(whole) }
    let fraction = String(whole % Int(scale))
    let zeros = String(repeating: "0", count: digits - fraction.count)
    return "\(sign)\(whole / Int(scale)).\(zeros)\(fraction)"
  }

  /// Reads a size: digits with an optional K, M, G or T (powers of 1024), optionally followed by B or iB.
  package static func parseBytes(_ text: String) -> Int? {
    let digits = text.prefix { $0.isASCII && $0.isNumber }
    guard let number = Int(digits) else { return nil }
    var unit = text.dropFirst(digits.count).uppercased()
    if unit.hasSuffix("IB") { unit.removeLast(2) } else if unit.hasSuffix("B") { unit.removeLast() }
    guard let power = ["", "K", "M", "G", "T"].firstIndex(of: unit) else { return nil }
    let (product, overflow) = number.multipliedReportingOverflow(by: 1 << (10 * power))
    return overflow ? nil : product
  }

  /// Reads a duration in seconds: digits with an optional s, m, h or d.
  package static func parseDuration(_ text: String) -> Int? {
    let digits = text.prefix { $0.isASCII && $0.isNumber }
    let units = ["": 1, "s": 1, "m": 60, "h": 3600, "d": 86400]
    guard let number = Int(digits), let unit = units[String(text.dropFirst(digits.count))]
    else { return nil }
    let (product, overflow) = number.multipliedReportingOverflow(by: unit)
    return overflow ? nil : product
  }

  /// The text with everything that could break a line, drive a terminal, or turn what is read around replaced by spaces:
  /// controls, formats such as marks of direction, separators of lines and paragraphs (categories Cc, Cf, Zl, Zp and Cs).
  package static func oneLine(_ text: String) -> String {
    var line = String.UnicodeScalarView()
    for scalar in text.unicodeScalars {
      switch scalar.properties.generalCategory {
      case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate: line.append(" ")
      default: line.append(scalar)
      }
    }
    return String(line)
  }

  /// The text with spaces after it up to a width in characters.
  package static func padded(_ text: String, to width: Int, right: Bool = false) -> String {
    let fill = String(repeating: " ", count: max(0, width - text.count))
    return right ? fill + text : text + fill
  }

  /// The text broken between words so that no line exceeds the width unless one word does.
  package static func wrapped(_ text: String, width: Int) -> String {
    var lines: [String] = []
    for word in text.split(separator: " ") {
      if let last = lines.last, last.count + 1 + word.count <= width {
        lines[lines.count - 1] += " " + word
      } else {
        lines.append(String(word))
      }
    }
    return lines.joined(separator: "\n")
  }

  private static func twoDigits(_ number: Int) -> String {
    number < 10 ? "0\(number)" : "\(number)"
  }
}
