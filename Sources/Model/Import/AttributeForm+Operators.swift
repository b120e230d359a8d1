/// The attributes of every supported operator, those of all its versions; an operator that is not listed has none.
///
/// What is not read and not listed as such decides something that no translation knows: a node that has it is refused. Sources:
/// the operator schemas of ONNX and onnxruntime.
extension AttributeForm {
  typealias Forms = [String: AttributeForm]

  /// The forms of the attributes of a node's operator, by name.
  static func all(of node: OnnxModel.Node) -> Forms {
    switch node.domain {
    case "ai.onnx.ml": classical[node.op] ?? [:]
    case "com.microsoft": microsoft[node.op] ?? [:]
    default: standard[node.op] ?? [:]
    }
  }

  private static let window: Forms = [
    "auto_pad": .text, "dilations": .integers, "kernel_shape": .integers, "pads": .integers,
    "strides": .integers,
  ]
  private static let recurrent: Forms = [
    "activation_alpha": .floats, "activation_beta": .floats, "activations": .texts, "clip": .float,
    "direction": .text, "hidden_size": .integer, "layout": .flag,
  ]
  private static let reduction: Forms = [
    "axes": .integers, "keepdims": .flag, "noop_with_empty_axes": .flag,
  ]
  private static let ensemble: Forms = [
    "base_values": .floats, "base_values_as_tensor": .tensor, "nodes_falsenodeids": .integers,
    "nodes_featureids": .integers,
    "nodes_hitrates": .unread, "nodes_hitrates_as_tensor": .unread,
    "nodes_missing_value_tracks_true": .flags, "nodes_modes": .texts, "nodes_nodeids": .integers,
    "nodes_treeids": .integers, "nodes_truenodeids": .integers, "nodes_values": .floats,
    "nodes_values_as_tensor": .tensor, "post_transform": .text,
  ]

