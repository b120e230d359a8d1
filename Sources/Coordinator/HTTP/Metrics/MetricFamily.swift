/// One metric with all its series, as Prometheus reads it.
struct MetricFamily: Sendable {
  enum Kind: String, Sendable { case gauge, counter }

  let name: String
  let kind: Kind
  let help: String
  private(set) var samples: [(labels: [(name: String, value: String)], value: Double)] = []

  init(_ name: String, _ kind: Kind, _ help: String) {
    self.name = name
    self.kind = kind
    self.help = help
  }

  /// One without labels.
  init(_ name: String, _ kind: Kind, _ help: String, _ value: Double) {
    self.init(name, kind, help)
    add(value)
  }

  /// Adds a series; labels in a lasting order.
  mutating func add(_ value: Double, _ labels: KeyValuePairs<String, String> = [:]) {
    samples.append((labels.map { ($0.key, $0.value) }, value))
  }

  /// The text exposition format, version 0.0.4; families without series are named all the same.
  static func page(_ families: [MetricFamily]) -> String {
    var text = ""
    for family in families {
      text +=
        "# HELP \(family.name) \(family.help)\n# TYPE \(family.name) \(family.kind.rawValue)\n"
      for (labels, value) in family.samples {
        text += family.name
        if !labels.isEmpty {
          text +=
            "{" + labels.map { "\($0.name)=\"\(escaped($0.value))\"" }.joined(separator: ",") + "}"
        }
        text += " \(number(value))\n"
      }
    }
    return text
  }

  private static func escaped(_ text: String) -> String {
    var escaped = ""
    for character in text.unicodeScalars {
      switch character {
      case "\\": escaped += "\\\\"
      case "\"": escaped += "\\\""
      case "\n": escaped += "\\n"
      default: escaped.unicodeScalars.append(character)
      }
    }
    return escaped
  }

  private static func number(_ value: Double) -> String {
    if value.isNaN { return "NaN" }
    if value.isInfinite { return value > 0 ? "+Inf" : "-Inf" }
    return Int64(exactly: value).map { "\($0)" } ?? "\(value)"
  }
}
