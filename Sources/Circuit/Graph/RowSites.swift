/// Numbers for the places that rows read: rows of one pattern and one offset read at the same place.
///
/// The channels of a convolution at one position, or the outputs of a dense layer, are at one place.
@usableFromInline
package struct RowSites {
  /// Pattern and offset of each place, or `free`; as many as a power of two.
  @usableFromInline var keys: [UInt64]
  @usableFromInline var numbers: [Int32]
  /// How many places there are.
  @usableFromInline package internal(set) var count = 0

  @inlinable static var free: UInt64 { .max }

  /// - Parameter capacity: about how many places are expected.
  @inlinable
  package init(capacity: Int = 8) {
    let size = 2 << (Int.bitWidth - max(4, capacity).leadingZeroBitCount)
    keys = [UInt64](repeating: Self.free, count: size)
    numbers = [Int32](repeating: 0, count: size)
  }

  /// The number of a row's place, and whether no earlier row was there.
  @inlinable
  package mutating func number<Coefficient>(
    of row: SharedRows<Coefficient>.Row
  ) -> (site: Int, isNew: Bool) {
    let key = UInt64(UInt32(bitPattern: row.pattern)) << 32 | UInt64(row.offset)
    let slot = slot(of: key)
    if keys[slot] == key { return (Int(numbers[slot]), false) }
    keys[slot] = key
    numbers[slot] = Int32(count)
    count += 1
    if 2 * count > keys.count { grow() }
    return (count - 1, true)
  }

  /// Where a key stands, or might stand.
  @inlinable
  func slot(of key: UInt64) -> Int {
    let mask = keys.count - 1
    var slot = Int(truncatingIfNeeded: (key &* 0x9e37_79b9_7f4a_7c15) >> 20) & mask
    while keys[slot] != key, keys[slot] != Self.free { slot = (slot + 1) & mask }
    return slot
  }

  @inlinable
  mutating func grow() {
    let (oldKeys, oldNumbers) = (keys, numbers)
    keys = [UInt64](repeating: Self.free, count: 2 * oldKeys.count)
    numbers = [Int32](repeating: 0, count: 2 * oldKeys.count)
    for (key, number) in zip(oldKeys, oldNumbers) where key != Self.free {
      let slot = slot(of: key)
      (keys[slot], numbers[slot]) = (key, number)
    }
  }
}

extension SharedRows {
  /// The columns in which some rows have entries, ascending.
  ///
  /// - Parameter bound: what all columns are below.
  package func columns(ofRows chosen: [Int], below bound: Int) -> [Int] {
    let entries = chosen.reduce(0) { $0 + entryCount($1) }
    guard 64 * entries > bound else {
      var read: [Int] = []
      read.reserveCapacity(entries)
      for row in chosen { for entry in self.entries(row) { read.append(entry.column) } }
      return read.ascending
    }
    var read = ElementSet(count: bound)
    var sites = RowSites(capacity: min(chosen.count, 1 << 16))
    var isWhole: [Bool] = []
    // Rows that leave out columns of their pattern, by site.
    var partial: [(site: Int32, list: Int32)] = []
    var origins: [Row] = []
    for number in chosen {
      let row = rows[number]
      let range = patterns.range(row.pattern)
      guard range.count > 1 else {
        if !range.isEmpty { read.insert(Int(row.offset)) }
        continue
      }
      let (site, isNew) = sites.number(of: row)
      if isNew {
        isWhole.append(false)
        origins.append(row)
      }
      if isWhole[site] { continue }
      guard isFull(row.list) else {
        partial.append((Int32(site), row.list))
        continue
      }
      isWhole[site] = true
      for place in range { read.insert(Int(row.offset) + Int(patterns.elements[place])) }
    }
    insertColumns(of: partial, origins, isWhole, into: &read)
    return read.elements()
  }

  /// Inserts the columns in which any list of a site has entries. Lists that stand together at one site do so at most others.
  private func insertColumns(
    of partial: [(site: Int32, list: Int32)], _ origins: [Row], _ isWhole: [Bool],
    into read: inout ElementSet
  ) {
    var starts = [Int](repeating: 0, count: origins.count + 1)
    for (site, _) in partial where !isWhole[Int(site)] { starts[Int(site) + 1] += 1 }
    for site in origins.indices { starts[site + 1] += starts[site] }
    var next = starts
    var members = [Int32](repeating: 0, count: starts[origins.count])
    for (site, list) in partial where !isWhole[Int(site)] {
      members[next[Int(site)]] = list
      next[Int(site)] += 1
    }
    var unions: [ArraySlice<Int32>: [Int]] = [:]
    for site in origins.indices where starts[site] < starts[site + 1] {
      let together = members[starts[site]..<starts[site + 1]]
      let places: [Int]
      if let known = unions[together] {
        places = known
      } else {
        places = nonzeroPlaces(ofAny: together)
        unions[together] = places
      }
      let start = patterns.range(origins[site].pattern).lowerBound
      let offset = Int(origins[site].offset)
      for place in places { read.insert(offset + Int(patterns.elements[start + place])) }
    }
  }

  /// The places at which any of some lists of one length have a coefficient.
  private func nonzeroPlaces(ofAny chosen: ArraySlice<Int32>) -> [Int] {
    let count = lists.range(chosen[chosen.startIndex]).count
    var isUsed = [Bool](repeating: false, count: count)
    for list in chosen {
      let start = lists.range(list).lowerBound
      for place in 0..<count where lists.elements[start + place] != 0 { isUsed[place] = true }
    }
    return isUsed.indices.filter { isUsed[$0] }
  }
}
