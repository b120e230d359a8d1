import Algebra
import Circuit
import TestSupport

/// Tries to satisfy a circuit with another witness than the honest one for the same inputs.
///
/// Every trick chooses some variables; all else is computed from them by the constraints, a challenge after the claims that it
/// depends on, see `WitnessSolver`. Tricks know nothing of the operations: they are applied to whatever variables, bits and
/// equations a circuit has.
struct MaliciousProver {
  struct Forgery: CustomStringConvertible {
    var trick: String
    var description: String
  }

  let circuit: AttackedCircuit
  private(set) var tried = 0
  private(set) var forgeries: [Forgery] = []
  private var generator: SeededGenerator
  /// Attempts of one trick at most; of more a sample is made.
  private let limit: Int

  init(_ circuit: AttackedCircuit, seed: UInt64, limit: Int = 100) {
    self.circuit = circuit
    self.limit = limit
    generator = SeededGenerator(seed: seed)
  }

  /// Variables that gadgets choose or compute: not those inside a hash.
  private var targets: [Int] {
    circuit.free.filter { variable in
      circuit.mentions[variable].contains { row in
        ![.sbox, .hashState, .commitment].contains(circuit.rows[row].location.gadget)
      }
    }
  }

  /// Every trick, on a sample of what it could be tried on.
  mutating func tryEverything() {
    moveVariables()
    chooseNextNumbers()
    chooseOtherNumbers()
    moveBitsThatAreNone()
    keepSums()
    chooseOtherPlaces()
    hitOtherEntries()
    miscount()
    reuseTheChallenge()
  }

  private mutating func attempt(_ trick: String, _ chosen: [Int: Fr]) {
    let chosen = chosen.filter { !circuit.isGiven[$0.key] }
    guard chosen.contains(where: { circuit.honest[$0.key] != $0.value }) else { return }
    tried += 1
    guard case .satisfied(let z) = WitnessSolver.complete(circuit, chosen: chosen) else { return }
    let free = circuit.inversesOfZero(z).union(circuit.inversesOfZero(circuit.honest))
    let moved = z.indices.filter { z[$0] != circuit.honest[$0] && !free.contains($0) }
    guard let first = moved.first else { return }
    precondition(circuit.rows.indices.allSatisfy { circuit.holds($0, z) })
    let place = circuit.rows[circuit.mentions[first][0]].location
    forgeries.append(Forgery(trick: trick, description: "\(trick): variable \(first), \(place)"))
  }

  private mutating func attempts(_ trick: String, _ choices: [[Int: Fr]]) {
    for chosen in choices.shuffled(using: &generator).prefix(limit) { attempt(trick, chosen) }
  }

  // MARK: Tricks

  /// Each variable by itself: moved by small integers, by fractions of powers of two, of 3 and of the factors that equations
  /// have for it, by powers of two; negated; the complement of a bit.
  private mutating func moveVariables() {
    var choices: [[Int: Fr]] = []
    for variable in targets {
      let value = circuit.honest[variable]
      var moves = [Fr.one, -.one, Fr(3).inverse()!, -value.doubled(), .one - value.doubled()]
      for exponent in [1, 2, 4, 8, 16, 63, 64, 128, 251] as [UInt64] {
        let power = Fr(2).pow(exponent)
        moves += [power, -power, power.inverse()!]
      }
      for row in circuit.mentions[variable].prefix(4) {
        for term in circuit.rows[row].sides.joined() where term.variable == variable {
          if let inverse = term.coefficient.inverse() { moves += [inverse, -inverse] }
        }
      }
      choices += moves.map { [variable: value + $0] }
    }
    attempts("moved variable", choices)
  }

  /// Bits that stand for the next number above or below: a remainder that reaches the divisor, a quotient too small by one.
  private mutating func chooseNextNumbers() {
    var choices: [[Int: Fr]] = []
    for number in numbers() where number.count <= 120 {
      let value = number.enumerated().reduce(UInt128(0)) {
        $0 + (circuit.honest[$1.element].isZero ? 0 : UInt128(1) << UInt128($1.offset))
      }
      for other in [value &+ 1, value &- 1] where other >> UInt128(number.count) == 0 {
        choices.append(bits(number, of: other))
      }
    }
    attempts("next number", choices)
  }

