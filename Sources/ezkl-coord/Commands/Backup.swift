import Console
import Coordinator
import Foundation

/// `backup`: a home folder in one file.
let backupCommand = Command(
  "backup", "Writes everything in a coordinator's home folder to one file.",
  positionals: [Positional("FILE", "where it goes; must not be there")],
  options: [.home, .json],
  notes: [
    "The coordinator may run meanwhile. The file holds its keys, inputs and witnesses: keep it as you keep the home folder.",
    "Jobs that run go on from their last round after a restore.",
  ],
  examples: [("backup /backup/ezkl-monday.tar", "every night, by cron")],
  exitCodes: [.failed, .badInput, .resource]
) { arguments in
  try reporting {
    let file = arguments.positionals[0]
    try HomeBackup.create(of: arguments.home, at: URL(fileURLWithPath: file))
    try arguments.has("json") ? printJSON(["backup": file]) : printText("written to \(file)\n")
    return .success
  }
}

/// `restore`: a home folder from a backup.
let restoreCommand = Command(
  "restore", "Makes a coordinator's home folder from a backup.",
  positionals: [Positional("FILE", "what 'backup' wrote")], options: [.home, .json],
  notes: [
    "The home folder must hold no coordinator's state. Never run the original and the restored one at the same time: "
      + "workers would be asked under one seed by both.",
    "What a restore of the same home left beside it when it was killed is removed.",
  ],
  examples: [("restore /backup/ezkl-monday.tar --home /var/lib/ezkl", "on a new machine")],
  exitCodes: [.failed, .badInput, .resource]
) { arguments in
  try reporting {
    let removed = try HomeBackup.restore(
      URL(fileURLWithPath: arguments.positionals[0]), to: arguments.home)
    let home = arguments.home.path
    if arguments.has("json") {
      try printJSON(Restored(restored: home, removed: removed))
    } else {
      for path in removed { printText("removed \(path), left by a restore that was killed\n") }
      printText("restored to \(home)\n")
    }
    return .success
  }
}

/// What `restore --json` says.
private struct Restored: Encodable {
  let restored: String
  let removed: [String]
}
