/// A drawing as SVG text. Colours are classes of the page's style sheet, so that it follows the light or dark scheme.
package struct SVG: Equatable, Sendable {
  /// Where a text's position is.
  package enum Anchor: String, Sendable {
    case start
    case middle
    case end
  }

  private let width, height: Double
  private let title: String
  private var body = ""

  /// An empty drawing, with a title for those who cannot see it.
  package init(width: Double, height: Double, title: String) {
    (self.width, self.height, self.title) = (width, height, title)
  }

  /// A filled rectangle; `hint` is what hovering shows.
  package mutating func rectangle(
    x: Double, y: Double, width: Double, height: Double, fill: String, hint: String? = nil
  ) {
    guard width > 0, height > 0 else { return }
    let place = "x=\"\(n(x))\" y=\"\(n(y))\" width=\"\(n(width))\" height=\"\(n(height))\""
    let inside = hint.map { "><title>\(Self.escaped($0))</title></rect>" } ?? "/>"
    body += "<rect class=\"\(fill)\" \(place)\(inside)\n"
  }

  /// A line through points.
  package mutating func line(_ points: [(x: Double, y: Double)], stroke: String) {
    guard points.count > 1 else { return }
    let list = points.map { "\(n($0.x)),\(n($0.y))" }.joined(separator: " ")
    body += "<polyline class=\"\(stroke)\" points=\"\(list)\"/>\n"
  }

  /// A dot with a hint.
  package mutating func dot(x: Double, y: Double, fill: String, hint: String) {
    body += "<circle class=\"\(fill)\" cx=\"\(n(x))\" cy=\"\(n(y))\" r=\"4\">"
    body += "<title>\(Self.escaped(hint))</title></circle>\n"
  }

  /// A line of text.
  package mutating func text(
    _ text: String, x: Double, y: Double, anchor: Anchor = .start, quiet: Bool = false
  ) {
    let style = quiet ? "text quiet" : "text"
    body +=
      "<text class=\"\(style)\" x=\"\(n(x))\" y=\"\(n(y))\" text-anchor=\"\(anchor.rawValue)\">"
    body += "\(Self.escaped(text))</text>\n"
  }

  /// The element.
  package var element: String {
    "<svg viewBox=\"0 0 \(n(width)) \(n(height))\" role=\"img\">\n"
      + "<title>\(Self.escaped(title))</title>\n\(body)</svg>\n"
  }

  /// Text that means nothing to a browser: names come from the network.
  package static func escaped(_ text: String) -> String {
    var out = ""
    for character in text.unicodeScalars {
      switch character {
      case "&": out += "&amp;"
      case "<": out += "&lt;"
      case ">": out += "&gt;"
      case "\"": out += "&quot;"
      case "'": out += "&#39;"
      default: out.unicodeScalars.append(character)
      }
    }
    return out
  }

  private func n(_ value: Double) -> String { decimal(value.isFinite ? value : 0, 1) }
}

/// Round numbers for an axis from 0 to at least `most`: at most seven, evenly spaced.
package func ticks(to most: Double) -> [Double] {
  guard most > 0, most.isFinite else { return [0, 1] }
  var step = 1e-6
  search: while true {
    for factor in [1.0, 2, 5] where step * factor * 6 >= most {
      step *= factor
      break search
    }
    step *= 10
    if step > 1e15 { return [0, most] }
  }
  let count = Int((most / step).rounded(.up))
  return (0...max(1, count)).map { Double($0) * step }
}
