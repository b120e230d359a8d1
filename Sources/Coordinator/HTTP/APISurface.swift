/// What tests and documents may know of the routes.
package enum APISurface {
  /// Every route's method and path.
  package static var routes: [(method: String, path: String)] {
    Route.all.map { ($0.method, $0.path) }
  }

  /// What `/metrics` makes of many owners.
  package static func bounded(_ backlog: [Backlog], to most: Int) -> [Backlog] {
    Core.bounded(backlog, to: most)
  }
}
