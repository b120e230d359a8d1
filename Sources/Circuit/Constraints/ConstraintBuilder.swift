import Algebra
import Varuna

/// Collects constraints a * b = c and, where it is asked to, the values that satisfy them.
///
/// One pass over the gadgets serves three purposes: matrices (compilation), values (witness generation) and counts
/// alone. What is emitted never depends on values, so that all passes agree.
package final class ConstraintBuilder {
  /// What is kept of a pass.
  package struct Product: OptionSet, Sendable {
    package let rawValue: Int
    package init(rawValue: Int) { self.rawValue = rawValue }
    /// The matrices and the location of each row.
    package static let matrices = Product(rawValue: 1)
    /// The value of each variable.
    package static let values = Product(rawValue: 2)
  }

  /// Constraints `start...` up to the next scope belong to this gadget, operation and element.
  struct Scope {
    var start: Int
    var operation: Int32
    var element: Int32
    var gadget: Gadget
  }

  private struct Entries {
    var starts: [Int] = [0]
    var variables: [UInt32] = []
    var coefficients: [Fr] = []
  }

  package let keeps: Product
  package let publicCount: Int
  /// Sizes so far, public variables not counted.
  package private(set) var counts = CircuitCounts()
  /// Values of all variables so far, public ones first; empty unless values are kept.
  package private(set) var values: [Fr]
  private(set) var scopes: [Scope] = []
  /// Variables that operations have made without constraining them, and what has been learnt of each.
  var claims = Claims()

  private var entries = [Entries(), Entries(), Entries()]
  private var nonzeros = (0, 0, 0)
  private var operation: Int32 = 0
  private var element: Int32 = 0
  private var gadget = Gadget.bit
  private var scopeChanged = true

  /// - Parameters:
  ///   - publicCount: number of public variables, the constant 1 included.
  ///   - expected: sizes to make room for, so that nothing is copied as it grows.
  package init(
    publicCount: Int, keeping keeps: Product, expecting expected: CircuitCounts = CircuitCounts()
  ) {
    self.publicCount = publicCount
    self.keeps = keeps
    values =
      keeps.contains(.values)
      ? [.one] + [Fr](repeating: .zero, count: publicCount - 1) : []
    guard keeps.contains(.matrices) else { return }
    for matrix in 0..<3 {
      entries[matrix].starts.reserveCapacity(expected.constraints + 1)
      entries[matrix].variables.reserveCapacity(expected.nonzeros[matrix])
      entries[matrix].coefficients.reserveCapacity(expected.nonzeros[matrix])
    }
  }

  // MARK: Scopes

  /// Starts an operation (or boundary tensor) by its number in the caller's list.
  package func enter(operation: Int) {
    self.operation = Int32(operation)
    enter(element: 0)
  }

  /// Starts an element of the current operation.
  package func enter(element: Int) {
    self.element = Int32(element)
    scopeChanged = true
  }

  /// Names what the next constraints are for.
  @inline(__always)
  package func enter(_ gadget: Gadget) {
    if self.gadget != gadget {
      self.gadget = gadget
      scopeChanged = true
    }
  }

  // MARK: Variables

  /// A new private variable; `value` is evaluated only where values are kept.
  @inline(__always)
  package func variable(_ value: @autoclosure () -> Fr) -> UInt32 {
    let index = UInt32(publicCount + counts.privateVariables)
    counts.privateVariables += 1
    if keeps.contains(.values) { values.append(value()) }
    return index
  }

  /// Sets a public variable, where values are kept.
  package func setPublic(_ variable: Int, _ value: @autoclosure () -> Fr) {
    precondition((1..<publicCount).contains(variable))
    if keeps.contains(.values) { values[variable] = value() }
  }

  /// The value of a combination; only where values are kept.
  package func value(_ combination: LinearCombination) -> Fr {
    var sum = Fr.zero
    for term in combination.terms {
      sum += term.coefficient * values[Int(term.variable)]
    }
    return sum
  }

  // MARK: Constraints

  /// a * b = c.
  package func enforce(
    _ a: LinearCombination, _ b: LinearCombination, _ c: LinearCombination
  ) {
    beginRow()
    append(a, to: 0)
    append(b, to: 1)
    append(c, to: 2)
    endRow(a.terms.count, b.terms.count, c.terms.count)
  }

  /// Whether C has the most entries, and so many per constraint that its domain is going to exceed twice that of
  /// constraints, which is what bits need anyway.
  var resultsAreCrowded: Bool {
    nonzeros.2 > max(nonzeros.0, nonzeros.1) && nonzeros.2 * 10 > counts.constraints * 19
  }

  /// x * y = c where it does not matter which factor is in A: the longer one goes to the emptier matrix.
  package func enforceProduct(
    _ x: LinearCombination, _ y: LinearCombination, _ c: LinearCombination
  ) {
    let xIsLonger = x.terms.count > y.terms.count
    let aIsEmptier = nonzeros.0 <= nonzeros.1
    if xIsLonger == aIsEmptier { enforce(x, y, c) } else { enforce(y, x, c) }
  }

  /// combination = variable, with the long side in the emptiest matrix.
  package func enforceEqual(_ combination: LinearCombination, _ variable: UInt32) {
    let (single, one) = (LinearCombination(variable), LinearCombination(0))
    if nonzeros.2 <= nonzeros.0 && nonzeros.2 <= nonzeros.1 {
      enforce(single, one, combination)
    } else if nonzeros.0 <= nonzeros.1 {
      enforce(combination, one, single)
    } else {
      enforce(one, combination, single)
    }
  }

  /// combination = 0.
  package func enforceZero(_ combination: LinearCombination) {
    if nonzeros.0 <= nonzeros.1 {
      enforce(combination, LinearCombination(0), LinearCombination())
    } else {
      enforce(LinearCombination(0), combination, LinearCombination())
    }
  }

  /// variable * variable = variable, so that it is 0 or 1: one entry per matrix.
  @inline(__always)
  package func enforceBit(_ variable: UInt32) {
    beginRow()
    if keeps.contains(.matrices) {
      for matrix in 0..<3 {
        entries[matrix].variables.append(variable)
        entries[matrix].coefficients.append(.one)
      }
    }
    endRow(1, 1, 1)
  }

  @inline(__always)
  private func beginRow() {
    guard scopeChanged, keeps.contains(.matrices) else { return }
    scopes.append(
      Scope(start: counts.constraints, operation: operation, element: element, gadget: gadget))
    scopeChanged = false
  }

  @inline(__always)
  private func append(_ combination: LinearCombination, to matrix: Int) {
    guard keeps.contains(.matrices) else { return }
    let end = UInt32(publicCount + counts.privateVariables)
    for term in combination.terms {
      precondition(term.variable < end, "a constraint over a variable that there is not")
      entries[matrix].variables.append(term.variable)
      entries[matrix].coefficients.append(term.coefficient)
    }
  }

  @inline(__always)
  private func endRow(_ a: Int, _ b: Int, _ c: Int) {
    nonzeros.0 += a
    nonzeros.1 += b
    nonzeros.2 += c
    counts.constraints += 1
    if keeps.contains(.matrices) {
      for matrix in 0..<3 { entries[matrix].starts.append(entries[matrix].variables.count) }
    }
  }

  /// Sizes so far with up-to-date nonzero counts.
  package var currentCounts: CircuitCounts {
    var counts = counts
    counts.nonzeros = [nonzeros.0, nonzeros.1, nonzeros.2]
    return counts
  }

  // MARK: Results

  /// A, B and C as they stand; only where matrices are kept.
  package func matrices() -> [SparseMatrix] {
    precondition(keeps.contains(.matrices))
    return entries.map {
      SparseMatrix(
        rowStarts: $0.starts, variables: $0.variables, coefficients: $0.coefficients)
    }
  }
}
