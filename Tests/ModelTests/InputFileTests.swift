import Model
import Testing

@Suite struct InputFileTests {
  @Test func flatAndNestedListsAreEqual() throws {
    let flat = try InputFile(Array(#"{"input_data": [[1, 2.5, -3, 4]], "label": 7}"#.utf8))
    let nested = try InputFile(Array(#"{"input_data": [[[1, 2.5], [-3, 4]]]}"#.utf8))
    #expect(flat.values == [[1, 2.5, -3, 4]])
    #expect(nested.values == flat.values)
  }

  @Test func largeIntegersAndFractionsLoseNothing() throws {
    let file = try InputFile(
      Array(
        #"{"input_data": [[9007199254740993, -9223372036854775808], [0.30000000000000004]]}"#.utf8))
    #expect(file.values[1] == [0.1 + 0.2])
    #expect(
      file.tensors[0]
        != (try InputFile(
          Array(#"{"input_data": [[9007199254740992, -9223372036854775808]]}"#.utf8))).tensors[0])
  }

  @Test(arguments: [
    "", "[]", "{}", #"{"input_data": 3}"#, #"{"input_data": [[1, [2]]]}"#,
    #"{"input_data": [["a", 1]]}"#, #"{"input_data": [[true, {}]]}"#, #"{"input_data": [[1e999]]}"#,
    #"{"input_data": [[Infinity]]}"#, #"{"input_data": [[NaNa]]}"#,
  ])
  func othersAreRefused(_ text: String) {
    #expect(throws: ModelError.self) { try InputFile(Array(text.utf8)) }
  }

  /// Which of two values counts would depend on the reader, and keys that are equal as strings need not be so by their bytes.
  @Test(arguments: [
    #"{"input_data": [[1]], "input_data": [[2]]}"#, #"{"input_data": {"x": [1], "x": [2]}}"#,
    #"{"input_data": {"x": [1], "\u0078": [2]}}"#,
    "{\"input_data\": {\"\u{e9}\": [1], \"e\u{301}\": [2]}}",
    #"[{"input_data": [[1]], "a": {"b": "\\", "b": NaN}}]"#,
  ])
  func keysAreGivenOnce(_ text: String) {
    let error = #expect(throws: ModelError.self) { try InputFile.samples(Array(text.utf8)) }
    #expect("\(String(describing: error))".contains("given twice"))
  }

  @Test func keysOfSeveralObjectsMayBeEqual() throws {
    let text =
      #"[{"input_data": {"x": [1]}, "a": {"x": "{\"x\": 1, \"x\": 2}"}}, {"input_data": {"x": [3]}}]"#
    #expect(try InputFile.samples(Array(text.utf8)).map(\.values) == [[[1]], [[3]]])
  }

  @Test func deepNestingIsRefused() {
    let text = #"{"input_data": "# + String(repeating: "[", count: 200_000)
    #expect(throws: ModelError.self) { try InputFile(Array(text.utf8)) }
    let closed = text + "1" + String(repeating: "]", count: 200_000) + "}"
    #expect(throws: ModelError.self) { try InputFile(Array(closed.utf8)) }
  }
}