  private func bits(_ variables: some Sequence<Int>, of number: UInt128) -> [Int: Fr] {
    var chosen: [Int: Fr] = [:]
    for (place, bit) in variables.enumerated() {
      chosen[bit] = number >> UInt128(place) & 1 == 1 ? .one : .zero
    }
    return chosen
  }

  /// Runs of bits, divided where no equation gives a bit twice the factor of the one before it: there another number begins.
  private func numbers() -> [[Int]] {
    var numbers: [[Int]] = []
    for run in runs(of: .bit) {
      numbers.append([run[0]])
      for (bit, next) in zip(run, run.dropFirst()) {
        if isDoubled(next, of: bit) {
          numbers[numbers.count - 1].append(next)
        } else {
          numbers.append([next])
        }
      }
    }
    return numbers
  }

  private func isDoubled(_ next: Int, of bit: Int) -> Bool {
    circuit.mentions[bit].contains { row in
      circuit.rows[row].sides.contains { side in
        guard let low = side.first(where: { $0.variable == bit }),
          let high = side.first(where: { $0.variable == next })
        else { return false }
        return high.coefficient == low.coefficient.doubled()
      }
    }
  }

  /// Bits that stand for other numbers: all of them for few bits; else near ones, multiples of powers of two away, and the
  /// number plus the modulus.
  private mutating func chooseOtherNumbers() {
    var choices: [[Int: Fr]] = []
    for run in numbers() {
      let width = min(run.count, 120)
      let number = run.prefix(width).enumerated().reduce(UInt128(0)) {
        $0 + (circuit.honest[$1.element].isZero ? 0 : UInt128(1) << UInt128($1.offset))
      }
      let mask = (UInt128(1) << UInt128(width)) - 1
      var numbers: [UInt128] = []
      if width <= 6 {
        numbers = Array(0...mask)
      } else {
        for place in 0..<width {
          numbers += [number &+ 1 << UInt128(place), number &- 1 << UInt128(place)]
        }
        let modulus = (-Fr.one).canonicalTuple
        numbers.append(number &+ (UInt128(modulus.1) << 64 | UInt128(modulus.0)) &+ 1)
        numbers += [0, mask, ~number, UInt128.random(in: 0...mask, using: &generator)]
      }
      for other in Set(numbers.map { $0 & mask }) where other != number {
        choices.append(bits(run.prefix(width), of: other))
      }
    }
    attempts("other number", choices)
  }

  /// Limbs outside their range whose sum is right.
  private mutating func moveBitsThatAreNone() {
    var choices: [[Int: Fr]] = []
    for run in runs(of: .bit) {
      for (low, high) in zip(run, run.dropFirst()) {
        for factor in [Fr.one, -.one, Fr(2).inverse()!] {
          choices.append([
            low: circuit.honest[low] + factor.doubled(), high: circuit.honest[high] - factor,
          ])
        }
      }
    }
    attempts("bits that are none", choices)
  }

  /// Two variables of one linear equation, moved so that it still holds: claims that enter only a sum, quotient and remainder.
  private mutating func keepSums() {
    var choices: [[Int: Fr]] = []
    for row in circuit.rows where row.variables.count <= 80 {
      if [.sbox, .hashState, .commitment].contains(row.location.gadget) { continue }
      let constant = row.sides.indices.filter { side in
        side < 2 && row.sides[side].allSatisfy { $0.variable == 0 }
      }
      guard let factor = constant.first else { continue }
      let terms = row.sides[1 - factor].filter { $0.variable != 0 }
      guard terms.count >= 2 else { continue }
      for _ in 0..<3 {
        let a = terms.randomElement(using: &generator)!
        let b = terms.randomElement(using: &generator)!
        guard a.variable != b.variable, let inverse = b.coefficient.inverse() else { continue }
        for move in [Fr.one, -.one, Fr(2).inverse()!] {
          choices.append([
            a.variable: circuit.honest[a.variable] + move,
            b.variable: circuit.honest[b.variable] - move * a.coefficient * inverse,
          ])
        }
      }
    }
    attempts("kept sum", choices)
  }

