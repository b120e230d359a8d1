import Console
import Coordinator

/// `webhook key`: what messages about ends of jobs are signed with.
let webhookKeyCommand = Command(
  "webhook key", "Prints the key that messages about ends of your jobs are signed with.",
  options: [.flag("operator", "the key of the operator's own webhook, 'serve --webhook'")]
    + CommandOption.client,
  notes: [
    "Messages are signed as Standard Webhooks has it: the header webhook-signature is v1, and in base64 the HMAC-SHA256 of "
      + "webhook-id, a dot, webhook-timestamp, a dot and the body. The key is the base64 after 'whsec_'. It is a secret."
  ],
  examples: [("webhook key > key.txt", "for whoever receives them")],
  exitCodes: ExitCode.ofClients
) { arguments in
  try reporting {
    let key = try arguments.client().webhookKey(ofOperator: arguments.has("operator"))
    try arguments.has("json") ? printJSON(["key": key]) : printText(key + "\n")
    return .success
  }
}
