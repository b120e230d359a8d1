extension PrecisionSearch {
  /// Attempts that a refinement makes at most; fewer for large models, whose attempts take long.
  private var attempts: Int {
    let work = model.graph.steps.reduce(1) { sum, step in
      guard case .affine(let map) = step.kind else {
        return sum + model.graph.values[step.output].count
      }
      return sum + map.entryCount
    }
    return min(240, 400_000_000 / (work * (1 + calibration.count)))
  }

  /// Takes bits from single values where that saves constraints and the outputs stay within the tolerance.
  ///
  /// The values with most elements come first. Uniform bits are what the value that needs most asks for; most others
  /// can do with fewer.
  func refined(_ start: Attempt) -> Attempt {
    guard start.error <= options.tolerance else { return start }
    var best = start
    var cost = start.model.predictedCost
    var left = attempts
    let graph = model.graph
    let order = graph.steps.map(\.output)
      .filter { !graph.values[$0].isInteger }
      .sorted { (graph.values[$1].count, $0) < (graph.values[$0].count, $1) }
    for value in order {
      for fewer in [6, 3, 1] {
        guard left > 0 else { return best }
        var settings = best.model.settings
        settings.extraBits[value] -= fewer
        settings.parameters = nil
        guard settings.extraBits[value] >= QuantizationSettings.extraLimits.lowerBound else {
          continue
        }
        left -= 1
        guard let next = try? attempt(settings), next.error <= options.tolerance else { continue }
        let found = next.model.predictedCost
        guard found < cost else { break }
        (best, cost) = (next, found)
        break
      }
    }
    return best
  }

  /// The program with the smallest error on the calibration inputs, whatever it costs.
  func mostAccurate() throws(ModelError) -> Attempt {
    var best: Attempt?
    var failure: ModelError?
    for width in Self.widths {
      for (activations, weights) in Self.ladder {
        let settings = settings(
          width: width, activations: options.activationBits ?? activations,
          weights: options.weightBits ?? weights)
        do throws(ModelError) {
          let next = try attempt(settings)
          if best.map({ next.isBetter(than: $0) }) ?? true { best = next }
        } catch {
          failure = error
        }
      }
    }
    if let best { return best }
    throw failure?.ofCalibration ?? .invalidModel(reason: "it has no program")
  }
}
