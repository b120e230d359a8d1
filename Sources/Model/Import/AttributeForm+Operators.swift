/// The attributes of every supported operator, with the versions of its operator set that have them; an operator that is not listed
/// has none.
///
/// What is not read and not listed as such decides something that no translation knows: a node that has it is refused. Sources:
/// the operator schemas of ONNX and onnxruntime, which a test compares with (`Fixtures/schemas.json`).
extension AttributeForm {
  typealias Forms = [String: AttributeForm]

  /// The forms of the attributes of an operator in all versions, by name.
  static func all(of op: String, in domain: String) -> Forms {
    switch domain {
    case "ai.onnx.ml": classical[op] ?? [:]
    case "com.microsoft": microsoft[op] ?? [:]
    default: standard[op] ?? [:]
    }
  }

  private static let pool: Forms = [
    "auto_pad": .text, "kernel_shape": .integers, "pads": .integers, "strides": .integers,
  ]
  private static let window = pool.with(["dilations": .integers])
  private static let recurrent: Forms = [
    "activation_alpha": .floats, "activation_beta": .floats, "activations": .texts, "clip": .float,
    "direction": .text, "hidden_size": .integer, "layout": .flag.since(14),
  ]
  /// Of a reduction whose axes are an operand from a version on.
  private static func reduction(_ version: Int = 18) -> Forms {
    [
      "axes": .integers.before(version), "keepdims": .flag,
      "noop_with_empty_axes": .flag.since(version),
    ]
  }
  private static let ensemble: Forms = [
    "base_values": .floats, "base_values_as_tensor": .tensor.since(3),
    "nodes_falsenodeids": .integers,
    "nodes_featureids": .integers,
    "nodes_hitrates": .unread, "nodes_hitrates_as_tensor": .unread.since(3),
    "nodes_missing_value_tracks_true": .flags, "nodes_modes": .texts, "nodes_nodeids": .integers,
    "nodes_treeids": .integers, "nodes_truenodeids": .integers, "nodes_values": .floats,
    "nodes_values_as_tensor": .tensor.since(3), "post_transform": .text,
  ]

