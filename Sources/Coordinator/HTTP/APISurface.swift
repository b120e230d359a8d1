/// What tests and documents may know of the routes.
package enum APISurface {
  /// The method and path of every route that programs are for.
  package static var routes: [(method: String, path: String)] {
    Route.api.map { ($0.method, $0.path) }
  }

  /// The names of all options of a job.
  package static var options: [String] { JobOrder.options }

  /// What `/metrics` makes of many owners.
  package static func bounded(_ backlog: [Backlog], to most: Int) -> [Backlog] {
    Core.bounded(backlog, to: most)
  }
}