  /// One-hot rows with their 1 elsewhere, two halves, or 2 and -1.
  private mutating func chooseOtherPlaces() {
    var choices: [[Int: Fr]] = []
    let half = Fr(2).inverse()!
    for run in runs(of: .oneHot) {
      for first in run {
        choices.append(
          Dictionary(uniqueKeysWithValues: run.map { ($0, $0 == first ? .one : .zero) }))
        for second in run where second != first {
          for (a, b) in [(half, half), (Fr(2), -Fr.one)] {
            var chosen = Dictionary(uniqueKeysWithValues: run.map { ($0, Fr.zero) })
            (chosen[first], chosen[second]) = (a, b)
            choices.append(chosen)
          }
        }
      }
    }
    attempts("other place", choices)
  }

  /// Values that are no integers, or other entries', with entries counted to match.
  private mutating func hitOtherEntries() {
    guard let attack = LookupAttack(circuit) else { return }
    var choices: [[Int: Fr]] = []
    for pair in attack.pairs.indices {
      for entry in attack.entries.indices {
        if let chosen = attack.hit(pair, entry: entry) { choices.append(chosen) }
      }
    }
    attempts("other entry", choices)
    // Two pairs exchange their values.
    for (first, second) in zip(attack.pairs, attack.pairs.dropFirst()) {
      attempt(
        "exchanged values",
        [
          first.value: circuit.honest[second.value], second.value: circuit.honest[first.value],
        ])
    }
  }

  /// Counts of entries that are exchanged, moved from one to another, or no integers.
  private mutating func miscount() {
    guard let attack = LookupAttack(circuit) else { return }
    var choices: [[Int: Fr]] = []
    for (first, second) in zip(attack.entries, attack.entries.dropFirst()) {
      var chosen: [Int: Fr] = [:]
      for (a, b) in zip(first.count, second.count) {
        (chosen[a], chosen[b]) = (circuit.honest[b], circuit.honest[a])
      }
      choices.append(chosen)
      for (a, b) in zip(first.count, second.count) {
        choices.append([a: circuit.honest[a] + .one, b: circuit.honest[b] - .one])
      }
    }
    attempts("other count", choices)
  }

  /// Two claims moved so that a check would hold at the honest challenge: it is another one then.
  private mutating func reuseTheChallenge() {
    let claims = targets.filter { variable in
      circuit.mentions[variable].contains {
        [.evaluation, .identity].contains(circuit.rows[$0].location.gadget)
      }
        && circuit.mentions[variable].contains {
          circuit.rows[$0].location.gadget == .recomposition
        }
    }
    guard
      let challenge = circuit.rows.first(where: {
        $0.location.gadget == .materialisation && $0.location.operation == "challenge"
      })?.sides.first(where: { $0.count == 1 && $0[0].variable != 0 })?[0].variable
    else { return }
    let point = circuit.honest[challenge]
    var choices: [[Int: Fr]] = []
    for (first, second) in zip(claims, claims.dropFirst()) {
      for power in [point, point.inverse()!] {
        choices.append([
          first: circuit.honest[first] + .one, second: circuit.honest[second] - power,
        ])
        choices.append([
          first: circuit.honest[first] + power, second: circuit.honest[second] - .one,
        ])
      }
    }
    attempts("old challenge", choices)
  }

  /// Variables that neighbouring rows prove to be bits, for one purpose and one element.
  private func runs(of gadget: Gadget) -> [[Int]] {
    var runs: [[Int]] = []
    var last: ConstraintLocation?
    for row in circuit.rows {
      let location = row.location
      guard location.gadget == gadget, row.variables.count == 1, row.sides[0].count == 1,
        circuit.isBit[row.variables[0]], !circuit.isGiven[row.variables[0]]
      else {
        last = nil
        continue
      }
      if let last, last.element == location.element, last.operation == location.operation {
        runs[runs.count - 1].append(row.variables[0])
      } else {
        runs.append([row.variables[0]])
      }
      last = location
    }
    return runs
  }
}
