extension ChunkCounts {
  /// Writes the sizes in total and by part.
  package func encode(into writer: inout CanonicalWriter) {
    writer.write(count: publicCount)
    total.encode(into: &writer)
    writer.write(count: parts.count)
    for part in parts {
      writer.write(part.name)
      part.counts.encode(into: &writer)
    }
  }

  /// Reads what `encode` wrote.
  ///
  /// - Throws: `malformed`.
  package init(from reader: inout CanonicalReader) throws(CircuitError) {
    publicCount = try reader.size("public variables")
    total = try CircuitCounts(from: &reader)
    var parts: [Part] = []
    for _ in 0..<(try reader.count("parts")) {
      parts.append(Part(name: try reader.text("part"), counts: try CircuitCounts(from: &reader)))
    }
    self.parts = parts
  }
}

extension CircuitCounts {
  fileprivate func encode(into writer: inout CanonicalWriter) {
    for size in [constraints, privateVariables] + nonzeros { writer.write(count: size) }
  }

  fileprivate init(from reader: inout CanonicalReader) throws(CircuitError) {
    self.init(
      constraints: try reader.size("constraints"), privateVariables: try reader.size("variables"),
      nonzeros: [
        try reader.size("nonzeros"), try reader.size("nonzeros"), try reader.size("nonzeros"),
      ])
  }
}

extension CanonicalReader {
  /// A size of a circuit.
  fileprivate mutating func size(_ what: String) throws(CircuitError) -> Int {
    try integer(what, limit: 1 << 40)
  }
}
