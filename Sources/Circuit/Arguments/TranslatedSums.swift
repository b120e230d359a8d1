/// The sums  S_l = sum over positions p of c^shifts[p] * input[columns[p][l]]  that checks of blocks need, made from the
/// products c^e * input[e], one per element, that they share.
///
/// An element at e = origins[l] + shifts[p] is multiplied by c^shifts[p] in S_l. With c^e instead all columns that read the
/// element can use one product, and what they add up is c^origins[l] * S_l. Neighbouring columns of a kernel add up nearly the
/// same products: a sum is best made from another one, by what enters and what leaves a moving window.
package struct TranslatedSums {
  /// A product of an input element and a power of the challenge.
  package struct Product: Hashable {
    package var element: UInt32
    package var exponent: Int
  }

  /// The sum of one column of the matrix.
  package struct Sum {
    /// What the sum is too large by: it is c^offset * S_l.
    package var offset: Int
    /// An earlier column whose sum is the start.
    package var base: Int?
    /// Indices of products to add and to subtract.
    package var added: [Int]
    package var removed: [Int] = []
    /// Whether another sum starts from this one, so that it needs a variable.
    package var isBase = false

    var entryCount: Int { (base == nil ? 0 : 1) + added.count + removed.count }
  }

  package private(set) var products: [Product] = []
  /// For each block in the order of its matrix's columns.
  package private(set) var sums: [[Sum]] = []
  /// The largest power that any product needs.
  var largestExponent: Int { products.reduce(0) { max($0, $1.exponent) } }

  /// Constraints that making the sums and multiplying them takes.
  package var constraintCount: Int {
    largestExponent + products.count + sums.joined().reduce(0) { $0 + ($1.isBase ? 3 : 2) }
  }

  /// Entries of sums beyond four for each of these constraints.
  var entryCount: Int { sums.joined().reduce(0) { $0 + $1.entryCount } }

  /// Nil where positions of a block are no translates of each other, or all share too few elements to gain anything.
  package init?(_ blocks: [MatrixBlock]) {
    let translations = blocks.compactMap(\.translation)
    guard !blocks.isEmpty, translations.count == blocks.count else { return nil }
    let components = Components(blocks, translations)
    var places: [UInt32: Int] = [:]
    for (number, block) in blocks.enumerated() {
      let lowest = components.lowestOrigins[number]
      var members = [[Int]](repeating: [], count: block.termCount)
      for columns in block.columns {
        for (term, column) in columns.enumerated() {
          guard let column else { continue }
          let place = places[column] ?? products.count
          if place == products.count {
            places[column] = place
            products.append(Product(element: column, exponent: Int(column) - lowest[term]))
          }
          members[term].append(place)
        }
      }
      let offsets = zip(translations[number].origins, lowest).map { $0 - $1 }
      let plain = zip(offsets, members).map { Sum(offset: $0, added: $1.sorted()) }
      sums.append(Self.slid(plain, componentOf: lowest))
    }
    let apart = blocks.reduce(0) { $0 + $1.termCount * $1.positionCount }
    guard constraintCount < apart else { return nil }
  }

  /// Which columns of which blocks read the same elements, directly or by way of others.
  private struct Components {
    /// For each block and column the smallest origin in its component: exponents count from there.
    private(set) var lowestOrigins: [[Int]] = []
    private var parents: [Int]

    init(_ blocks: [MatrixBlock], _ translations: [Translation]) {
      parents = Array(0..<blocks.reduce(0) { $0 + $1.termCount })
      var readers: [UInt32: Int] = [:]
      var first = 0
      for block in blocks {
        for columns in block.columns {
          for (term, column) in columns.enumerated() {
            guard let column else { continue }
            guard let reader = readers[column] else {
              readers[column] = first + term
              continue
            }
            join(reader, first + term)
          }
        }
        first += block.termCount
      }
      let origins = translations.flatMap(\.origins)
      let roots = origins.indices.map { root($0) }
      var lowest = origins
      for (term, root) in roots.enumerated() { lowest[root] = min(lowest[root], origins[term]) }
      first = 0
      for block in blocks {
        lowestOrigins.append(roots[first..<first + block.termCount].map { lowest[$0] })
        first += block.termCount
      }
    }

    private mutating func join(_ a: Int, _ b: Int) {
      let (a, b) = (root(a), root(b))
      parents[max(a, b)] = min(a, b)
    }

    private mutating func root(_ term: Int) -> Int {
      var term = term
      while parents[term] != term {
        parents[term] = parents[parents[term]]
        term = parents[term]
      }
      return term
    }
  }

  /// How far back a sum to start from is looked for: kernels are not wider.
  private static let reach = 16

  /// Starts sums from earlier ones of the same component where that takes fewer entries; a variable for a sum that others
  /// start from counts like eight entries.
  private static func slid(_ sums: [Sum], componentOf lowest: [Int]) -> [Sum] {
    var slid = sums
    for term in sums.indices {
      for base in max(0, term - reach)..<term where lowest[base] == lowest[term] {
        let (added, removed) = difference(sums[base].added, sums[term].added)
        guard 1 + added.count + removed.count < slid[term].entryCount else { continue }
        (slid[term].base, slid[term].added, slid[term].removed) = (base, added, removed)
      }
    }
    for base in Set(slid.compactMap(\.base)) { slid[base].isBase = true }
    func price(_ sums: [Sum]) -> Int { sums.reduce(0) { $0 + $1.entryCount + ($1.isBase ? 8 : 0) } }
    return price(slid) < price(sums) ? slid : sums
  }

  /// What is in `b` only and what in `a` only, of two ascending lists.
  private static func difference(_ a: [Int], _ b: [Int]) -> (added: [Int], removed: [Int]) {
    var (added, removed): ([Int], [Int]) = ([], [])
    var (i, j) = (0, 0)
    while i < a.count || j < b.count {
      if i == a.count || (j < b.count && b[j] < a[i]) {
        added.append(b[j])
        j += 1
      } else if j == b.count || a[i] < b[j] {
        removed.append(a[i])
        i += 1
      } else {
        (i, j) = (i + 1, j + 1)
      }
    }
    return (added, removed)
  }
}