  /// The standard domain.
  fileprivate static let standard: [String: Forms] = [
    "AffineGrid": ["align_corners": .flag],
    "ArgMax": ["axis": .integer, "keepdims": .flag, "select_last_index": .flag.since(12)],
    "ArgMin": ["axis": .integer, "keepdims": .flag, "select_last_index": .flag.since(12)],
    "Attention": [
      "is_causal": .flag, "kv_num_heads": .integer, "left_window_size": .integer.since(25),
      "q_num_heads": .integer, "qk_matmul_output_mode": .integer,
      "right_window_size": .integer.since(25),
      "scale": .float, "softcap": .float, "softmax_precision": .unread,
    ],
    "AveragePool": pool.with([
      "ceil_mode": .flag.since(10), "count_include_pad": .flag, "dilations": .integers.since(19),
    ]),
    "BatchNormalization": [
      "epsilon": .float, "momentum": .float, "spatial": .only([1]).before(9),
      "training_mode": .flag.since(14),
    ],
    "BitCast": ["to": .integer],
    "BitShift": ["direction": .text],
    "BlackmanWindow": ["output_datatype": .integer, "periodic": .flag],
    "Cast": ["round_mode": .unread.since(24), "saturate": .unread.since(19), "to": .integer],
    "CastLike": ["round_mode": .unread.since(24), "saturate": .unread.since(19)],
    "Celu": ["alpha": .float],
    "CenterCropPad": ["axes": .integers],
    "Clip": ["max": .float.before(11), "min": .float.before(11)],
    "Col2Im": ["dilations": .integers, "pads": .integers, "strides": .integers],
    "Compress": ["axis": .integer],
    "Concat": ["axis": .integer],
    "Constant": [
      "sparse_value": .sparseTensor.since(11), "value": .tensor, "value_float": .float.since(12),
      "value_floats": .floats.since(12), "value_int": .integer.since(12),
      "value_ints": .integers.since(12),
      "value_string": .text.since(12), "value_strings": .texts.since(12),
    ],
    "ConstantOfShape": ["value": .tensor],
    "Conv": window.with(["group": .integer]),
    "ConvInteger": window.with(["group": .integer]),
    "ConvTranspose": window.with([
      "group": .integer, "output_padding": .integers, "output_shape": .integers,
    ]),
    "CumProd": ["exclusive": .flag, "reverse": .flag],
    "CumSum": ["exclusive": .flag, "reverse": .flag],
    "DFT": ["axis": .integer.before(20), "inverse": .flag, "onesided": .flag],
    "DepthToSpace": ["blocksize": .integer, "mode": .word(["CRD", "DCR"]).since(11)],
    "DequantizeLinear": [
      "axis": .integer.since(13), "block_size": .integer.since(21),
      "output_dtype": .only([0]).since(23),
    ],
    "Dropout": ["ratio": .unread.before(12), "seed": .unread.since(12)],
    "Einsum": ["equation": .text],
    "Elu": ["alpha": .float],
    "EyeLike": ["dtype": .integer, "k": .integer],
    "Flatten": ["axis": .integer],
    "GRU": recurrent.with(["linear_before_reset": .flag]),
    "Gather": ["axis": .integer],
    "GatherElements": ["axis": .integer],
    "GatherND": ["batch_dims": .integer.since(12)],
    "Gelu": ["approximate": .text],
    "Gemm": ["alpha": .float, "beta": .float, "transA": .flag, "transB": .flag],
    "GlobalLpPool": ["p": .integer],
    "GridSample": ["align_corners": .flag, "mode": .text, "padding_mode": .text],
    "GroupNormalization": [
      "epsilon": .float, "num_groups": .integer, "stash_type": .unread.since(21),
    ],
    "HammingWindow": ["output_datatype": .integer, "periodic": .flag],
    "HannWindow": ["output_datatype": .integer, "periodic": .flag],
    "HardSigmoid": ["alpha": .float, "beta": .float],
    "Hardmax": ["axis": .integer],
    "If": ["else_branch": .graph, "then_branch": .graph],
    "InstanceNormalization": ["epsilon": .float],
    "IsInf": ["detect_negative": .flag, "detect_positive": .flag],
    "LRN": ["alpha": .float, "beta": .float, "bias": .float, "size": .integer],
    "LSTM": recurrent.with(["input_forget": .flag]),
    "LayerNormalization": ["axis": .integer, "epsilon": .float, "stash_type": .unread],
    "LeakyRelu": ["alpha": .float],
    "LogSoftmax": ["axis": .integer],
    "Loop": ["body": .graph],
    "LpNormalization": ["axis": .integer, "p": .integer],
    "LpPool": pool.with([
      "ceil_mode": .flag.since(18), "dilations": .integers.since(18), "p": .integer,
    ]),
    "MaxPool": pool.with([
      "ceil_mode": .flag.since(10), "dilations": .integers.since(10),
      "storage_order": .flag.since(8),
    ]),
    "MeanVarianceNormalization": ["axes": .integers.since(9)],
    "Mod": ["fmod": .flag],
    "NegativeLogLikelihoodLoss": ["ignore_index": .integer, "reduction": .text],
    "OneHot": ["axis": .integer],
    "Pad": ["mode": .text, "pads": .integers.before(11), "value": .float.before(11)],
    "QLinearConv": window.with(["group": .integer]),
    "QuantizeLinear": [
      "axis": .integer.since(13), "block_size": .integer.since(21),
      "output_dtype": .integer.since(21), "precision": .only([0]).since(23),
      "saturate": .unread.since(19),
    ],
    "RMSNormalization": ["axis": .integer, "epsilon": .float, "stash_type": .unread],
    "RNN": recurrent,
    "Range": ["stash_type": .unread.since(27)],
    "ReduceL1": reduction(),
    "ReduceL2": reduction(),
    "ReduceLogSum": reduction(),
    "ReduceLogSumExp": reduction(),
    "ReduceMax": reduction(),
    "ReduceMean": reduction(),
    "ReduceMin": reduction(),
    "ReduceProd": reduction(),
    "ReduceSum": reduction(13),
    "ReduceSumSquare": reduction(),
    "Reshape": ["allowzero": .flag.since(14)],
    "Resize": [
      "antialias": .flag.since(18), "axes": .integers.since(18),
      "coordinate_transformation_mode": .text.since(11),
      "cubic_coeff_a": .float.since(11), "exclude_outside": .flag.since(11),
      "extrapolation_value": .float.since(11),
      "keep_aspect_ratio_policy": .text.since(18), "mode": .text, "nearest_mode": .text.since(11),
    ],
    "ReverseSequence": ["batch_axis": .integer, "time_axis": .integer],
    "RotaryEmbedding": [
      "interleaved": .flag, "num_heads": .integer, "rotary_embedding_dim": .integer,
    ],
    "Scan": [
      "body": .graph, "num_scan_inputs": .integer, "scan_input_axes": .integers.since(9),
      "scan_input_directions": .flags.since(9), "scan_output_axes": .integers.since(9),
      "scan_output_directions": .flags.since(9),
    ],
    "Scatter": ["axis": .integer],
    "ScatterElements": ["axis": .integer, "reduction": .text.since(16)],
    "ScatterND": ["reduction": .text.since(16)],
    "Selu": ["alpha": .float, "gamma": .float],
    "Shape": ["end": .integer.since(15), "start": .integer.since(15)],
    "Shrink": ["bias": .float, "lambd": .float],
    "SimplifiedLayerNormalization": ["axis": .integer, "epsilon": .float, "stash_type": .unread],
    "Slice": [
      "axes": .integers.before(10), "ends": .integers.before(10), "starts": .integers.before(10),
    ],
    "Softmax": ["axis": .integer],
    "SoftmaxCrossEntropyLoss": ["ignore_index": .integer, "reduction": .text],
    "SpaceToDepth": ["blocksize": .integer, "mode": .word(["CRD", "DCR"]).since(28)],
    "Split": ["axis": .integer, "num_outputs": .integer.since(18), "split": .integers.before(13)],
    "Squeeze": ["axes": .integers.before(13)],
    "Swish": ["alpha": .float],
    "TensorScatter": ["axis": .integer, "mode": .text],
    "ThresholdedRelu": ["alpha": .float],
    "TopK": [
      "axis": .integer, "k": .integer.before(10), "largest": .flag.since(11),
      "sorted": .flag.since(11),
    ],
    "Transpose": ["perm": .integers],
    "Trilu": ["upper": .flag],
    "Unsqueeze": ["axes": .integers.before(13)],
    "Upsample": ["mode": .text, "scales": .floats.before(9)],
  ]

