import Testing

import Console

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

  @Test func readsEndpoints() throws {
    let plain = try Arguments.endpoint("example.org:9000", name: "--to")
    #expect(plain.host == "example.org" && plain.port == 9000)
    let six = try Arguments.endpoint("[::1]:0", name: "--to")
    #expect(six.host == "::1" && six.port == 0)
    for bad in ["", "host", ":9", "host:", "host:70000", "host:-1", "a b:1"] {
      #expect(throws: UsageError.self) { try Arguments.endpoint(bad, name: "--to") }
    }
  }

  @Test func editDistanceCountsEdits() {
    #expect(editDistance(Array("kitten"), Array("sitting")) == 3)
    #expect(editDistance(Array(""), Array("abc")) == 3)
    #expect(nearest("verfy", among: ["verify", "serve"]) == "verify")
    #expect(nearest("qqq", among: ["verify", "serve"]) == nil)
  }
}
