import Coordinator

/// What one answer took at its worker, without waiting for others at the same worker.
package struct Service: Equatable, Sendable {
  /// Place of the task in the trace.
  package var task: Int
  package var step: Int
  package var threadSeconds: Double

  /// The services of a trace's answers, in the order of the answers.
  ///
  /// A worker of one thread does one thing after the other, so an answer took the time since the one before it, or since
  /// its request. With more threads, what is owed at a time shares them evenly. Fetching, and the shortest time that any
  /// answer took, which is about that of the messages, are taken off.
  package static func list(_ trace: JobTrace) -> [Service] {
    let messages = trace.answers.map { $0.answered - $0.asked }.min() ?? 0
    var services = trace.answers.map { Service(task: $0.task, step: $0.step, threadSeconds: 0) }
    for worker in trace.workers.indices {
      let places = trace.answers.indices.filter { trace.answers[$0].worker == worker }
      let fetching = Spans(
        trace.fetches.filter { $0.worker == worker }.map { ($0.began, $0.ended) })
      let threads = trace.workers[worker].threads
      if threads == 1 {
        var free = -Double.infinity
        for place in places.sorted(by: { trace.answers[$0].answered < trace.answers[$1].answered })
        {
          let answer = trace.answers[place]
          let began = max(answer.asked, free)
          let waited = fetching.within((began, answer.answered)).seconds
          let message = answer.asked >= free ? messages : 0
          services[place].threadSeconds = max(0, answer.answered - began - waited - message)
          free = max(free, answer.answered)
        }
      } else {
        share(trace, places, threads: threads, fetching, messages, &services)
      }
    }
    return services
  }

  private static func share(
    _ trace: JobTrace, _ places: [Int], threads: Int, _ fetching: Spans, _ messages: Double,
    _ services: inout [Service]
  ) {
    let times = Set(places.flatMap { [trace.answers[$0].asked, trace.answers[$0].answered] })
      .sorted()
    let ordered = places.sorted { trace.answers[$0].asked < trace.answers[$1].asked }
    var (next, open): (Int, [Int]) = (0, [])
    for (from, to) in zip(times, times.dropFirst()) {
      while next < ordered.count, trace.answers[ordered[next]].asked <= from {
        open.append(ordered[next])
        next += 1
      }
      open.removeAll { trace.answers[$0].answered <= from }
      let seconds = to - from - fetching.within((from, to)).seconds
      for place in open {
        services[place].threadSeconds += seconds * Double(threads) / Double(open.count)
      }
    }
    for place in places {
      services[place].threadSeconds = max(
        0, services[place].threadSeconds - messages * Double(threads))
    }
  }
}
