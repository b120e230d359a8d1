import Synchronization
import Varuna

/// The witness bases of a worker: each is made when doing without has cost as much, then kept in memory and on disk.
///
/// Nobody knows how many instances of a circuit will come. Who buys when the rent paid equals the price never pays more
/// than twice the least possible; price and rent are multiplications, so that nothing depends on a clock.
package final class WitnessBasisStore: Sendable {
  private struct Key: Hashable {
    let parameters: String
    let domains: WitnessBasis.Domains
  }

  /// The basis is not there, and not worth its price so far.
  private struct Absent: Error {}

  private let folder: WitnessBasisFolder
  private let budget: Int
  private let made: BoundedCache<Key, WitnessBasis>
  private let rents = Mutex<[Key: Int]>([:])

  /// A store over a folder, which need not exist; bases in memory take at most `budget` bytes.
  package init(folder: String, budget: Int) {
    self.folder = WitnessBasisFolder(path: folder)
    self.budget = budget
    made = BoundedCache(budget: budget)
  }

  /// The bases for as many of these instances as have one now.
  package func bases(
    for instances: [InstanceShare.Task], _ srs: SRS, threads: Int
  ) -> [WitnessBasis.Domains: WitnessBasis] {
    Dictionary(grouping: instances, by: \.basisDomains)
      .compactMapValues { some in
        basis(
          some[0].basisDomains, srs, saving: some.reduce(0) { $0 + $1.basisSaving },
          threads: threads)
      }
  }

  /// The basis of these domains, if it is there or has become worth its price with this saving.
  package func basis(
    _ domains: WitnessBasis.Domains, _ srs: SRS, saving: Int, threads: Int
  ) -> WitnessBasis? {
    let key = Key(parameters: srs.id, domains: domains)
    guard domains.bytes <= budget else { return nil }
    return try? made.value(for: key) { () throws(Absent) in
      let known = folder.holds(domains, of: srs)
      if known, let basis = folder.load(domains, srs, threads: threads) {
        return (basis, domains.bytes)
      }
      // A damaged file was once worth its price.
      guard known || isPaid(key, saving),
        let basis = try? WitnessBasis(domains, srs, threads: threads)
      else { throw Absent() }
      folder.save(basis)
      return (basis, domains.bytes)
    }
  }

  private func isPaid(_ key: Key, _ saving: Int) -> Bool {
    rents.withLock { rents in
      rents[key, default: 0] += saving
      return rents[key, default: 0] >= key.domains.price
    }
  }
}
