import Algebra
import Circuit
import TestSupport

/// Whether a satisfying assignment is locally the only one: with the public variables fixed, the derivative of the constraints
/// a z * b z = c z, which is (b z) a + (a z) b - c, has no kernel.
///
/// A direction of its kernel moves the witness to first order, so that each must be explained. Discrete freedom, two solutions
/// apart from each other, is not seen by this; that is what the other attacks look for.
struct Rigidity {
  /// Variables that no constraint holds, up to those that are allowed to move.
  private(set) var loose: [Int] = []
  /// Dimension of the kernel.
  private(set) var freedom = 0

  /// - Parameter allowed: variables whose motion is explained.
  init(_ circuit: AttackedCircuit, allowed: Set<Int>) {
    let columns = circuit.honest.indices.dropLast(3).filter {
      $0 >= circuit.publicCount && !circuit.mentions[$0].isEmpty
    }
    let jacobian = circuit.rows.map { Self.derivative(of: $0, circuit) }
    var whole = Elimination(jacobian)
    let rank = whole.rank()
    var part = Elimination(jacobian.map { row in row.filter { allowed.contains($0.key) } })
    let partRank = part.rank()
    freedom = columns.count - rank
    // Every other variable is still just if the rest of the rank is all of them.
    let others = columns.filter { !allowed.contains($0) }
    if rank - partRank != others.count {
      loose = others.filter { !whole.pivots.contains($0) }
      // A variable that moves may have been a pivot, with an allowed one in its row.
      if loose.isEmpty { loose = others.filter { whole.isMoved($0) } }
    }
  }

  private static func derivative(
    of row: AttackedCircuit.Row, _ circuit: AttackedCircuit
  ) -> [Int: Fr] {
    let values = row.sides.map { circuit.value($0, circuit.honest) }
    var derivative: [Int: Fr] = [:]
    for (side, factor) in [(0, values[1]), (1, values[0]), (2, -Fr.one)] where !factor.isZero {
      for term in row.sides[side] where term.variable >= circuit.publicCount {
        derivative[term.variable, default: .zero] += factor * term.coefficient
      }
    }
    return derivative.filter { !$0.value.isZero }
  }
}

/// Gaussian elimination of a sparse matrix: always the shortest row, by its rarest column.
struct Elimination {
  private var rows: [[Int: Fr]]
  private var mentions: [Int: Set<Int>] = [:]
  /// Columns in which a row has been left alone.
  private(set) var pivots = Set<Int>()
  private var done: [(pivot: Int, row: [Int: Fr])] = []

  init(_ rows: [[Int: Fr]]) {
    self.rows = rows
    for (index, row) in rows.enumerated() {
      for column in row.keys { mentions[column, default: []].insert(index) }
    }
  }

  /// The number of independent rows.
  mutating func rank() -> Int {
    var byLength: [Int: Set<Int>] = [:]
    for (index, row) in rows.enumerated() { byLength[row.count, default: []].insert(index) }
    var length = 1
    let longest = mentions.count
    while length <= longest {
      guard let index = byLength[length]?.popFirst() else {
        length += 1
        continue
      }
      let row = rows[index]
      guard row.count == length else { continue }
      let pivot = row.keys.min { (mentions[$0]!.count, $0) < (mentions[$1]!.count, $1) }!
      let inverse = row[pivot]!.inverse()!
      pivots.insert(pivot)
      done.append((pivot, row))
      for column in row.keys { mentions[column]!.remove(index) }
      rows[index] = [:]
      for other in mentions[pivot]! {
        let factor = rows[other].removeValue(forKey: pivot)! * inverse
        for (column, coefficient) in row where column != pivot {
          let sum = (rows[other][column] ?? .zero) - factor * coefficient
          if sum.isZero {
            rows[other][column] = nil
            mentions[column]!.remove(other)
          } else {
            rows[other][column] = sum
            mentions[column]!.insert(other)
          }
        }
        let count = rows[other].count
        byLength[count, default: []].insert(other)
        length = min(length, max(1, count))
      }
      mentions[pivot] = []
    }
    return pivots.count
  }

  /// Whether a variable moves in some direction of the kernel, after `rank`.
  func isMoved(_ variable: Int) -> Bool {
    var moved = Set(done.flatMap { $0.row.keys }).subtracting(pivots)
    // Later pivots were eliminated from earlier rows last: going back, a row moves with what it mentions.
    for (pivot, row) in done.reversed() where row.keys.contains(where: { moved.contains($0) }) {
      moved.insert(pivot)
    }
    return moved.contains(variable)
  }
}
