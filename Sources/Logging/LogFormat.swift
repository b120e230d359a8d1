import Foundation

/// How an entry becomes a line.
public enum LogFormat: String, CaseIterable, Sendable {
  /// Time, level and sentence.
  case text
  /// An object with `time`, `level`, `message` and the fields that there are.
  case json
  /// A priority as `sd-daemon(3)` has it, and the sentence: a journal knows the time.
  case journal

  /// What options may say; a journal is recognised.
  public static let choices: [LogFormat] = [.text, .json]

  /// The line without its end, at a time in seconds since 1970.
  public func line(_ entry: LogEntry, at time: Double) -> String {
    switch self {
    case .text: "\(Self.timeText(time)) \(entry.level.rawValue) \(Self.oneLine(entry.message))"
    case .journal: "<\(entry.level.priority)>\(Self.oneLine(entry.message))"
    case .json: Self.json(entry, at: time)
    }
  }

  private struct Line: Encodable {
    enum Key: String, CodingKey { case time, level, message }
    let time: String
    let entry: LogEntry

    func encode(to encoder: any Encoder) throws {
      try entry.fields.encode(to: encoder)
      var members = encoder.container(keyedBy: Key.self)
      try members.encode(time, forKey: .time)
      try members.encode(entry.level, forKey: .level)
      try members.encode(entry.message, forKey: .message)
    }
  }

  private static func json(_ entry: LogEntry, at time: Double) -> String {
    var entry = entry
    // No number of JSON stands for it.
    if entry.fields.seconds?.isFinite == false { entry.fields.seconds = nil }
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    guard let data = try? encoder.encode(Line(time: timeText(time), entry: entry)) else {
      preconditionFailure("texts and finite numbers can be encoded")
    }
    return String(decoding: data, as: UTF8.self)
  }

  private static func timeText(_ seconds: Double) -> String {
    Date(timeIntervalSince1970: seconds).formatted(.iso8601)
  }

  /// Without characters that break lines or drive terminals.
  static func oneLine(_ text: String) -> String {
    let isPlain = text.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value < 0x7f }
    if isPlain { return text }
    return String(
      String.UnicodeScalarView(
        text.unicodeScalars.map { scalar in
          switch scalar.properties.generalCategory {
          case .control, .lineSeparator, .paragraphSeparator, .format: " "
          default: scalar
          }
        }))
  }
}
