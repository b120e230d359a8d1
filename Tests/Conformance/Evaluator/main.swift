import Foundation
import Model

/// Reads lines `{"model": PATH, "input": PATH}` and answers each with what the model gives: by the reference, by the integer
/// program, and whether that can be cut into circuits. Nothing is proven.

/// What a line asks for.
struct Request: Decodable {
  var model: String
  var input: String
  /// Whether the program is also cut into circuits.
  var plan: Bool?
}

/// Outputs, or why there are none.
struct Answer: Encodable {
  struct Output: Encodable {
    var name: String
    var type: String
    var shape: [Int]
    /// The reference's elements as text: decimal integers, or doubles with all digits.
    var reference: [String]
    /// The integer program's elements; nil where there is no program.
    var program: [String]?
  }

  var outputs: [Output]?
  var refusal: String?
  var stage: String?
}

func texts(_ numbers: Numbers) -> [String] {
  switch numbers {
  case .reals(let list): list.map { "\($0)" }
  case .integers(let list): list.map { "\($0)" }
  }
}

func answer(_ request: Request) -> Answer {
  var stage = "load"
  var outputs: [Answer.Output] = []
  do {
    func bytes(_ path: String) throws -> [UInt8] {
      [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
    }
    let file = try InputFile(bytes(request.input))
    let model = try Model.load(bytes(request.model), input: file)
    stage = "reference"
    let numbers = try model.numbers(of: file)
    let reference = try model.evaluate(numbers)
    outputs = zip(model.outputs, reference).map {
      Answer.Output(name: $0.name, type: $0.type, shape: $0.shape, reference: texts($1))
    }
    stage = "quantise"
    let quantized = try model.quantized(calibration: [model.values(of: file)])
    stage = "run"
    let results = try quantized.run(numbers).outputs
    stage = "judge"
    let judgement = try quantized.judgement(by: .standard, numbers)
    guard judgement.holds else {
      return Answer(outputs: outputs, refusal: judgement.failures[0], stage: stage)
    }
    for (index, list) in results.enumerated() { outputs[index].program = list.map { "\($0)" } }
    if request.plan ?? true {
      stage = "plan"
      let limits = PlanLimits(constraints: 1 << 16, variables: 1 << 16, nonzeros: 1 << 16)
      let request = PlanRequest(workers: 1, limits: limits)
      // That there is a cut is all that is asked.
      do {
        _ = try Plan.make(graph: quantized.integerGraph, request: request, strategy: .whole)
      } catch {
        _ = try Plan.make(graph: quantized.integerGraph, request: request)
      }
    }
    return Answer(outputs: outputs)
  } catch {
    return Answer(outputs: outputs.isEmpty ? nil : outputs, refusal: "\(error)", stage: stage)
  }
}

let encoder = JSONEncoder()
encoder.outputFormatting = .withoutEscapingSlashes
while let line = readLine() {
  guard let request = try? JSONDecoder().decode(Request.self, from: Data(line.utf8)) else {
    FileHandle.standardError.write(Data("not a request: \(line)\n".utf8))
    exit(2)
  }
  FileHandle.standardOutput.write(try encoder.encode(answer(request)) + Data("\n".utf8))
}
