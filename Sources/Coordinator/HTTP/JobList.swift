extension JobQuery.Place {
  /// The place behind a job as it was handed out; nil where it never was.
  package init?(_ text: String) {
    let parts = text.split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
    guard parts.count == 2, parts[0].utf8.count == 16, let bits = UInt64(parts[0], radix: 16),
      Double(bitPattern: bits).isFinite
    else { return nil }
    self.init(submitted: Double(bitPattern: bits), id: String(parts[1]))
  }

  /// What clients send back; opaque to them.
  package var text: String {
    let bits = String(submitted.bitPattern, radix: 16)
    return String(repeating: "0", count: 16 - bits.count) + bits + "-" + id
  }
}

/// What a list of jobs answers.
struct JobList: Codable, Equatable, Sendable {
  let jobs: [JobSummary]
  /// What gives the next page; nil: this is the last one.
  let next: String?
}

/// All that is known of one job.
struct JobDetail: Codable, Equatable, Sendable {
  let job: JobSummary
  /// What it does now; nil where it has ended.
  let progress: ProgressEvent?
  /// Every attempt at its tasks, in order; nil unless asked for.
  let attempts: [AttemptRecord]?
  /// The steps that it went through since this process began, in order; nil unless asked for.
  let steps: [JobStep]?
  /// Who proves what while it is under way: the latest attempt at every group; nil unless asked for.
  let groups: [GroupShares]?
}
