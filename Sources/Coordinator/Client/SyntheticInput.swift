import Foundation
import Model

/// An input made up from a model's declared shapes, for plans before there is a real one.
///
/// The numbers spread evenly over [-1, 1] and are the same in every run. What a real input makes of the model
/// may need other ranges, hence other circuits.
enum SyntheticInput {
  /// The bytes of an input file for a model.
  ///
  /// - Throws: `badFile` where the model cannot be read or does not fix its shapes.
  static func bytes(forModel model: [UInt8]) throws(CoordinatorError) -> [UInt8] {
    let inputs: [Model.Port]
    do {
      inputs = try Model.load(model).inputs
    } catch {
      throw CoordinatorError(error)
    }
    let lists = inputs.map { (0..<$0.count).map(value) }
    return Array(Store.encode(["input_data": lists]).utf8)
  }

  /// Multiples of the golden ratio modulo 1: any run of them is spread evenly.
  private static func value(_ index: Int) -> Double {
    let turns = Double(index + 1) * 0.618_033_988_749_894_9
    return 2 * (turns - turns.rounded(.down)) - 1
  }
}
