/// What tests and documents may know of the routes.
package enum APISurface {
  /// Every route's method and path.
  package static var routes: [(method: String, path: String)] {
    Route.all.map { ($0.method, $0.path) }
  }

  /// The names of all options of a job.
  package static var options: [String] { JobOrder.options }

  /// What `/metrics` makes of many owners.
  package static func bounded(_ backlog: [Backlog], to most: Int) -> [Backlog] {
    Core.bounded(backlog, to: most)
  }
}
