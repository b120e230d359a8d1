/// Rows in aligned columns under a header line.
package struct Table: Equatable, Sendable {
  /// A column's heading and alignment.
  package struct Column: Equatable, Sendable {
    let title: String
    let right: Bool

    /// Text, aligned left.
    package static func text(_ title: String) -> Column { Column(title: title, right: false) }

    /// A number, aligned right.
    package static func number(_ title: String) -> Column { Column(title: title, right: true) }
  }

  private let columns: [Column]
  private var rows: [[String]] = []

  /// An empty table.
  package init(_ columns: [Column]) { self.columns = columns }

  /// Whether no row was added.
  package var isEmpty: Bool { rows.isEmpty }

  /// Adds a row of as many cells as there are columns.
  package mutating func add(_ cells: [String]) {
    precondition(cells.count == columns.count)
    rows.append(cells.map(Human.oneLine))
  }

  /// The lines, each ended by a newline, without trailing spaces.
  package func rendered() -> String {
    let widths = columns.indices.map { column in
      max(columns[column].title.count, rows.map { $0[column].count }.max() ?? 0)
    }
    var text = ""
    for cells in [columns.map(\.title)] + rows {
      var line = ""
      for (column, cell) in cells.enumerated() {
        if column > 0 { line += "  " }
        line += Human.padded(cell, to: widths[column], right: columns[column].right)
      }
      while line.last == " " { line.removeLast() }
      text += line + "\n"
    }
    return text
  }
}
