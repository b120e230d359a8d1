import Synchronization

/// What planning is doing, for people that wait for it. No plan depends on who listens.
public enum PlanningProgress {
  private static let listener = Mutex<(@Sendable (String) -> Void)?>(nil)

  /// Has one listener hear of every step that planning begins in this process, from now on: a few words, without numbers of
  /// the model's inputs. It is called where planning runs and should return at once; nil: nobody.
  public static func listen(_ new: (@Sendable (String) -> Void)?) {
    listener.withLock { $0 = new }
  }

  static func say(_ step: @autoclosure () -> String) {
    guard let listener = listener.withLock({ $0 }) else { return }
    listener(step())
  }
}