  /// The standard domain.
  fileprivate static let standard: [String: Forms] = [
    "AffineGrid": ["align_corners": .flag],
    "ArgMax": ["axis": .integer, "keepdims": .flag, "select_last_index": .flag],
    "ArgMin": ["axis": .integer, "keepdims": .flag, "select_last_index": .flag],
    "Attention": [
      "is_causal": .flag, "kv_num_heads": .integer, "left_window_size": .integer,
      "q_num_heads": .integer, "qk_matmul_output_mode": .integer, "right_window_size": .integer,
      "scale": .float, "softcap": .float, "softmax_precision": .unread,
    ],
    "AveragePool": window.with(["ceil_mode": .flag, "count_include_pad": .flag]),
    "BatchNormalization": [
      "epsilon": .float, "momentum": .float, "spatial": .only([1]), "training_mode": .flag,
    ],
    "BitCast": ["to": .integer],
    "BitShift": ["direction": .text],
    "BlackmanWindow": ["output_datatype": .integer, "periodic": .flag],
    "Cast": ["round_mode": .unread, "saturate": .unread, "to": .integer],
    "CastLike": ["round_mode": .unread, "saturate": .unread],
    "Celu": ["alpha": .float],
    "CenterCropPad": ["axes": .integers],
    "Clip": ["max": .float, "min": .float],
    "Col2Im": ["dilations": .integers, "pads": .integers, "strides": .integers],
    "Compress": ["axis": .integer],
    "Concat": ["axis": .integer],
    "Constant": [
      "sparse_value": .sparseTensor, "value": .tensor, "value_float": .float,
      "value_floats": .floats, "value_int": .integer, "value_ints": .integers,
      "value_string": .text, "value_strings": .texts,
    ],
    "ConstantOfShape": ["value": .tensor],
    "Conv": window.with(["group": .integer]),
    "ConvInteger": window.with(["group": .integer]),
    "ConvTranspose": window.with([
      "group": .integer, "output_padding": .integers, "output_shape": .integers,
    ]),
    "CumProd": ["exclusive": .flag, "reverse": .flag],
    "CumSum": ["exclusive": .flag, "reverse": .flag],
    "DFT": ["axis": .integer, "inverse": .flag, "onesided": .flag],
    "DepthToSpace": ["blocksize": .integer, "mode": .word(["CRD", "DCR"])],
    "DequantizeLinear": ["axis": .integer, "block_size": .integer, "output_dtype": .only([0])],
    "Dropout": ["ratio": .unread, "seed": .unread],
    "Einsum": ["equation": .text],
    "Elu": ["alpha": .float],
    "EyeLike": ["dtype": .integer, "k": .integer],
    "Flatten": ["axis": .integer],
    "GRU": recurrent.with(["linear_before_reset": .flag]),
    "Gather": ["axis": .integer],
    "GatherElements": ["axis": .integer],
    "GatherND": ["batch_dims": .integer],
    "Gelu": ["approximate": .text],
    "Gemm": ["alpha": .float, "beta": .float, "transA": .flag, "transB": .flag],
    "GlobalLpPool": ["p": .integer],
    "GridSample": ["align_corners": .flag, "mode": .text, "padding_mode": .text],
    "GroupNormalization": ["epsilon": .float, "num_groups": .integer, "stash_type": .unread],
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
    "LpPool": window.with(["ceil_mode": .flag, "p": .integer]),
    "MaxPool": window.with(["ceil_mode": .flag, "storage_order": .flag]),
    "MeanVarianceNormalization": ["axes": .integers],
    "Mod": ["fmod": .flag],
    "NegativeLogLikelihoodLoss": ["ignore_index": .integer, "reduction": .text],
    "OneHot": ["axis": .integer],
    "Pad": ["mode": .text, "pads": .integers, "value": .float],
    "QLinearConv": window.with(["group": .integer]),
    "QuantizeLinear": [
      "axis": .integer, "block_size": .integer, "output_dtype": .integer, "precision": .only([0]),
      "saturate": .unread,
    ],
    "RMSNormalization": ["axis": .integer, "epsilon": .float, "stash_type": .unread],
    "RNN": recurrent,
    "Range": ["stash_type": .unread],
    "ReduceL1": reduction,
    "ReduceL2": reduction,
    "ReduceLogSum": reduction,
    "ReduceLogSumExp": reduction,
    "ReduceMax": reduction,
    "ReduceMean": reduction,
    "ReduceMin": reduction,
    "ReduceProd": reduction,
    "ReduceSum": reduction,
    "ReduceSumSquare": reduction,
    "Reshape": ["allowzero": .flag],
    "Resize": [
      "antialias": .flag, "axes": .integers, "coordinate_transformation_mode": .text,
      "cubic_coeff_a": .float, "exclude_outside": .flag, "extrapolation_value": .float,
      "keep_aspect_ratio_policy": .text, "mode": .text, "nearest_mode": .text,
    ],
    "ReverseSequence": ["batch_axis": .integer, "time_axis": .integer],
    "RotaryEmbedding": [
      "interleaved": .flag, "num_heads": .integer, "rotary_embedding_dim": .integer,
    ],
    "Scan": [
      "body": .graph, "num_scan_inputs": .integer, "scan_input_axes": .integers,
      "scan_input_directions": .flags, "scan_output_axes": .integers,
      "scan_output_directions": .flags,
    ],
    "Scatter": ["axis": .integer],
    "ScatterElements": ["axis": .integer, "reduction": .text],
    "ScatterND": ["reduction": .text],
    "Selu": ["alpha": .float, "gamma": .float],
    "Shape": ["end": .integer, "start": .integer],
    "Shrink": ["bias": .float, "lambd": .float],
    "SimplifiedLayerNormalization": ["axis": .integer, "epsilon": .float, "stash_type": .unread],
    "Slice": ["axes": .integers, "ends": .integers, "starts": .integers],
    "Softmax": ["axis": .integer],
    "SoftmaxCrossEntropyLoss": ["ignore_index": .integer, "reduction": .text],
    "SpaceToDepth": ["blocksize": .integer, "mode": .word(["CRD", "DCR"])],
    "Split": ["axis": .integer, "num_outputs": .integer, "split": .integers],
    "Squeeze": ["axes": .integers],
    "Swish": ["alpha": .float],
    "TensorScatter": ["axis": .integer, "mode": .text],
    "ThresholdedRelu": ["alpha": .float],
    "TopK": ["axis": .integer, "k": .integer, "largest": .flag, "sorted": .flag],
    "Transpose": ["perm": .integers],
    "Trilu": ["upper": .flag],
    "Unsqueeze": ["axes": .integers],
    "Upsample": ["mode": .text, "scales": .floats],
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
      "classes_strings": .texts, "default_float": .float, "default_int64": .integer,
      "default_string": .text, "default_tensor": .tensor, "keys_floats": .floats,
      "keys_int64s": .integers, "keys_strings": .texts, "keys_tensor": .tensor,
      "values_floats": .floats, "values_int64s": .integers, "values_strings": .texts,
      "values_tensor": .tensor,
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
      "class_weights": .floats, "class_weights_as_tensor": .tensor, "classlabels_int64s": .integers,
      "classlabels_strings": .texts,
    ]),
    "TreeEnsembleRegressor": ensemble.with([
      "aggregate_function": .text, "n_targets": .integer, "target_ids": .integers,
      "target_nodeids": .integers, "target_treeids": .integers, "target_weights": .floats,
      "target_weights_as_tensor": .tensor,
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
