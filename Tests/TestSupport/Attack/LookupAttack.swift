import Algebra
import Circuit

/// Ways to claim another value for a lookup than the table's: what the identity at the challenge would accept.
package struct LookupAttack {
  package struct Pair {
    package var value: Int
    /// What the key is without the claimed value.
    package var rest: Fr
    package var key: Fr
  }

  package struct Entry {
    package var key: Fr
    package var count: [Int]
  }

  package let circuit: AttackedCircuit
  package private(set) var pairs: [Pair] = []
  package private(set) var entries: [Entry] = []
  /// What values are multiplied by in a key.
  package private(set) var factor = Fr.one

  /// Finds the lookups of a circuit with one table; nil if it has none.
  package init?(_ circuit: AttackedCircuit) {
    self.circuit = circuit
    let rows = circuit.rows.filter { $0.location.gadget == .lookup }
    guard let first = rows.first, let last = rows.last else { return nil }
    // share * (challenge + key) = 1 or count: all denominators have the challenge in common.
    func denominator(_ row: AttackedCircuit.Row) -> [AttackedCircuit.Term] {
      row.sides[0].count > row.sides[1].count ? row.sides[0] : row.sides[1]
    }
    let entry = denominator(last).filter { $0.variable != 0 }
    guard
      let challenge = entry.map(\.variable).first(where: { variable in
        rows.allSatisfy { $0.variables.contains(variable) }
      })
    else { return nil }
    _ = first
    for row in rows {
      let terms = denominator(row).filter { $0.variable != challenge }
      let key = circuit.value(terms, circuit.honest)
      let isPair = row.sides[2].map(\.variable) == [0]
      if isPair,
        let top = terms.filter({ $0.variable != 0 }).max(by: {
          Self.size($0.coefficient) < Self.size($1.coefficient)
        })
      {
        factor = top.coefficient
        let rest = key - top.coefficient * circuit.honest[top.variable]
        pairs.append(Pair(value: top.variable, rest: rest, key: key))
      } else {
        entries.append(Entry(key: key, count: row.sides[2].map(\.variable).filter { $0 != 0 }))
      }
    }
  }

  private static func size(_ number: Fr) -> UInt64 {
    let limbs = number.canonicalTuple
    return limbs.1 | limbs.2 | limbs.3 == 0 ? limbs.0 : .max
  }

  /// Choices with which a pair hits another entry: its value becomes what the entry's key asks for, and the entries are counted
  /// anew.
  package func hit(_ pair: Int, entry: Int) -> [Int: Fr]? {
    guard let old = entries.firstIndex(where: { $0.key == pairs[pair].key }), old != entry,
      let inverse = factor.inverse()
    else { return nil }
    var chosen = [pairs[pair].value: (entries[entry].key - pairs[pair].rest) * inverse]
    for (place, change) in [(old, -1), (entry, 1)] {
      var number = 0
      for (bit, variable) in entries[place].count.enumerated()
      where !circuit.honest[variable].isZero {
        number += 1 << bit
      }
      number += change
      for (bit, variable) in entries[place].count.enumerated() {
        chosen[variable] = number >> bit & 1 == 1 ? .one : .zero
      }
    }
    return chosen
  }
}
