/// What is to happen, by its time; of one time, what was added first comes first.
struct EventQueue<Event> {
  private var heap: [(time: Double, number: Int, event: Event)] = []
  private var added = 0

  /// Whether nothing is to happen.
  var isEmpty: Bool { heap.isEmpty }

  /// Adds an event.
  mutating func add(_ event: Event, at time: Double) {
    added += 1
    heap.append((time, added, event))
    var place = heap.count - 1
    while place > 0, isEarlier(place, (place - 1) / 2) {
      heap.swapAt(place, (place - 1) / 2)
      place = (place - 1) / 2
    }
  }

  /// Takes out what is next; nil where nothing is left.
  mutating func next() -> (time: Double, event: Event)? {
    guard let first = heap.first else { return nil }
    heap.swapAt(0, heap.count - 1)
    heap.removeLast()
    var place = 0
    while true {
      var least = place
      for child in [2 * place + 1, 2 * place + 2] where child < heap.count {
        if isEarlier(child, least) { least = child }
      }
      if least == place { return (first.time, first.event) }
      heap.swapAt(place, least)
      place = least
    }
  }

  private func isEarlier(_ a: Int, _ b: Int) -> Bool {
    (heap[a].time, heap[a].number) < (heap[b].time, heap[b].number)
  }
}
