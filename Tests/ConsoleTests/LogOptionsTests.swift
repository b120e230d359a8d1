import Console
import Foundation
import Logging
import Testing

/// What the options of the log make of it.
@Suite struct LogOptionsTests {
  private func arguments(_ line: String) throws -> Arguments {
    let command = Command("serve", "Serves.", options: CommandOption.log) { _ in .success }
    return try Arguments(parsing: line.split(separator: " ").map(String.init), for: command)
  }

  @Test(arguments: [
    "--log-level loud", "--log-format xml", "--log-format journal", "--log-keep 3",
    "--log-size 1M", "--log-size 1M --log-keep 0 --log x",
  ])
  func whatMakesNoSenseIsRefused(_ line: String) throws {
    let arguments = try arguments(line)
    #expect(throws: UsageError.self) { try arguments.checkLog() }
  }

  @Test func aFileTakesWhatIsAskedFor() throws {
    let path = FileManager.default.temporaryDirectory
      .appendingPathComponent("ezkl-log-\(UUID().uuidString)").path
    defer { for name in [path, path + ".1"] { try? FileManager.default.removeItem(atPath: name) } }
    let log = try arguments(
      "--log \(path) --log-level warning --log-format json --log-size 100 --log-keep 1"
    ).logWriter()
    log.write("no")
    for number in 0..<3 { log.write(.error("number \(number)")) }
    let text = try String(contentsOfFile: path, encoding: .utf8)
    #expect(
      text.hasPrefix("{\"level\":\"error\",\"message\":\"number 2\"") && !text.contains("no\""))
    #expect(FileManager.default.fileExists(atPath: path + ".1"))
    let nowhere = try arguments("--log /nowhere/at/all")
    #expect(throws: CommandFailure.self) { _ = try nowhere.logWriter() }
    #expect(try arguments("").logLevel() == .info)
  }
}
