import Foundation
import Logging
import Testing

@Suite struct LogEntryTests {
  @Test func interpolationsAreFieldsAsWell() {
    let entry: LogEntry = .warning(
      "job \(job: "j1"): worker \(worker: "w1", "name") took \(seconds: 1.23456) for step \(step: 3) of \(task: 9), \(7)"
    )
    #expect(
      entry.message == "job j1: worker name (w1) took 1.235 s for step 3 of 9, 7")
    var fields = LogFields()
    (fields.job, fields.worker, fields.seconds, fields.step, fields.task) = (
      "j1", "w1", 1.235, "3", 9
    )
    #expect(entry.fields == fields && entry.level == .warning)
    #expect(LogEntry("plain").fields == LogFields())
  }

  @Test func levelsAreOrdered() {
    #expect(LogLevel.allCases == LogLevel.allCases.sorted())
    #expect(LogLevel.error > .warning && LogLevel.debug < .info)
  }

  @Test func everyFormatHasItsLine() throws {
    let entry: LogEntry = .error("client \(client: "c")\u{1b}[31m\nsecond")
    #expect(
      LogFormat.text.line(entry, at: 1_800_000_000)
        == "2027-01-15T08:00:00Z error client c [31m second")
    #expect(LogFormat.journal.line(entry, at: 0) == "<3>client c [31m second")
    let json = LogFormat.json.line(entry, at: 1_800_000_000)
    #expect(!json.contains("\n"))
    let object = try JSONSerialization.jsonObject(with: Data(json.utf8)) as? [String: String]
    #expect(
      object == [
        "time": "2027-01-15T08:00:00Z", "level": "error", "client": "c",
        "message": "client c\u{1b}[31m\nsecond",
      ])
    #expect(LogFormat.json.line(LogEntry("x").with { $0.seconds = .nan }, at: 0).contains("\"x\""))
  }
}

@Suite struct LogFileTests {
  private let folder = FileManager.default.temporaryDirectory.appendingPathComponent(
    "ezkl-log-\(UUID().uuidString)")

  init() throws {
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  }

  private func path(_ name: String) -> String { folder.appendingPathComponent(name).path }

  private func text(_ name: String) -> String? {
    try? String(contentsOfFile: path(name), encoding: .utf8)
  }

  @Test func aLargeFileMakesWayAndOldOnesGo() throws {
    defer { try? FileManager.default.removeItem(at: folder) }
    let file = try LogFile(path("log"), rotation: LogFile.Rotation(bytes: 12, kept: 2))
    for number in 1...7 { file.write("line\(number)") }
    #expect(text("log") == "line7\n")
    #expect(text("log.1") == "line5\nline6\n" && text("log.2") == "line3\nline4\n")
    #expect(text("log.3") == nil)
    // A line longer than a file may be is written nevertheless, and what was there counts after a start.
    try LogFile(path("log"), rotation: LogFile.Rotation(bytes: 12, kept: 2)).write(
      "a line that is long")
    #expect(text("log") == "a line that is long\n" && text("log.1") == "line7\n")
    let mode = try FileManager.default.attributesOfItem(atPath: path("log"))[.posixPermissions]
    #expect(mode as? Int == 0o600)
  }

  @Test func aRenamedFileIsOpenedAnew() throws {
    defer { try? FileManager.default.removeItem(at: folder) }
    let file = try LogFile(path("log"))
    file.write("one")
    try FileManager.default.moveItem(atPath: path("log"), toPath: path("old"))
    file.write("two")
    file.reopen()
    file.write("three")
    #expect(text("old") == "one\ntwo\n" && text("log") == "three\n")
    let nowhere = path("none/log")
    #expect(throws: LogFault.self) { try LogFile(nowhere) }
  }

  /// Opening a pipe that nobody reads would not return.
  @Test func aPipeIsNoLogFile() throws {
    defer { try? FileManager.default.removeItem(at: folder) }
    let pipe = path("pipe")
    try #require(mkfifo(pipe, 0o600) == 0)
    #expect(throws: LogFault.self) { try LogFile(pipe) }
    let reader = open(pipe, O_RDONLY | O_NONBLOCK)
    #expect(throws: LogFault.self) { try LogFile(pipe) }
    close(reader)
    let file = try LogFile(path("log"))
    try FileManager.default.removeItem(atPath: path("log"))
    try #require(mkfifo(path("log"), 0o600) == 0)
    file.reopen()
    file.write("goes on into the old one")
    _ = try LogFile("/dev/null")
  }

  @Test func aWriterLeavesOutLowerLevelsAndKnowsAJournal() throws {
    defer { try? FileManager.default.removeItem(at: folder) }
    try #require(FileManager.default.createFile(atPath: path("stream"), contents: nil))
    let handle = try #require(FileHandle(forWritingAtPath: path("stream")))
    var info = stat()
    try #require(fstat(handle.fileDescriptor, &info) == 0)
    let stream = "\(info.st_dev):\(info.st_ino)"
    let writer = LogWriter(descriptor: handle.fileDescriptor, least: .info) {
      $0 == "JOURNAL_STREAM" ? stream : nil
    }
    writer.write(.debug("no"))
    writer.write("yes")
    writer.level = .error
    writer.write(.warning("no"))
    writer.write(.error("bad"))
    #expect(text("stream") == "<6>yes\n<3>bad\n")
    let other = LogWriter(descriptor: handle.fileDescriptor) { _ in "1:1" }
    other.write("later")
    #expect(text("stream")?.hasSuffix("Z info later\n") == true)
  }
}
