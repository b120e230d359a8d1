/// What planning is doing, for people that wait for it. No plan depends on who listens.
public enum PlanningProgress {
  /// Hears of every step that planning begins in the task or the thread that it is set for: a few words, without numbers of the
  /// model's inputs. It is called where planning runs and should return at once.
  @TaskLocal public static var listener: (@Sendable (String) -> Void)?

  static func say(_ step: @autoclosure () -> String) { listener?(step()) }
}
