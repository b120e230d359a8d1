/// Stretches of time that do not overlap, in order.
package struct Spans: Equatable, Sendable {
  /// From a time to a later one, in seconds.
  package typealias Span = (from: Double, to: Double)

  package private(set) var list: [Span] = []

  /// The time that at least one of the spans covers; empty and reversed ones count for nothing.
  package init(_ spans: [Span]) {
    for span in spans.filter({ $0.to > $0.from }).sorted(by: { $0.from < $1.from }) {
      if let last = list.last, span.from <= last.to {
        list[list.count - 1].to = max(last.to, span.to)
      } else {
        list.append(span)
      }
    }
  }

  /// How long all of them are together, in seconds.
  package var seconds: Double { list.reduce(0) { $0 + $1.to - $1.from } }

  /// The parts inside of a span.
  package func within(_ span: Span) -> Spans {
    Spans(list.map { (max($0.from, span.from), min($0.to, span.to)) })
  }

  /// What both cover.
  package func intersection(_ other: Spans) -> Spans {
    var both: [Span] = []
    var (a, b) = (0, 0)
    while a < list.count, b < other.list.count {
      both.append((max(list[a].from, other.list[b].from), min(list[a].to, other.list[b].to)))
      if list[a].to < other.list[b].to { a += 1 } else { b += 1 }
    }
    return Spans(both)
  }

  /// The parts of a span that none of them covers.
  package func gaps(in span: Span) -> Spans {
    var gaps: [Span] = []
    var place = span.from
    for part in within(span).list {
      gaps.append((place, part.from))
      place = part.to
    }
    return Spans(gaps + [(place, span.to)])
  }

  /// Equal spans in the same order.
  package static func == (a: Spans, b: Spans) -> Bool {
    a.list.elementsEqual(b.list) { $0.from == $1.from && $0.to == $1.to }
  }
}
