extension Graph {
  /// For every value that nothing but softmaxes read, the groups of elements that these compare with their largest one.
  ///
  /// Of such a value only the distances from a group's largest element count, and of these only the small ones: a mask adds
  /// -10000, or the smallest float, or minus infinity, and means that an element vanishes.
  var softmaxGroups: [ValueID: [[Int]]] {
    let consumers = self.consumers
    var result: [ValueID: [[Int]]] = [:]
    for value in values.indices where !consumers[value].isEmpty && !outputs.contains(value) {
      var groups: [[Int]] = []
      let isSoftmax = consumers[value].allSatisfy { user in
        guard case .distance(let own) = steps[user].kind else { return false }
        let distance = steps[user].output
        groups = own
        return !outputs.contains(distance)
          && consumers[distance].allSatisfy { steps[$0].kind == .function(.decay) }
      }
      if isSoftmax { result[value] = groups }
    }
    return result
  }
}
