/// What a command tells its caller by its exit status.
package enum ExitCode: Int32, Sendable, CaseIterable {
  /// The command did what it was asked to do.
  case success = 0
  /// The work itself failed: a rejected proof, a failed job.
  case failed = 1
  /// The command line makes no sense.
  case usage = 2
  /// A file, model or input given by the user cannot be used, or no result close enough to the model's is to be had.
  case badInput = 3
  /// The coordinator cannot be reached or refused the connection.
  case unreachable = 4
  /// The job was cancelled, or the program was asked to stop by SIGTERM.
  case cancelled = 5
  /// Not enough memory, disk or SRS.
  case resource = 6
  /// The document is about something else than was asked, so there is no verdict.
  case otherQuestion = 7
  /// Interrupted by SIGINT.
  case interrupted = 130

  /// One phrase for `--help`.
  package var meaning: String {
    switch self {
    case .success: "done"
    case .failed: "the job failed or the proof was rejected"
    case .usage: "wrong command line"
    case .badInput: "bad model, input or other file, or outputs too far from the model's"
    case .unreachable: "coordinator not reachable, or it refused"
    case .cancelled: "cancelled"
    case .resource: "not enough memory, disk or SRS"
    case .otherQuestion: "the document cannot answer what was asked"
    case .interrupted: "interrupted (Ctrl-C)"
    }
  }
}

/// A command's failure as the user sees it: one line, an exit code, and what to do about it.
package struct CommandFailure: Error, Equatable, Sendable {
  /// The exit status.
  package let code: ExitCode
  /// One line without a full stop.
  package let message: String
  /// What the user can do, if anything is known.
  package let hint: String?

  /// A failure with an optional hint.
  package init(_ code: ExitCode, _ message: String, hint: String? = nil) {
    self.code = code
    self.message = message
    self.hint = hint
  }
}
