import Foundation
import Model
import ProofAggregation

/// The files that a run is made from.
public struct ModelFiles: Sendable {
  /// What the document calls the model, and its digest.
  public let reference: ProofDocument.ModelReference
  /// The ONNX file.
  public let onnx: [UInt8]
  /// The input file, JSON or arrays of numpy as `ezkl-coord submit` takes them.
  public let input: [UInt8]
  /// More inputs to choose the quantisation from, or settings that a calibration found; nil: the input alone decides.
  public let calibration: [UInt8]?

  /// Collects the files.
  ///
  /// - Parameters:
  ///   - name: what the document calls the model; nothing depends on it.
  ///   - onnx: the ONNX file.
  ///   - input: the input file.
  ///   - calibration: more inputs, or settings; see the property.
  public init(name: String, onnx: [UInt8], input: [UInt8], calibration: [UInt8]? = nil) {
    self.init(
      ProofDocument.ModelReference(name: name, digest: FileDigest(of: onnx)), onnx: onnx,
      input: input, calibration: calibration)
  }

  /// The same for a model whose digest is known.
  package init(
    _ reference: ProofDocument.ModelReference, onnx: [UInt8], input: [UInt8], calibration: [UInt8]?
  ) {
    self.reference = reference
    self.onnx = onnx
    self.input = input
    self.calibration = calibration
  }

  /// Refuses what cannot be read or evaluated, without quantising.
  ///
  /// - Parameters:
  ///   - inputs: what else is known of the model's inputs.
  ///   - committing: whether weights become inputs of the program.
  /// - Throws: `RunError.model` or `calibration`.
  public func check(
    inputs: InputChoices = InputChoices(), committing: Bool
  ) throws(RunError) {
    if try settings() == nil { _ = try samples() }
    do {
      let file = try InputFile(input)
      let model = try Model.load(
        onnx, input: file, choices: inputs, committing: committing, simplifying: false)
      _ = try model.evaluate(model.numbers(of: file))
    } catch {
      throw .model(error)
    }
  }

  /// An input file made up from the shapes and types that a model declares, for plans before there is a real one.
  ///
  /// What a real input makes of the model may need other ranges, hence other circuits.
  /// - Parameters:
  ///   - onnx: the ONNX file.
  ///   - inputs: what else is known of the model's inputs.
  /// - Throws: `RunError.model` where the model cannot be read or does not fix its shapes.
  public static func sampleInput(
    ofModel onnx: [UInt8], inputs: InputChoices = InputChoices()
  ) throws(RunError) -> [UInt8] {
    let lists: [[Double]]
    do {
      lists = try Model.load(onnx, input: nil, choices: inputs).sampleInput
    } catch {
      throw .model(error)
    }
    guard let json = try? JSONEncoder().encode(["input_data": lists]) else {
      preconditionFailure("sample inputs are finite")
    }
    return Array(json)
  }

  /// Whether the calibration file is settings, so that the input decides nothing but its own numbers.
  package var hasSettings: Bool { (try? settings()) != nil }

  /// The settings that the calibration file is; nil where it holds samples, or where there is none.
  func settings() throws(RunError) -> QuantizationSettings? {
    do {
      return try calibration.flatMap { (file) throws(ModelError) in
        try QuantizationSettings.read(file)
      }
    } catch {
      throw .calibration(error)
    }
  }

  /// The samples of the calibration file.
  func samples() throws(RunError) -> [InputFile] {
    try calibration.map { (file) throws(RunError) in try Self.samples(file) } ?? []
  }

  /// The samples of a file.
  static func samples(_ file: [UInt8]) throws(RunError) -> [InputFile] {
    do {
      return try InputFile.samples(file)
    } catch {
      throw .calibration(error)
    }
  }
}
