import Foundation
import Model

/// An input made up from a model's declared shapes and types, for plans before there is a real one.
///
/// What a real input makes of the model may need other ranges, hence other circuits.
enum SyntheticInput {
  /// The bytes of an input file for a model.
  ///
  /// - Throws: `badFile` where the model cannot be read or does not fix its shapes.
  static func bytes(forModel model: [UInt8]) throws(CoordinatorError) -> [UInt8] {
    do {
      let lists = try Model.load(model).sampleInput
      return Array(Store.encode(["input_data": lists]).utf8)
    } catch {
      throw CoordinatorError(error)
    }
  }
}