  /// The domain ai.onnx.ml.
  fileprivate static let classical: [String: Forms] = [
    "Binarizer": ["threshold": .float],
    "FeatureVectorizer": ["inputdimensions": .integers],
    "Imputer": [
      "imputed_value_floats": .floats, "imputed_value_int64s": .integers,
      "replaced_value_float": .float, "replaced_value_int64": .integer,
    ],
    "LabelEncoder": [
      "classes_strings": .texts.before(2), "default_float": .float.since(2),
      "default_int64": .integer,
      "default_string": .text, "default_tensor": .tensor.since(4), "keys_floats": .floats.since(2),
      "keys_int64s": .integers.since(2), "keys_strings": .texts.since(2),
      "keys_tensor": .tensor.since(4),
      "values_floats": .floats.since(2), "values_int64s": .integers.since(2),
      "values_strings": .texts.since(2),
      "values_tensor": .tensor.since(4),
    ],
    "LinearClassifier": [
      "classlabels_ints": .integers, "classlabels_strings": .texts, "coefficients": .floats,
      "intercepts": .floats, "multi_class": .unread, "post_transform": .text,
    ],
    "LinearRegressor": [
      "coefficients": .floats, "intercepts": .floats, "post_transform": .text, "targets": .integer,
    ],
    "Normalizer": ["norm": .text],
    "OneHotEncoder": ["cats_int64s": .integers, "cats_strings": .texts, "zeros": .flag],
    "SVMClassifier": [
      "classlabels_ints": .integers, "classlabels_strings": .texts, "coefficients": .floats,
      "kernel_params": .floats, "kernel_type": .text, "post_transform": .text, "prob_a": .floats,
      "prob_b": .floats, "rho": .floats, "support_vectors": .floats, "vectors_per_class": .integers,
    ],
    "SVMRegressor": [
      "coefficients": .floats, "kernel_params": .floats, "kernel_type": .text,
      "n_supports": .integer, "one_class": .flag, "post_transform": .text, "rho": .floats,
      "support_vectors": .floats,
    ],
    "Scaler": ["offset": .floats, "scale": .floats],
    "TreeEnsemble": [
      "aggregate_function": .integer, "leaf_targetids": .integers, "leaf_weights": .tensor,
      "membership_values": .tensor, "n_targets": .integer, "nodes_falseleafs": .flags,
      "nodes_falsenodeids": .integers, "nodes_featureids": .integers, "nodes_hitrates": .unread,
      "nodes_missing_value_tracks_true": .flags, "nodes_modes": .tensor, "nodes_splits": .tensor,
      "nodes_trueleafs": .flags, "nodes_truenodeids": .integers, "post_transform": .integer,
      "tree_roots": .integers,
    ],
    "TreeEnsembleClassifier": ensemble.with([
      "class_ids": .integers, "class_nodeids": .integers, "class_treeids": .integers,
      "class_weights": .floats, "class_weights_as_tensor": .tensor.since(3),
      "classlabels_int64s": .integers,
      "classlabels_strings": .texts,
    ]),
    "TreeEnsembleRegressor": ensemble.with([
      "aggregate_function": .text, "n_targets": .integer, "target_ids": .integers,
      "target_nodeids": .integers, "target_treeids": .integers, "target_weights": .floats,
      "target_weights_as_tensor": .tensor.since(3),
    ]),
    "ZipMap": ["classlabels_int64s": .integers, "classlabels_strings": .texts],
  ]

