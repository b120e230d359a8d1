import Console
import Model

/// A public output of a proof, or an input, with the names that the model gives to its numbers.
struct NamedOutput: Encodable {
  /// What it is to the model.
  enum Kind: String, Encodable { case input, output }

  let kind: Kind
  let name: String
  let shape: [Int]
  let floats: [Double]?
  /// For every element the text that it stands for; null for one that the model does not know.
  let labels: [String?]?
  /// For every place along the last dimension what it is the number of.
  let columns: [String]?

  init(
    _ kind: Kind = .output, name: String, shape: [Int], floats: [Double]?,
    labelled: [LabelledOutput]
  ) {
    self.kind = kind
    self.name = name
    self.shape = shape
    self.floats = floats
    let labelled = labelled.first { $0.name == name }
    labels = floats.flatMap { labelled?.texts(of: $0) }
    let texts = labelled?.labels.kind == .columns ? labelled?.labels.texts : nil
    columns = texts?.count == shape.last ? texts : nil
  }

  /// Values shown of an output at most.
  private static let shown = 16

  /// A line about the output; where its columns have names, one for each row.
  var text: String {
    let title = "\(kind.rawValue) '\(Human.oneLine(name))' \(shape): "
    guard let floats else { return title + "not public\n" }
    func number(_ place: Int) -> String { Human.decimal(floats[place], digits: 4) }
    let rest = floats.count > Self.shown ? " … (\(floats.count) values)" : ""
    let places = floats.indices.prefix(Self.shown)
    if let labels {
      let texts = places.map {
        let place = Int(exactly: floats[$0]).map(String.init) ?? number($0)
        return "\(labels[$0].map(Human.oneLine) ?? "another text") (\(place))"
      }
      return title + texts.joined(separator: ", ") + rest + "\n"
    }
    guard let columns, !columns.isEmpty else {
      return title + places.map(number).joined(separator: " ") + rest + "\n" + largest(floats)
    }
    let texts = places.map { "\(Human.oneLine(columns[$0 % columns.count])): \(number($0))" }
    let rows = stride(from: 0, to: texts.count, by: columns.count).map {
      texts[$0..<min($0 + columns.count, texts.count)].joined(separator: ", ")
    }
    return title + (rows.count > 1 ? "\n  " : "") + rows.joined(separator: "\n  ") + rest + "\n"
      + (rows.count > 1 ? "" : largest(floats))
  }

  private func largest(_ floats: [Double]) -> String {
    guard floats.count > 1, let best = floats.indices.max(by: { floats[$0] < floats[$1] }) else {
      return ""
    }
    let name =
      columns?.indices.contains(best) == true
      ? columns.map { " (\(Human.oneLine($0[best])))" } : nil
    return "  largest at index \(best)\(name ?? "")\n"
  }
}
