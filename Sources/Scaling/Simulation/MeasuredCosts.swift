import Coordinator

/// What tasks, messages and the coordinator's own work took in measured runs, for others of the same model.
package struct MeasuredCosts: Equatable, Sendable {
  /// Which answers a cost is about.
  package struct Place: Hashable, Sendable {
    package var kind: JobTrace.Task.Kind
    package var step: Int

    /// Names a step.
    package init(_ kind: JobTrace.Task.Kind, _ step: Int) { (self.kind, self.step) = (kind, step) }
  }

  /// Seconds of one thread for each step, over the predicted seconds of the task.
  package var steps: [Place: LineFit] = [:]
  /// Seconds that a key's check takes the coordinator, over the predicted seconds of the key.
  package var keyCheck = LineFit.none
  /// Bytes of requests and of answers.
  package var requestBytes: [Place: Double] = [:]
  package var answerBytes: [Place: Double] = [:]
  /// Bytes of artifacts for one task: over its instances for instances.
  package var artifactBytes: [JobTrace.Task.Kind: LineFit] = [:]
  /// The coordinator's seconds for an answer of a round, between the last answer of a round and the next request, and from
  /// one request of a round to the next.
  package var handling = 0.0, turn = 0.0, posting = 0.0
  /// From the end of planning to the first request, and from a group's last answer to its proof, in seconds.
  package var beginning = 0.0, finishing = 0.0

  /// Reads costs from runs.
  package init(_ runs: [ScalingReport.Run]) {
    var services: [Place: [(Double, Double)]] = [:]
    var requests: [Place: [Double]] = [:]
    var answers: [Place: [Double]] = [:]
    var checks: [(Double, Double)] = []
    var artifacts: [JobTrace.Task.Kind: [(Double, Double)]] = [:]
    var (handled, turns, posts): ([Double], [Double], [Double]) = ([], [], [])
    var (beginnings, finishes): ([Double], [Double]) = ([], [])
    for run in runs {
      let trace = run.trace
      for service in Service.list(trace) {
        let task = trace.tasks[service.task]
        services[Place(task.kind, service.step), default: []].append(
          (task.cost, service.threadSeconds))
      }
      for answer in trace.answers {
        let task = trace.tasks[answer.task]
        let place = Place(task.kind, answer.step)
        requests[place, default: []].append(Double(answer.bytesAsked))
        answers[place, default: []].append(Double(answer.bytesAnswered))
        if task.kind == .key { checks.append((task.cost, answer.handled)) }
      }
      for fetch in trace.fetches {
        let task = trace.tasks[fetch.task]
        artifacts[task.kind, default: []].append((Double(task.instances), Double(fetch.bytes)))
      }
      let rounds = Rounds(trace)
      handled += rounds.handled
      turns += rounds.turns
      posts += rounds.posts
      finishes += rounds.finishes
      if let first = trace.answers.map(\.asked).min() {
        beginnings.append(max(0, first - trace.window.from))
      }
    }
    steps = services.mapValues(LineFit.init)
    requestBytes = requests.mapValues(median)
    answerBytes = answers.mapValues(median)
    keyCheck = LineFit(checks)
    artifactBytes = artifacts.mapValues(LineFit.init)
    (handling, turn, posting) = (median(handled), median(turns), median(posts))
    (beginning, finishing) = (median(beginnings), median(finishes))
  }

  /// Seconds of one thread for a step of a task.
  package func seconds(_ task: JobTrace.Task, step: Int) -> Double {
    steps[Place(task.kind, step)]?.value(task.cost) ?? 0
  }
}

/// A line `constant + slope · x`, neither below 0.
package struct LineFit: Equatable, Sendable {
  package var constant, slope: Double

  /// Nothing at all.
  package static let none = LineFit([])

  /// The line with the least squared error; through the mean and 0 where all x are equal.
  package init(_ points: [(x: Double, y: Double)]) {
    let count = Double(points.count)
    guard count > 0 else { (constant, slope) = (0, 0); return }
    let x = points.reduce(0) { $0 + $1.x } / count
    let y = points.reduce(0) { $0 + $1.y } / count
    let spread = points.reduce(0) { $0 + ($1.x - x) * ($1.x - x) }
    let common = points.reduce(0) { $0 + ($1.x - x) * ($1.y - y) }
    let through = x > 0 ? LineFit(constant: 0, slope: y / x) : LineFit(constant: y, slope: 0)
    guard spread > 1e-12 * max(1, x * x) else { self = through; return }
    let line = LineFit(constant: y - common / spread * x, slope: common / spread)
    if line.slope < 0 {
      self = LineFit(constant: y, slope: 0)
    } else if line.constant < 0 {
      let squares = points.reduce(0) { $0 + $1.x * $1.x }
      self = LineFit(constant: 0, slope: points.reduce(0) { $0 + $1.x * $1.y } / squares)
    } else {
      self = line
    }
  }

  private init(constant: Double, slope: Double) { (self.constant, self.slope) = (constant, slope) }

  /// The line's value.
  package func value(_ x: Double) -> Double { constant + slope * x }
}

/// What the coordinator did between the answers of a trace's rounds.
private struct Rounds {
  var handled: [Double] = []
  var turns: [Double] = []
  var posts: [Double] = []
  var finishes: [Double] = []

  init(_ trace: JobTrace) {
    let shares = trace.answers.filter { trace.tasks[$0.task].kind != .key }
    let groups = Dictionary(grouping: shares) { trace.tasks[$0.task].group ?? 0 }
    for (group, answers) in groups.sorted(by: { $0.key < $1.key }) {
      let last = answers.map(\.answered).max() ?? 0
      handled += answers.filter { $0.answered < last }.map(\.handled)
      // The proof is there when the next stage begins, where it is the only one.
      if groups.count == 1, group == 0 { finishes.append(max(0, trace.window.to - last)) }
      if groups.count > 1 { finishes += answers.filter { $0.answered == last }.map(\.handled) }
      let rounds = Dictionary(grouping: answers, by: \.step)
      for (step, round) in rounds.sorted(by: { $0.key < $1.key }) {
        let asked = round.map(\.asked).sorted()
        if asked.count > 1 { posts.append((asked.last! - asked[0]) / Double(asked.count - 1)) }
        let before = rounds.filter { $0.key < step }.flatMap(\.value).map(\.answered)
          .filter { $0 <= asked[0] }.max()
        if let before { turns.append(asked[0] - before) }
      }
    }
  }
}
