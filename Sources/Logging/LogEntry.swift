/// What a line is about, for machines.
public struct LogFields: Equatable, Sendable, Encodable {
  /// A job's id.
  public var job: String?
  /// A task's id.
  public var task: UInt64?
  /// A worker's id or, where that is not known, its name.
  public var worker: String?
  /// The id of a client's key or token.
  public var client: String?
  /// A step of a task, or of a job.
  public var step: String?
  /// How long something took.
  public var seconds: Double?

  /// About nothing in particular.
  public init() {}
}

/// Something that a node says of what it does: a sentence for people, and fields for machines.
///
/// A string literal is an entry of level `info`, and its interpolations with labels are fields as well:
/// `"job \(job: id) goes on"`.
public struct LogEntry: Equatable, Sendable {
  /// What it is for.
  public var level: LogLevel
  /// The sentence.
  public var message: String
  /// What it is about.
  public var fields: LogFields

  /// An entry that is about nothing in particular.
  public init(_ message: String, level: LogLevel = .info) {
    self.level = level
    self.message = message
    fields = LogFields()
  }

  /// The same for who looks for a fault.
  public static func debug(_ entry: LogEntry) -> LogEntry { entry.at(.debug) }

  /// The same as a warning.
  public static func warning(_ entry: LogEntry) -> LogEntry { entry.at(.warning) }

  /// The same as an error.
  public static func error(_ entry: LogEntry) -> LogEntry { entry.at(.error) }

  /// The same with other fields.
  public func with(_ change: (inout LogFields) -> Void) -> LogEntry {
    var copy = self
    change(&copy.fields)
    return copy
  }

  private func at(_ level: LogLevel) -> LogEntry {
    var copy = self
    copy.level = level
    return copy
  }
}

extension LogEntry: ExpressibleByStringInterpolation {
  /// Gathers the sentence and the fields.
  public struct StringInterpolation: StringInterpolationProtocol {
    var message = ""
    var fields = LogFields()

    /// Nothing yet.
    public init(literalCapacity: Int, interpolationCount: Int) {
      message.reserveCapacity(literalCapacity + 16 * interpolationCount)
    }

    /// A part of the sentence.
    public mutating func appendLiteral(_ literal: String) { message += literal }

    /// A value that is no field.
    public mutating func appendInterpolation(_ value: some Any) { message += "\(value)" }

    /// A job's id.
    public mutating func appendInterpolation(job: String) {
      message += job
      fields.job = job
    }

    /// A task's id.
    public mutating func appendInterpolation(task: UInt64) {
      message += "\(task)"
      fields.task = task
    }

    /// The name, and the id in brackets; without a name the id alone.
    public mutating func appendInterpolation(worker id: String, _ name: String? = nil) {
      message += name.map { "\($0) (\(id))" } ?? id
      fields.worker = id
    }

    /// The id of a client's key or token.
    public mutating func appendInterpolation(client: String) {
      message += client
      fields.client = client
    }

    /// A step of a task, or of a job.
    public mutating func appendInterpolation(step: some CustomStringConvertible & Sendable) {
      message += "\(step)"
      fields.step = "\(step)"
    }

    /// Whole milliseconds.
    public mutating func appendInterpolation(seconds: Double) {
      let rounded = max(-1e12, min(1e12, (seconds * 1000).rounded() / 1000))
      message += rounded == rounded.rounded() ? "\(Int64(rounded)) s" : "\(rounded) s"
      fields.seconds = rounded
    }
  }

  /// An entry of level `info` with the fields that its sentence names.
  public init(stringInterpolation: StringInterpolation) {
    level = .info
    message = stringInterpolation.message
    fields = stringInterpolation.fields
  }

  /// An entry of level `info` that is about nothing in particular.
  public init(stringLiteral message: String) { self.init(message) }
}
