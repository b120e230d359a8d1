import Foundation
import Logging

extension CommandOption {
  /// What a command takes that serves and keeps a log.
  package static let log: [CommandOption] = [
    value("log", "FILE", "where the log goes (default: standard error)"),
    value(
      "log-level", "LEVEL",
      "debug, info, warning or error: what is less is left out (default: info)"),
    value("log-format", "FORMAT", "text or json (default: text; priorities where a journal reads)"),
    value("log-size", "SIZE", "with --log: bytes after which FILE becomes FILE.1 (default: never)"),
    value("log-keep", "N", "with --log-size: old files that are kept (default: 5)"),
  ]
}

extension Arguments {
  /// The writer of the log that the options ask for.
  ///
  /// - Throws: `UsageError` for values that make no sense, `CommandFailure` where the file cannot be written.
  ///
  /// - Parameter json: whether that is the format unless another one is asked for.
  package func logWriter(json: Bool = false) throws -> LogWriter {
    let format = try logFormat() ?? (json ? .json : .text)
    let level = try logLevel()
    let rotation = try logRotation()
    guard let path = string("log") else { return LogWriter(format: format, least: level) }
    do throws(LogFault) {
      let file = try LogFile(path, rotation: rotation)
      return LogWriter(file: file, format: format, least: level)
    } catch {
      throw CommandFailure(.badInput, "--log: '\(error.path)' cannot be written: \(error.reason)")
    }
  }

  /// Checks the options of the log without opening anything.
  package func checkLog() throws {
    _ = try logFormat()
    _ = try logLevel()
    _ = try logRotation()
  }

  /// The level below which entries are left out.
  package func logLevel() throws -> LogLevel {
    try choice("log-level", of: LogLevel.allCases.map(\.rawValue)).flatMap {
      LogLevel(rawValue: $0)
    } ?? .info
  }

  private func logRotation() throws -> LogFile.Rotation? {
    let kept = try int("log-keep", in: 1...1000)
    guard let bytes = try bytes("log-size") else {
      if kept != nil { throw UsageError.missingOption("--log-size (for --log-keep)") }
      return nil
    }
    guard string("log") != nil else { throw UsageError.missingOption("--log (for --log-size)") }
    return LogFile.Rotation(bytes: UInt64(max(1, bytes)), kept: kept ?? 5)
  }

  private func logFormat() throws -> LogFormat? {
    try choice("log-format", of: LogFormat.choices.map(\.rawValue)).flatMap {
      LogFormat(rawValue: $0)
    }
  }
}
