import Model
import Varuna

/// Workers that get one demand after the other, each the one that would end it first.
///
/// Demands come in runs of equal ones, the instances of one circuit. Within a run who would end first stands on top of a
/// heap, and who had no room has none later: a run looks at each worker once, and a demand at a few.
struct EarliestPlaces {
  private struct Place {
    let memory: UInt64
    /// Seconds of work on one thread of an ordinary worker that it does in a second.
    let rate: Double
    /// Its place among those that would end at the same time.
    let rank: Int
    let loadBefore: Double
    var load: Double
    var used: TaskMemory
    var hasShare = false
  }

  /// Who would end first comes first.
  private struct Candidate: Comparable, Sendable {
    let end: Double
    let rank: Int
    let place: Int

    static func < (a: Candidate, b: Candidate) -> Bool { (a.end, a.rank) < (b.end, b.rank) }
  }

  private var places: [Place]
  private var heap = Heap<Candidate>([])
  private var run: Demand?

  /// Workers with what they have to do already.
  init(_ workers: [WorkerView]) {
    let order = workers.indices.sorted {
      (-workers[$0].threads, workers[$0].id) < (-workers[$1].threads, workers[$1].id)
    }
    var ranks = [Int](repeating: 0, count: workers.count)
    for (rank, place) in order.enumerated() { ranks[place] = rank }
    places = workers.indices.map { place in
      let worker = workers[place]
      return Place(
        memory: worker.memory, rate: Double(worker.threads) * worker.speed, rank: ranks[place],
        loadBefore: worker.load, load: worker.load, used: worker.used)
    }
  }

  /// Gives a demand to the worker that would end it first, among those with room for it; nil where there is none.
  ///
  /// `share` counts once for every worker that gets something.
  mutating func take(_ demand: Demand, share: TaskMemory = .none) -> Int? {
    if run != demand { begin(demand) }
    while let first = heap.first {
      let place = first.place
      let memory = places[place].hasShare ? demand.memory : demand.memory + share
      let used = places[place].used + memory
      guard UInt64(used.total) <= places[place].memory else {
        heap.removeFirst()
        continue
      }
      places[place].used = used
      places[place].hasShare = true
      places[place].load += demand.cost / places[place].rate
      heap.replaceFirst(with: candidate(demand, place))
      return place
    }
    return nil
  }

  /// Of what the workers got so far only a part counts from now on; what they get next is another kind of work.
  mutating func keep(part: Double) {
    run = nil
    for place in places.indices {
      let before = places[place].loadBefore
      places[place].load = before + part * (places[place].load - before)
    }
  }

  private func candidate(_ demand: Demand, _ place: Int) -> Candidate {
    Candidate(
      end: places[place].load + demand.cost / places[place].rate, rank: places[place].rank,
      place: place)
  }

  private mutating func begin(_ demand: Demand) {
    run = demand
    heap = Heap(places.indices.map { candidate(demand, $0) })
  }
}
