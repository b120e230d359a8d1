import Testing

import Console
import Foundation

private let sample = Command(
  "submit", "Proves a model.",
  positionals: [Positional("MODEL", "the model"), Positional("EXTRA", "more", optional: true)],
  options: [
    .value("input", "FILE", "input", required: true),
    .value("workers", "N", "workers"),
    .value("memory", "SIZE", "memory"),
    .value("expires", "TIME", "life"),
    .value("tag", "WORD", "tags", repeated: true),
    .value("aggregate", "MODE", "how"),
    .json,
  ],
  acceptsRest: true
) { _ in .success }

private func parse(_ line: String) throws(UsageError) -> Arguments {
  try Arguments(parsing: line.split(separator: " ").map(String.init), for: sample)
}

@Suite struct ArgumentsTests {
  @Test func readsEveryKindOfWord() throws {
    let a = try parse("m.onnx --input=in.json --tag a --workers 3 --tag b --json x -- --y z")
    #expect(a.positionals == ["m.onnx", "x"])
    #expect(a.string("input") == "in.json")
    #expect(a.strings("tag") == ["a", "b"])
    #expect(try a.int("workers", in: 1...8) == 3)
    #expect(a.has("json"))
    #expect(a.rest == ["--y", "z"])
    #expect(a.positional(2) == nil)
    #expect(a.string("aggregate") == nil)
  }

  @Test func emptyValueAfterEqualsIsKept() throws {
    #expect(try parse("m --input=").string("input") == "")
    #expect(try parse("m --input=a=b").string("input") == "a=b")
  }

  @Test(arguments: [
    ("--input i", UsageError.missingArgument("MODEL")),
    ("m", .missingOption("--input FILE")),
    ("m --input", .missingValue(option: "--input", expected: "FILE")),
    ("m --input --json", .missingValue(option: "--input", expected: "FILE")),
    ("m --input i --input j", .repeatedOption("--input")),
    ("m --inptu i", .unknownOption("--inptu", suggestion: "--input")),
    ("m --zzzzzzzz i", .unknownOption("--zzzzzzzz", suggestion: nil)),
    ("m --input i --json=yes", .unexpectedValue(flag: "--json")),
    ("m n o --input i", .unexpectedArgument("o")),
  ])
  func refuses(_ line: String, _ expected: UsageError) {
    #expect(throws: expected) { try parse(line) }
  }

  @Test(arguments: ["0", "9", "x", "1.5", "", "99999999999999999999"])
  func refusesNumbersOutsideTheRange(_ text: String) throws {
    let a = try parse("m --input i --workers=\(text)")
    #expect(throws: UsageError.self) { try a.int("workers", in: 1...8) }
  }

  @Test func readsSizesTimesAndChoices() throws {
    let a = try parse("m --input i --memory 2GiB --expires 24h --aggregate none")
    #expect(try a.bytes("memory") == 2 << 30)
    #expect(try a.duration("expires") == 86400)
    #expect(try a.choice("aggregate", of: ["batch", "none"]) == "none")
    #expect(throws: UsageError.self) { try a.choice("aggregate", of: ["batch"]) }
    #expect(throws: UsageError.self) { try a.bytes("aggregate") }
  }

  @Test func anotherParsersErrorIsShown() throws {
    struct Odd: Error, CustomStringConvertible { let description = "it is odd" }
    func even(_ text: String) throws(Odd) -> Int {
      guard let number = Int(text), number.isMultiple(of: 2) else { throw Odd() }
      return number
    }
    #expect(try Arguments.parsed("4", name: "--n", as: "a number", by: even) == 4)
    #expect(
      throws: UsageError.invalidValue(name: "--n", value: "3", expected: "a number: it is odd")
    ) { try Arguments.parsed("3", name: "--n", as: "a number", by: even) }
  }

  @Test func secretsComeFromTheLineAFileOrTheEnvironment() throws {
    let command = Command(
      "c", "C.", options: [.value("key", "K", "k"), .value("key-file", "FILE", "f")]
    ) { _ in .success }
    func secret(_ words: [String], _ variable: String? = nil) throws -> String? {
      try Arguments(parsing: words, for: command).secret("key", variable: "KEY") { name in
        name == "KEY" ? variable : nil
      }
    }
    let path = FileManager.default.temporaryDirectory.appendingPathComponent(
      "console-tests-\(UUID().uuidString)"
    ).path
    defer { try? FileManager.default.removeItem(atPath: path) }
    try Data("\n  from a file \n\n".utf8).write(to: URL(fileURLWithPath: path))
    #expect(try secret([]) == nil)
    #expect(try secret([], "") == nil)
    #expect(try secret([], "from outside") == "from outside")
    #expect(try secret(["--key", "word"], "from outside") == "word")
    #expect(try secret(["--key-file", path], "from outside") == "from a file")
    #expect(throws: UsageError.conflict("--key", "--key-file")) {
      try secret(["--key", "word", "--key-file", path])
    }
    #expect(throws: CommandFailure.self) { try secret(["--key-file", path + ".not"]) }
    for contents in ["", "  \n", String(repeating: "x", count: 5000)] {
      try Data(contents.utf8).write(to: URL(fileURLWithPath: path))
      #expect(throws: CommandFailure.self) { try secret(["--key-file", path]) }
    }
  }

  @Test func editDistanceCountsEdits() {
    #expect(editDistance(Array("kitten"), Array("sitting")) == 3)
    #expect(editDistance(Array(""), Array("abc")) == 3)
    #expect(nearest("verfy", among: ["verify", "serve"]) == "verify")
    #expect(nearest("qqq", among: ["verify", "serve"]) == nil)
  }
}
