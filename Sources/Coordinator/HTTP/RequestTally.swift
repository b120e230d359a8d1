import Synchronization

/// How many requests there were, by route and answer.
final class RequestTally: Sendable {
  /// What is counted together.
  struct Kind: Hashable, Sendable {
    /// The route's template; empty for what is no route's.
    let path: String
    let method: String
    let status: Int
  }

  private let counts = Mutex<[Kind: Int]>([:])

  /// A request was answered.
  func note(route: Route?, status: Int) {
    counts.withLock {
      $0[Kind(path: route?.path ?? "", method: route?.method ?? "", status: status), default: 0] +=
        1
    }
  }

  /// All counts so far, in a lasting order.
  var all: [(kind: Kind, count: Int)] {
    counts.withLock { Array($0) }.map { ($0.key, $0.value) }
      .sorted {
        ($0.kind.path, $0.kind.method, $0.kind.status) < (
          $1.kind.path, $1.kind.method, $1.kind.status
        )
      }
  }
}
