/// What a line of the log is for; the later, the more urgent.
public enum LogLevel: String, Codable, CaseIterable, Comparable, Sendable {
  /// Every step, for who looks for a fault.
  case debug
  /// What happens in the ordinary course.
  case info
  /// Something went wrong and was dealt with; somebody may want to know.
  case warning
  /// Something is lost, or will be unless somebody does something.
  case error

  /// By urgency.
  public static func < (one: LogLevel, other: LogLevel) -> Bool { one.priority > other.priority }

  /// The priority that syslog has for it: the lower, the more urgent.
  var priority: Int {
    switch self {
    case .debug: 7
    case .info: 6
    case .warning: 4
    case .error: 3
    }
  }
}
