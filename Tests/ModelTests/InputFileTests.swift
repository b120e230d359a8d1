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

  @Test func deepNestingIsRefused() {
    let text = #"{"input_data": "# + String(repeating: "[", count: 200_000)
    #expect(throws: ModelError.self) { try InputFile(Array(text.utf8)) }
    let closed = text + "1" + String(repeating: "]", count: 200_000) + "}"
    #expect(throws: ModelError.self) { try InputFile(Array(closed.utf8)) }
  }
}
