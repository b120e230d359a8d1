import Algebra
import Circuit

/// Completes a witness from what a dishonest prover has chosen of it: everything that the constraints determine is computed from
/// them alone, the challenge included, and the honest value is taken only where they leave a choice.
package struct WitnessSolver {
  package enum Outcome {
    /// A row that cannot be satisfied.
    case violated(Int)
    case satisfied([Fr])
  }

  package let circuit: AttackedCircuit
  private var value: [Fr]
  private var isKnown: [Bool]
  private var unknowns: [Int]
  private var ready: [Int] = []
  /// Rows that add up bits, and rows of hashes, as long as something of them is unknown.
  private var waiting: [Int]
  private var hashRows: [Int]
  /// Where to look for the next choice: never at public variables, which a prover wants to be other than the honest ones.
  private var next: Int

  /// - Parameter chosen: values of some variables.
  package static func complete(_ circuit: AttackedCircuit, chosen: [Int: Fr]) -> Outcome {
    var solver = WitnessSolver(circuit)
    if let violated = solver.run(chosen) { return .violated(violated) }
    return .satisfied(solver.value)
  }

  private init(_ circuit: AttackedCircuit) {
    self.circuit = circuit
    value = circuit.honest
    next = circuit.publicCount
    isKnown = circuit.isGiven
    unknowns = circuit.rows.map { row in row.variables.count { !circuit.isGiven[$0] } }
    waiting = circuit.recompositions
    hashRows = circuit.hashRows
  }

  private mutating func run(_ chosen: [Int: Fr]) -> Int? {
    for (variable, number) in chosen.sorted(by: { $0.key < $1.key }) { set(variable, number) }
    for row in unknowns.indices where unknowns[row] == 1 { ready.append(row) }
    while true {
      if let violated = propagate() { return violated }
      if !ready.isEmpty { continue }
      switch decomposeNext() {
      case .violated(let row): return row
      case .progress: continue
      case .none: break
      }
      if solveHash() { continue }
      while next < isKnown.count, isKnown[next] || circuit.mentions[next].isEmpty { next += 1 }
      guard next < isKnown.count else { return nil }
      set(next, circuit.honest[next])
    }
  }

  private mutating func set(_ variable: Int, _ number: Fr) {
    guard !isKnown[variable] else { return }
    (value[variable], isKnown[variable]) = (number, true)
    for row in circuit.mentions[variable] {
      unknowns[row] -= 1
      if unknowns[row] <= 1 { ready.append(row) }
    }
  }

  /// The known part of a side, and the factor of its only unknown variable.
  private func parts(_ terms: [AttackedCircuit.Term]) -> (known: Fr, factor: Fr) {
    var (known, factor) = (Fr.zero, Fr.zero)
    for term in terms {
      if isKnown[term.variable] {
        known += term.coefficient * value[term.variable]
      } else {
        factor += term.coefficient
      }
    }
    return (known, factor)
  }

  /// Solves rows for their only unknown variable; a bit, and a number whose square is known, stay open.
  private mutating func propagate() -> Int? {
    while let row = ready.popLast() {
      if unknowns[row] == 0 {
        if !circuit.holds(row, value) { return row }
        continue
      }
      guard let variable = circuit.rows[row].variables.first(where: { !isKnown[$0] }) else {
        continue
      }
      let (a, b, c) = (
        parts(circuit.rows[row].sides[0]), parts(circuit.rows[row].sides[1]),
        parts(circuit.rows[row].sides[2])
      )
      guard (a.factor * b.factor).isZero else { continue }
      let factor = a.factor * b.known + a.known * b.factor - c.factor
      let rest = c.known - a.known * b.known
      if let inverse = factor.inverse() {
        set(variable, rest * inverse)
      } else if !rest.isZero {
        return row
      }
    }
    return nil
  }

  private enum Step {
    case none, progress
    case violated(Int)
  }

  /// Takes the next number apart whose bits are all that is unknown of it.
  private mutating func decomposeNext() -> Step {
    waiting.removeAll { unknowns[$0] == 0 }
    for row in waiting {
      let sides = circuit.rows[row].sides
      // One side is the constant 1, C is empty or the number.
      guard let side = sides.indices.first(where: { sides[$0].contains { !isKnown[$0.variable] } }),
        sides.indices.allSatisfy({ index in
          index == side || sides[index].allSatisfy { isKnown[$0.variable] }
        })
      else { continue }
      let open = sides[side].filter { !isKnown[$0.variable] }
      guard open.allSatisfy({ circuit.isBit[$0.variable] }) else { continue }
      let other =
        side == 2
        ? circuit.value(sides[0], value) * circuit.value(sides[1], value)
        : circuit.value(sides[2], value)
          * (circuit.value(sides[1 - side], value).inverse() ?? .zero)
      var rest = other - parts(sides[side]).known
      guard let unit = open[0].coefficient.inverse(),
        let places = Self.places(open.map { $0.coefficient * unit })
      else { continue }
      rest *= unit
      let limbs = rest.canonicalTuple
      let words = [limbs.0, limbs.1, limbs.2, limbs.3]
      var sum = Fr.zero
      for (bit, place) in zip(open, places) {
        let digit: Fr = words[place / 64] >> UInt64(place % 64) & 1 == 1 ? .one : .zero
        sum += digit * bit.coefficient * unit
        set(bit.variable, digit)
      }
      return sum == rest ? .progress : .violated(row)
    }
    return .none
  }

  /// The exponents of rising powers of two; nil if there are other numbers, as where a quotient is unknown too.
  private static func places(_ factors: [Fr]) -> [Int]? {
    var places: [Int] = []
    var (power, place) = (Fr.one, 0)
    for factor in factors {
      while power != factor {
        (power, place) = (power.doubled(), place + 1)
        if place >= 252 { return nil }
      }
      // Bits of two numbers have equal powers.
      if place == places.last { return nil }
      places.append(place)
    }
    return places
  }

  /// Full rounds of the hash mix all outputs: equations that are linear in the same unknown inputs of the next round.
  private mutating func solveHash() -> Bool {
    hashRows.removeAll { unknowns[$0] == 0 }
    var systems: [[Int]: [[Fr]]] = [:]
    for row in hashRows where unknowns[row] > 1 && unknowns[row] <= 9 {
      let sides = circuit.rows[row].sides
      // Linear if one factor is known: its value times the other one, less C.
      guard
        let known = [0, 1].first(where: { sides[$0].allSatisfy { isKnown[$0.variable] } })
      else { continue }
      let factor = circuit.value(sides[known], value)
      let open = circuit.rows[row].variables.filter { !isKnown[$0] }
      // The last coefficient is the constant.
      var equation = [Fr](repeating: .zero, count: open.count + 1)
      for (side, multiple) in [(1 - known, factor), (2, -.one)] {
        for term in sides[side] {
          if isKnown[term.variable] {
            equation[open.count] += multiple * term.coefficient * value[term.variable]
          } else {
            equation[open.firstIndex(of: term.variable)!] += multiple * term.coefficient
          }
        }
      }
      systems[open, default: []].append(equation)
    }
    var found = false
    for (open, equations) in systems where equations.count >= open.count {
      guard let solution = Self.solve(equations, open.count) else { continue }
      for (variable, number) in zip(open, solution) { set(variable, number) }
      found = true
    }
    return found
  }

  /// The only solution of as many independent equations as there are unknowns; nil if there are fewer.
  private static func solve(_ equations: [[Fr]], _ count: Int) -> [Fr]? {
    var rows = equations
    for column in 0..<count {
      guard let pivot = rows.indices.dropFirst(column).first(where: { !rows[$0][column].isZero })
      else { return nil }
      rows.swapAt(pivot, column)
      let inverse = rows[column][column].inverse()!
      for place in column...count { rows[column][place] *= inverse }
      let row = rows[column]
      for other in rows.indices where other != column && !rows[other][column].isZero {
        let factor = rows[other][column]
        for place in column...count { rows[other][place] -= factor * row[place] }
      }
    }
    return rows.prefix(count).map { -$0[count] }
  }
}
