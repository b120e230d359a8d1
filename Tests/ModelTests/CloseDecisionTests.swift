import Model
import Testing

/// Decisions that the program's numbers are too coarse to be sure of.
@Suite struct CloseDecisionTests {
  private func subject(_ name: String) throws -> (Model, [[Double]]) {
    let cases: [OperatorTests.Case] = try OperatorTests.fixtures("hard_numbers")
    let test = try #require(cases.first { $0.name == name })
    return (try test.load(), test.input_data)
  }

  @Test func aRightAnswerBesideATieIsNamed() throws {
    let (model, input) = try subject("tie")
    let quantized = try model.quantized(calibration: [input])
    #expect(try quantized.refusal(by: .standard, input) == nil)
    let close = try quantized.closeDecisions([input])
    let decision = try #require(close.first.first)
    #expect(close.nodes == 1 && close.lines.count == 1)
    #expect(!decision.differs && decision.element == 0 && decision.others == 0)
    #expect(decision.margin > 0 && decision.margin < decision.error && decision.error < 1e-2)
    for part in ["ArgMax#0 decides element 0", "by a margin of 6", "off by"] {
      #expect(close.lines[0].contains(part), "\(close.lines)")
    }
  }

  @Test func aClearAnswerIsNot() throws {
    let (model, input) = try subject("no tie")
    let close = try model.quantized(calibration: [input]).closeDecisions([input])
    #expect(close.nodes == 0 && close.lines.isEmpty)
  }

  @Test func anotherDecisionIsNamedFirst() throws {
    let (model, input) = try subject("rounding by a hair")
    var settings = try model.quantized(calibration: [input]).settings
    settings.inputWidths[0] = 8
    settings.inputScaleBits[0] = 5
    let close = try QuantizedModel(model, settings: settings).closeDecisions([input, input])
    let decision = try #require(close.first.first)
    #expect(decision.differs && decision.node == "Floor#0" && decision.others > 0)
    #expect(close.lines[0].contains("Floor#0 decides otherwise"), "\(close.lines)")
    #expect(close.lines[0].contains("more elements"), "\(close.lines)")
  }

  @Test func manyNodesAreCounted() throws {
    let (model, input) = try subject("tie")
    let close = try model.quantized(calibration: [input]).closeDecisions([input], atMost: 0)
    #expect(close.first.isEmpty && close.lines == ["1 more nodes decide as closely"])
  }
}
