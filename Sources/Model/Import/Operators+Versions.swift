/// In which versions of their operator sets operators exist, where these are not all that are supported.
///
/// Runtimes refuse an operator before its first version, and one that was replaced from the version on that says so. Sources: the
/// operator schemas of ONNX and onnxruntime, which a test compares with (`Fixtures/schemas.json`).
extension Operators {
  /// The versions of its operator set that have a supported operator.
  static func versions(of op: String, in domain: String) -> Range<Int> {
    switch domain {
    case "", "ai.onnx": removed[op] ?? (added[op] ?? 0)..<Int.max
    case "ai.onnx.ml": classicalVersions[op] ?? 0..<Int.max
    default: 0..<Int.max
    }
  }

  /// The first versions.
  private static let added: [String: Int] = [
    "Acosh": 9, "AffineGrid": 20, "Asinh": 9, "Atanh": 9, "Attention": 23, "BitCast": 26,
    "BitShift": 11, "BitwiseAnd": 18, "BitwiseNot": 18, "BitwiseOr": 18, "BitwiseXor": 18,
    "BlackmanWindow": 17, "CastLike": 15, "Celu": 12, "CenterCropPad": 18, "Col2Im": 18,
    "Compress": 9, "ConstantOfShape": 9, "ConvInteger": 10, "Cosh": 9, "CumProd": 26,
    "CumSum": 11, "DFT": 17, "DequantizeLinear": 10, "Det": 11, "DynamicQuantizeLinear": 11,
    "Einsum": 12, "Erf": 9, "Expand": 8, "EyeLike": 9, "GatherElements": 11, "GatherND": 11,
    "Gelu": 20, "GreaterOrEqual": 12, "GridSample": 16, "GroupNormalization": 18,
    "HammingWindow": 17, "HannWindow": 17, "HardSwish": 14, "IsInf": 10, "IsNaN": 9,
    "LessOrEqual": 12, "MatMulInteger": 10, "Mish": 18, "Mod": 10,
    "NegativeLogLikelihoodLoss": 12, "NonZero": 9, "OneHot": 9, "QLinearConv": 10,
    "QLinearMatMul": 10, "QuantizeLinear": 10, "RMSNormalization": 23, "Range": 11,
    "Resize": 10, "ReverseSequence": 10, "RotaryEmbedding": 23, "Round": 11, "Scan": 8,
    "ScatterElements": 11, "ScatterND": 11, "Shrink": 9, "Sign": 9, "Sinh": 9,
    "SoftmaxCrossEntropyLoss": 12, "Swish": 24, "TensorScatter": 24, "Trilu": 14, "Where": 9,
  ]

  /// Operators that others replaced.
  private static let removed: [String: Range<Int>] = ["Scatter": 9..<11, "Upsample": 0..<10]

  private static let classicalVersions: [String: Range<Int>] = [
    "TreeEnsemble": 5..<Int.max, "TreeEnsembleClassifier": 0..<5, "TreeEnsembleRegressor": 0..<5,
  ]
}
