import Testing

import Console

@Suite struct OutputTests {
  @Test(arguments: [
    (0, "0 B"), (957, "957 B"), (1024, "1.0 KiB"), (1536, "1.5 KiB"), (12 << 20, "12 MiB"),
    (Int.max, "8388608 TiB"),
  ])
  func bytes(_ count: Int, _ text: String) { #expect(Human.bytes(count) == text) }

  @Test(arguments: [
    (0.00002, "20 µs"), (0.34, "340 ms"), (4.24, "4.2 s"), (187, "3m 07s"), (7500, "2h 05m"),
    (180_000, "2d 02h"), (-1, "?"), (Double.infinity, "?"), (.nan, "?"),
  ])
  func durations(_ seconds: Double, _ text: String) { #expect(Human.duration(seconds) == text) }

  @Test(arguments: [(0, "0"), (999, "999"), (13562, "13,562"), (-1_000_000, "-1,000,000")])
  func grouped(_ number: Int, _ text: String) { #expect(Human.grouped(number) == text) }

  @Test(arguments: [
    (1.0 / 3, 4, "0.3333"), (-0.00001, 3, "0.000"), (2.5, 0, "3"), (-12.345, 2, "-12.35"),
    (.nan, 2, "nan"), (-Double.infinity, 2, "-inf"),
  ])
  func decimals(_ value: Double, _ digits: Int, _ text: String) {
    #expect(Human.decimal(value, digits: digits) == text)
  }

  @Test(
    arguments: [
      ("0", 0), ("123", 123), ("4G", 4 << 30), ("512MiB", 512 << 20), ("1kb", 1024), ("7B", 7),
      ("", nil), ("G", nil), ("-1", nil), ("4X", nil), ("1.5G", nil), ("99999999999T", nil),
    ] as [(String, Int?)])
  func parsesBytes(_ text: String, _ count: Int?) { #expect(Human.parseBytes(text) == count) }

  @Test(
    arguments: [
      ("90", 90), ("90s", 90), ("15m", 900), ("24h", 86400), ("7d", 604_800), ("", nil),
      ("1w", nil),
      ("9223372036854775807d", nil),
    ] as [(String, Int?)])
  func parsesDurations(_ text: String, _ seconds: Int?) {
    #expect(Human.parseDuration(text) == seconds)
  }

  @Test func controlCharactersNeverReachATerminal() {
    #expect(Human.oneLine("a\u{1b}[31mb\nc\u{9b}d") == "a [31mb c d")
    // Marks of direction, separators of lines and paragraphs, what cannot be seen.
    #expect(Human.oneLine("a\u{202e}b\u{2028}c\u{2029}d\u{200b}e\u{2066}f") == "a b c d e f")
    #expect(Human.oneLine("Müller 机器 e\u{301}") == "Müller 机器 e\u{301}")
  }

  @Test func tablesAlign() {
    var table = Table([.text("name"), .number("bytes")])
    table.add(["w1", "7"])
    table.add(["longer", "12345"])
    #expect(table.rendered() == "name    bytes\nw1          7\nlonger  12345\n")
  }

  @Test func jsonHasSortedKeysAndOneLine() throws {
    struct Pair: Encodable {
      let b = 1
      let a = "x/y"
    }
    #expect(try JSONOutput.text(Pair(), oneLine: true) == "{\"a\":\"x/y\",\"b\":1}\n")
  }
}
