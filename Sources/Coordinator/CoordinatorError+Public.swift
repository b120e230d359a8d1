extension CoordinatorError {
  /// What a client is told: as `description`, but nothing of where the coordinator has its files.
  ///
  /// `folders` are the coordinator's; where a reason names something in them, it becomes 'a file of the coordinator'.
  package func publicText(hiding folders: [String] = []) -> String {
    let text =
      switch self {
      case .homeInUse: "another coordinator is already using the home folder"
      case .file(_, let reason): "a file of the coordinator: \(reason)"
      case .diskFull: "no space left on the coordinator's disk"
      case .noRoomForUploads(_, let needed, let available):
        "no space left for uploads on the coordinator's disk: \(needed) bytes are needed, \(available) available; its last "
          + "part is kept for jobs under way"
      default: description
      }
    return Self.hide(folders, in: text)
  }

  /// Replaces paths into some folders.
  private static func hide(_ folders: [String], in text: String) -> String {
    var text = text
    // The longest first: one may be in another.
    for folder in Set(folders).sorted(by: { ($1.count, $0) < ($0.count, $1) })
    where folder.count > 1 {
      var rest = text[...]
      var result = ""
      while let place = rest.firstRange(of: folder) {
        let tail = rest[place.upperBound...]
        result += rest[..<place.lowerBound]
        if let next = tail.first, next != "/", !isEnd(next) {
          // Another path that begins alike.
          result += folder
          rest = tail
        } else {
          result += "a file of the coordinator"
          rest = tail.drop { !isEnd($0) }
        }
      }
      text = result + rest
    }
    return text
  }

  private static func isEnd(_ character: Character) -> Bool {
    character.isWhitespace || "'\"`:;,()<>".contains(character)
  }
}
