/// What a model calls the numbers of an output: texts cannot be proven, their places in a list can.
public struct Labels: Hashable, Sendable, Codable {
  /// What has a label.
  public enum Kind: String, Sendable, Codable {
    /// Every element is the place of its text in the list.
    case elements
    /// Every row has one number for each text of the list, as the maps of a ZipMap.
    case columns
  }

  /// What has a label.
  public var kind: Kind
  /// The texts in the order of the model.
  public var texts: [String]

  init(_ kind: Kind, _ texts: [String]) { (self.kind, self.texts) = (kind, texts) }

  /// Whether the texts are equal byte by byte: strings that are spelt differently can be equal, a model's texts cannot.
  public static func == (a: Labels, b: Labels) -> Bool {
    a.kind == b.kind && a.texts.count == b.texts.count
      && zip(a.texts, b.texts).allSatisfy { $0.utf8.elementsEqual($1.utf8) }
  }

  /// Hashes what `==` compares.
  public func hash(into hasher: inout Hasher) {
    hasher.combine(kind)
    hasher.combine(texts.count)
    for text in texts {
      for byte in text.utf8 { hasher.combine(byte) }
      hasher.combine(UInt8(0xff))
    }
  }

  /// Texts whose bytes are equal once, in the order of their first appearance, and the place of each.
  static func distinct(_ texts: [String]) -> (texts: [String], places: [Int]) {
    var seen: [[UInt8]: Int] = [:]
    var (list, places): ([String], [Int]) = ([], [])
    for text in texts {
      // Strings that are spelt differently can be equal, their bytes cannot.
      let bytes = Array(text.utf8)
      let place = seen[bytes] ?? list.count
      if place == list.count {
        seen[bytes] = place
        list.append(text)
      }
      places.append(place)
    }
    return (list, places)
  }
}

/// An output, or an input of texts, with the names that the model gives to its elements or columns.
public struct LabelledOutput: Hashable, Sendable, Codable {
  /// The output's or input's name in the model.
  public var name: String
  /// What its numbers are called.
  public var labels: Labels

  /// The text of each number that is a place in the list, nil for each other one (of an input: a text that the model does not
  /// know); nil altogether where the labels are those of columns.
  public func texts(of numbers: [Double]) -> [String?]? {
    guard labels.kind == .elements else { return nil }
    return numbers.map { number in
      guard let place = Int(exactly: number), labels.texts.indices.contains(place) else {
        return nil
      }
      return labels.texts[place]
    }
  }
}

extension Model {
  /// The outputs whose numbers have names.
  public var labelledOutputs: [LabelledOutput] {
    outputs.compactMap { port in
      port.labels.map { LabelledOutput(name: port.name, labels: $0) }
    }
  }

  /// The inputs of texts.
  public var labelledInputs: [LabelledOutput] {
    inputs.compactMap { port in
      port.labels.map { LabelledOutput(name: port.name, labels: $0) }
    }
  }
}
