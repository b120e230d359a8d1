import Console
import Foundation
import Model
import Synchronization

/// Shows on standard error what planning in this process does: at once and every second on a terminal, elsewhere a line for each
/// step where that was asked for.
final class PlanningDisplay: Sendable {
  private let display: ProgressDisplay
  private let state = Mutex<(step: String, isOver: Bool)>(("reading the model", false))

  private init(_ terminal: Terminal) {
    display = ProgressDisplay(stream: .standardError, terminal: terminal)
  }

  /// Runs planning and shows it.
  ///
  /// - Parameter isAsked: whether steps are shown although standard error is no terminal.
  static func showing<T>(_ isAsked: Bool, _ body: () throws -> T) throws -> T {
    let terminal = Terminal.detect(descriptor: 2)
    guard terminal.isInteractive || isAsked else { return try body() }
    let display = PlanningDisplay(terminal)
    display.show()
    if terminal.isInteractive { display.redrawEverySecond() }
    PlanningProgress.listen { display.show($0) }
    defer {
      PlanningProgress.listen(nil)
      display.finish()
    }
    return try body()
  }

  private func show(_ step: String) {
    state.withLock { $0.step = step }
    show()
  }

  private func show() {
    let step = state.withLock { $0.step }
    display.show(ProgressState(stage: "planning", detail: step))
  }

  private func redrawEverySecond() {
    let thread = Thread { [self] in
      while !state.withLock({ $0.isOver }) {
        show()
        Thread.sleep(forTimeInterval: 1)
      }
    }
    thread.name = "planning display"
    thread.start()
  }

  private func finish() {
    state.withLock { $0.isOver = true }
    display.finish()
  }
}
