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

  private var places: [Place]
  private var heap: [(end: Double, rank: Int, place: Int)] = []
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
        pop()
        continue
      }
      places[place].used = used
      places[place].hasShare = true
      places[place].load += demand.cost / places[place].rate
      heap[0].end = end(demand, places[place])
      sink(0)
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

  private func end(_ demand: Demand, _ place: Place) -> Double {
    place.load + demand.cost / place.rate
  }

  private mutating func begin(_ demand: Demand) {
    run = demand
    heap = places.indices.map { (end(demand, places[$0]), places[$0].rank, $0) }
    for index in stride(from: heap.count / 2 - 1, through: 0, by: -1) { sink(index) }
  }

  private mutating func pop() {
    heap.swapAt(0, heap.count - 1)
    heap.removeLast()
    sink(0)
  }

  private mutating func sink(_ start: Int) {
    func precedes(_ a: Int, _ b: Int) -> Bool {
      (heap[a].end, heap[a].rank) < (heap[b].end, heap[b].rank)
    }
    var index = start
    while true {
      var least = index
      for child in [2 * index + 1, 2 * index + 2] where child < heap.count {
        if precedes(child, least) { least = child }
      }
      if least == index { return }
      heap.swapAt(index, least)
      index = least
    }
  }
}
