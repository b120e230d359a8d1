import Model
import Testing

@Suite struct InputFileTests {
  @Test func flatAndNestedListsAreEqual() throws {
    let flat = try InputFile(Array(#"{"input_data": [[1, 2.5, -3, 4]], "label": 7}"#.utf8))
    let nested = try InputFile(Array(#"{"input_data": [[[1, 2.5], [-3, 4]]]}"#.utf8))
    #expect(flat == nested)
    #expect(flat.values == [[1, 2.5, -3, 4]])
  }

  @Test(arguments: [
    "", "[]", "{}", #"{"input_data": 3}"#, #"{"input_data": [3]}"#,
    #"{"input_data": [["a"]]}"#, #"{"input_data": [[null]]}"#, #"{"input_data": [[1e999]]}"#,
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