  /// The domain com.microsoft.
  fileprivate static let microsoft: [String: Forms] = [
    "Attention": [
      "do_rotary": .flag, "mask_filter_value": .float, "num_heads": .integer,
      "past_present_share_buffer": .flag, "qkv_hidden_sizes": .integers,
      "rotary_embedding_dim": .unread, "scale": .float, "unidirectional": .flag,
    ],
    "CDist": ["metric": .text],
    "DequantizeLinear": ["axis": .integer],
    "EmbedLayerNormalization": ["epsilon": .float, "mask_index_type": .unread],
    "FusedConv": window.with(["activation": .text, "activation_params": .floats, "group": .integer]
    ),
    "FusedGemm": [
      "activation": .text, "activation_alpha": .float, "activation_beta": .float,
      "activation_gamma": .float, "alpha": .float, "beta": .float, "transA": .flag, "transB": .flag,
    ],
    "FusedMatMul": [
      "alpha": .float, "transA": .flag, "transB": .flag, "transBatchA": .flag, "transBatchB": .flag,
    ],
    "MatMulNBits": [
      "K": .integer, "N": .integer, "accuracy_level": .unread, "bits": .integer,
      "block_size": .integer, "weight_prepacked": .integer,
    ],
    "MultiHeadAttention": [
      "mask_filter_value": .float, "num_heads": .integer, "scale": .float, "unidirectional": .flag,
    ],
    "QAttention": [
      "do_rotary": .flag, "mask_filter_value": .float, "num_heads": .integer,
      "past_present_share_buffer": .flag, "scale": .float, "unidirectional": .flag,
    ],
    "QGemm": ["alpha": .float, "transA": .flag, "transB": .flag],
    "QLinearAveragePool": [
      "auto_pad": .text, "ceil_mode": .flag, "channels_last": .flag, "count_include_pad": .flag,
      "kernel_shape": .integers, "pads": .integers, "strides": .integers,
    ],
    "QLinearConcat": ["axis": .integer],
    "QLinearConv": window.with(["channels_last": .flag, "group": .integer]),
    "QLinearGlobalAveragePool": ["channels_last": .flag],
    "QLinearLeakyRelu": ["alpha": .float],
    "QLinearSoftmax": ["axis": .integer, "opset": .integer],
    "QuantizeLinear": ["axis": .integer],
    "QuickGelu": ["alpha": .float],
    "RotaryEmbedding": [
      "interleaved": .flag, "is_packed_batching": .flag, "num_heads": .integer,
      "rotary_embedding_dim": .integer, "scale": .float,
    ],
    "SkipLayerNormalization": ["epsilon": .float],
    "SkipSimplifiedLayerNormalization": ["epsilon": .float],
    "TransposeMatMul": ["alpha": .float, "transA": .flag, "transB": .flag],
    "Trilu": ["upper": .flag],
  ]
}

extension [String: AttributeForm] {
  /// These and others.
  fileprivate func with(_ others: AttributeForm.Forms) -> AttributeForm.Forms {
    merging(others) { _, _ in preconditionFailure("an attribute is listed twice") }
  }
}
