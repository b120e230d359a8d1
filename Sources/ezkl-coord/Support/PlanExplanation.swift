import AleoEZKL
import Console
import Coordinator

extension PlanReport {
  /// Why the plan is as it is, for people: what every circuit is made of, which arguments were chosen, what cuts cost.
  var explanationText: String {
    var text = ""
    for (number, circuit) in circuits.enumerated() {
      guard let explanation = circuit.explanation else { continue }
      let members = chunks.indices.filter { chunks[$0].circuit == number }
      text += "\ncircuit \(number), proven for chunk\(members.count == 1 ? "" : "s") "
      text += members.prefix(8).map(String.init).joined(separator: ", ")
      text += members.count > 8 ? " and \(members.count - 8) more" : ""
      text += "; full by \(explanation.fullest): \(explanation.percent) % of the limit\n"
      var table = Table([.number("constraints"), .number("nonzeros"), .text("for")])
      for part in explanation.parts {
        table.add([
          Human.grouped(part.constraints), Human.grouped(part.nonzeros), Human.oneLine(part.name),
        ])
      }
      text += table.rendered()
      for choice in explanation.choices {
        let (chosen, other) =
          choice.isChecked ? ("checked at a challenge", "directly") : ("directly", "at a challenge")
        let points = [choice.directPoints, choice.checkedPoints]
        text += "'\(Human.oneLine(choice.name))' \(chosen), predicted "
        text += "\(Human.grouped(points[choice.isChecked ? 1 : 0])) points; \(other) it would be "
        text += "\(Human.grouped(points[choice.isChecked ? 0 : 1]))\n"
      }
    }
    guard let cuts, !cuts.isEmpty else { return text }
    text +=
      "\nwhat crosses cuts, hashed where it is made and hashed and range-checked where it is read:\n"
    var table = Table([
      .number("constraints"), .number("elements"), .number("bits"), .text("from"), .text("to"),
      .text("tensor"),
    ])
    for cut in cuts {
      let readers = cut.readers.prefix(4).map(String.init).joined(separator: " ")
      table.add([
        Human.grouped(cut.constraints), Human.grouped(cut.elements), String(cut.bits),
        cut.maker.map { "chunk \($0)" } ?? "model",
        cut.readers.isEmpty
          ? "model" : readers + (cut.readers.count > 4 ? " and \(cut.readers.count - 4) more" : ""),
        Human.oneLine(cut.tensor),
      ])
    }
    return text + table.rendered()
  }
}
