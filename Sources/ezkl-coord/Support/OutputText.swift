import Console
import Model
import ProofAggregation

/// A public output of a proof, or an input, with the names that the model gives to its numbers.
struct NamedOutput: Encodable {
  /// What it is to the model.
  enum Kind: String, Encodable { case input, output }

  let kind: Kind
  let name: String
  let shape: [Int]
  /// The numbers; nil where they are not public.
  let floats: [ShownNumbers.Number]?
  /// Places of missing numbers, of an input that has a mark for such.
  let missing: [Int]?
  /// For every element the text that it stands for; null for one that the model does not know.
  let labels: [String?]?
  /// For every place along the last dimension what it is the number of.
  let columns: [String]?
  private let largest: Int?

  private enum CodingKeys: String, CodingKey {
    case kind, name, shape, floats, missing, labels, columns
  }

  init(
    _ kind: Kind, _ tensor: BoundTensor, marks: [MissingMark] = [],
    labelled: [LabelledOutput]
  ) {
    self.kind = kind
    (name, shape) = (tensor.name, tensor.shape)
    let shown = ShownNumbers(tensor, marks: marks)
    (floats, missing, largest) = (shown?.numbers, shown?.missing, shown?.largest)
    let labelled = labelled.first { $0.name == tensor.name }
    labels = shown == nil ? nil : tensor.floats.flatMap { labelled?.texts(of: $0) }
    let texts = labelled?.labels.kind == .columns ? labelled?.labels.texts : nil
    columns = texts?.count == shape.last ? texts : nil
  }

  /// Values shown of an output at most.
  private static let shown = 16

  /// A line about the output; where its columns have names, one for each row.
  var text: String {
    let title = "\(kind.rawValue) '\(Human.oneLine(name))' \(shape): "
    guard let floats else { return title + "not public\n" }
    func number(_ place: Int) -> String {
      switch floats[place] {
      case .whole(let integer): String(integer)
      case .real(let number): Human.decimal(number, digits: 4)
      case .missing: "missing"
      }
    }
    let rest = floats.count > Self.shown ? " … (\(floats.count) values)" : ""
    let places = floats.indices.prefix(Self.shown)
    if let labels {
      let texts = places.map {
        "\(labels[$0].map(Human.oneLine) ?? "another text") (\(number($0)))"
      }
      return title + texts.joined(separator: ", ") + rest + "\n"
    }
    guard let columns, !columns.isEmpty else {
      return title + places.map(number).joined(separator: " ") + rest + "\n" + largestText
    }
    let texts = places.map { "\(Human.oneLine(columns[$0 % columns.count])): \(number($0))" }
    let rows = stride(from: 0, to: texts.count, by: columns.count).map {
      texts[$0..<min($0 + columns.count, texts.count)].joined(separator: ", ")
    }
    return title + (rows.count > 1 ? "\n  " : "") + rows.joined(separator: "\n  ") + rest + "\n"
      + (rows.count > 1 ? "" : largestText)
  }

  private var largestText: String {
    guard let largest else { return "" }
    let name =
      columns?.indices.contains(largest) == true
      ? columns.map { " (\(Human.oneLine($0[largest])))" } : nil
    return "  largest at index \(largest)\(name ?? "")\n"
  }
}
