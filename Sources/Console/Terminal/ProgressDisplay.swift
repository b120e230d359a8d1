import Glibc

/// Shows progress: redrawn in place on a terminal, one line per change elsewhere. Thread-safe.
package final class ProgressDisplay: @unchecked Sendable {
  private var lock = pthread_mutex_t()
  private let stream: TextStream
  private let terminal: Terminal
  private let clock: @Sendable () -> Double
  private let start: Double
  private var drawnLines = 0
  private var lastKey = ""
  private var finished = false

  /// A display on a stream; the clock returns monotonic seconds.
  package init(
    stream: TextStream, terminal: Terminal,
    clock: @escaping @Sendable () -> Double = ProgressDisplay.monotonicSeconds
  ) {
    self.stream = stream
    self.terminal = terminal
    self.clock = clock
    start = clock()
    pthread_mutex_init(&lock, nil)
  }

  /// Seconds of the monotonic clock.
  package static func monotonicSeconds() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
  }

  /// Shows a state; states after `finish` are ignored.
  package func show(_ state: ProgressState) {
    pthread_mutex_lock(&lock)
    defer { pthread_mutex_unlock(&lock) }
    guard !finished else { return }
    guard terminal.isInteractive else {
      let key = state.stage + "\n" + state.detail
      if key != lastKey { stream.write(state.plainLine + "\n") }
      lastKey = key
      return
    }
    let lines = state.lines(on: terminal, elapsed: clock() - start)
    var text = erasure
    for (i, line) in lines.enumerated() {
      text += (i == 0 ? terminal.styled(line, .strong) : line) + "\n"
    }
    drawnLines = lines.count
    stream.write(text)
  }

  /// Prints a lasting line above the redrawn part.
  package func note(_ line: String) {
    pthread_mutex_lock(&lock)
    defer { pthread_mutex_unlock(&lock) }
    stream.write(erasure + Human.oneLine(line) + "\n")
    drawnLines = 0
  }

  /// Removes the redrawn part; what is printed next stands in its place.
  package func finish() {
    pthread_mutex_lock(&lock)
    defer { pthread_mutex_unlock(&lock) }
    guard !finished else { return }
    finished = true
    if terminal.isInteractive { stream.write(erasure) }
    drawnLines = 0
  }

  private var erasure: String { drawnLines == 0 ? "" : "\u{1b}[\(drawnLines)A\r\u{1b}[J" }
}
