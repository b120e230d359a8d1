/// Which jobs a client asks for: a page at a time, newest first.
package struct JobQuery: Codable, Equatable, Sendable {
  /// A place in the list of all jobs: behind this one.
  package struct Place: Codable, Equatable, Sendable {
    /// Seconds since 1970.
    package var submitted: Double
    package var id: String

    /// The place behind a job.
    package init(submitted: Double, id: String) { (self.submitted, self.id) = (submitted, id) }
  }

  /// The most jobs of one page.
  package static let longestPage = 500
  /// Bytes of JSON after which a page ends, well below what a frame may have.
  package static let largestPage = 8 << 20

  /// Only jobs in these stages; nil: in any.
  package var stages: [JobStage]?
  /// Only jobs of this owner; nil: of all whose jobs the caller may see.
  package var owner: String?
  /// Only jobs of models with this name; nil: of all.
  package var model: String?
  /// Where the page before this one ended; nil: this is the first.
  package var after: Place?
  /// How many jobs the page may have; nil: ``longestPage``.
  package var limit: Int?

  /// The first page of all jobs, unless said otherwise.
  package init(
    stages: [JobStage]? = nil, owner: String? = nil, model: String? = nil, after: Place? = nil,
    limit: Int? = nil
  ) {
    self.stages = stages
    self.owner = owner
    self.model = model
    self.after = after
    self.limit = limit
  }
}

/// Some of the jobs that a query is about.
package struct JobPage: Codable, Sendable {
  /// Newest first.
  package var jobs: [JobSummary]
  /// Where the next page begins; nil: this is the last.
  package var next: JobQuery.Place?

  /// A page.
  package init(jobs: [JobSummary], next: JobQuery.Place?) { (self.jobs, self.next) = (jobs, next) }
}
