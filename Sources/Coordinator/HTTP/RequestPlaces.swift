import Synchronization

/// How many requests of one token may have a thread of their own for long: one token must not keep all others out.
final class RequestPlaces: Sendable {
  /// Requests that wait for planning, or until they may ask again.
  static let waiting = 8
  /// Requests whose body is on its way.
  static let bodies = 16

  private let what: String
  private let limit: Int
  private let counts: Mutex<KeyedCount>

  /// Places for `limit` requests of every token.
  init(for what: String, limit: Int) {
    self.what = what
    self.limit = limit
    counts = Mutex(KeyedCount(limit: limit))
  }

  /// A place for one more request of a token.
  ///
  /// - Throws: `tooMany` where it has as many as it may.
  func take(_ token: String) throws(CoordinatorError) -> Place {
    guard counts.withLock({ $0.begin(token) }) else { throw .tooMany(what: what, limit: limit) }
    return Place(self, token)
  }

  private func giveBack(_ token: String) { counts.withLock { $0.end(token) } }

  /// The place of one request, given back with this object.
  final class Place: Sendable {
    private let places: RequestPlaces
    private let token: String

    fileprivate init(_ places: RequestPlaces, _ token: String) {
      self.places = places
      self.token = token
    }

    deinit { places.giveBack(token) }
  }
}
