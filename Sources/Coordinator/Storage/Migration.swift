/// A named change of the database's tables.
///
/// The list only ever grows at its end: a name that has been released is never changed or removed,
/// because databases in the field have it applied.
package struct Migration: Sendable {
  package let name: String
  package let statements: [String]

  /// A change and its statements.
  package init(name: String, statements: [String]) {
    self.name = name
    self.statements = statements
  }

  /// All changes, oldest first.
  package static let all: [Migration] = [
    Migration(
      name: "1 jobs",
      statements: [
        """
        CREATE TABLE jobs (
          id TEXT PRIMARY KEY, model_name TEXT NOT NULL, model BLOB NOT NULL, input BLOB NOT NULL,
          calibration BLOB, options TEXT NOT NULL, seed BLOB NOT NULL, stage TEXT NOT NULL,
          detail TEXT NOT NULL, submitted REAL NOT NULL, updated REAL NOT NULL,
          workers INTEGER, plan_digest BLOB, plan TEXT, document BLOB
        ) STRICT
        """,
        """
        CREATE TABLE groups (
          job TEXT NOT NULL REFERENCES jobs(id), number INTEGER NOT NULL,
          attempt INTEGER NOT NULL, state TEXT NOT NULL, holders TEXT NOT NULL,
          seed BLOB NOT NULL, snapshot BLOB, proof BLOB,
          PRIMARY KEY (job, number, attempt)
        ) STRICT
        """,
        """
        CREATE TABLE tasks (
          id INTEGER PRIMARY KEY AUTOINCREMENT, job TEXT NOT NULL REFERENCES jobs(id),
          description TEXT NOT NULL, state TEXT NOT NULL, failures INTEGER NOT NULL DEFAULT 0,
          losses INTEGER NOT NULL DEFAULT 0, detail TEXT NOT NULL DEFAULT ''
        ) STRICT
        """,
        """
        CREATE TABLE leases (
          task INTEGER PRIMARY KEY REFERENCES tasks(id), worker TEXT NOT NULL, since REAL NOT NULL
        ) STRICT
        """,
        "CREATE INDEX tasks_of_job ON tasks(job)",
      ]),
    Migration(
      name: "2 members",
      statements: [
        """
        CREATE TABLE tokens (
          id TEXT PRIMARY KEY, hash BLOB NOT NULL UNIQUE, role TEXT NOT NULL,
          created REAL NOT NULL, expires REAL NOT NULL, revoked INTEGER NOT NULL DEFAULT 0,
          uses INTEGER NOT NULL DEFAULT 0
        ) STRICT
        """,
        """
        CREATE TABLE members (
          id TEXT PRIMARY KEY, key BLOB NOT NULL UNIQUE, role TEXT NOT NULL, name TEXT NOT NULL,
          threads INTEGER NOT NULL, memory INTEGER NOT NULL, token TEXT,
          enrolled REAL NOT NULL, last_seen REAL NOT NULL, revoked INTEGER NOT NULL DEFAULT 0
        ) STRICT
        """,
        """
        CREATE TABLE quarantines (
          job TEXT NOT NULL REFERENCES jobs(id), worker TEXT NOT NULL, reason TEXT NOT NULL,
          PRIMARY KEY (job, worker)
        ) STRICT
        """,
      ]),
    Migration(
      name: "3 verifying keys",
      statements: [
        """
        CREATE TABLE keys (
          program BLOB NOT NULL, srs BLOB NOT NULL, key BLOB NOT NULL, made REAL NOT NULL,
          PRIMARY KEY (program, srs)
        ) STRICT
        """
      ]),
    Migration(
      name: "4 witnesses",
      statements: [
        """
        CREATE TABLE witnesses (
          job TEXT NOT NULL REFERENCES jobs(id), digest BLOB NOT NULL, PRIMARY KEY (job, digest)
        ) STRICT
        """,
        "CREATE INDEX jobs_of_witness ON witnesses(digest)",
      ]),
    Migration(
      name: "5 job kinds",
      statements: ["ALTER TABLE jobs ADD COLUMN kind TEXT NOT NULL DEFAULT 'model'"]),
    Migration(
      name: "6 artifacts",
      statements: [
        "ALTER TABLE witnesses RENAME TO artifacts",
        """
        INSERT OR IGNORE INTO artifacts (job, digest)
        SELECT id, model FROM jobs UNION SELECT id, input FROM jobs
        UNION SELECT id, calibration FROM jobs WHERE calibration IS NOT NULL
        """,
      ]),
    Migration(
      name: "7 workforce and failures",
      statements: [
        "ALTER TABLE jobs ADD COLUMN workforce TEXT", "ALTER TABLE jobs ADD COLUMN failure TEXT",
        "UPDATE jobs SET workforce = json_object('workers', workers) WHERE workers IS NOT NULL",
        "ALTER TABLE jobs DROP COLUMN workers",
      ]),
    Migration(
      name: "8 attempts at planning",
      statements: [
        "ALTER TABLE jobs ADD COLUMN plan_attempts INTEGER NOT NULL DEFAULT 0",
        "ALTER TABLE jobs ADD COLUMN plan_breaks INTEGER NOT NULL DEFAULT 0",
        "ALTER TABLE jobs ADD COLUMN plan_fault TEXT",
      ]),
    Migration(
      name: "9 uses of tokens", statements: ["ALTER TABLE tokens ADD COLUMN max_uses INTEGER"]),
    Migration(
      name: "10 roles, owners and audit",
      statements: [
        // Every client was an administrator; now only the key of the home folder is, which needed no token.
        "UPDATE members SET role = 'admin' WHERE role = 'client' AND token IS NULL",
        "ALTER TABLE jobs ADD COLUMN owner TEXT NOT NULL DEFAULT ''",
        "CREATE INDEX jobs_of_owner ON jobs(owner)",
        """
        CREATE TABLE audit (
          number INTEGER PRIMARY KEY AUTOINCREMENT, time REAL NOT NULL, member TEXT NOT NULL,
          name TEXT NOT NULL, role TEXT NOT NULL, address TEXT NOT NULL, action TEXT NOT NULL,
          subject TEXT NOT NULL, outcome TEXT NOT NULL
        ) STRICT
        """,
        """
        CREATE TRIGGER audit_stays BEFORE UPDATE ON audit
        BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END
        """,
        """
        CREATE TRIGGER audit_keeps BEFORE DELETE ON audit
        WHEN OLD.number > (SELECT max(number) FROM audit) - 100000
        BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END
        """,
      ]),
    Migration(
      name: "11 workers' health and attempts",
      statements: [
        "CREATE TABLE health (worker TEXT PRIMARY KEY, record TEXT NOT NULL) STRICT",
        """
        CREATE TABLE attempts (
          id INTEGER PRIMARY KEY, job TEXT NOT NULL, task INTEGER NOT NULL, worker TEXT NOT NULL,
          name TEXT NOT NULL, replay INTEGER NOT NULL, began REAL NOT NULL, ended REAL, outcome TEXT
        ) STRICT
        """,
        "CREATE INDEX attempts_of_job ON attempts(job, id)",
        "CREATE INDEX attempts_of_task ON attempts(task)",
      ]),
    Migration(
      name: "12 computations that ended with the coordinator",
      statements: ["ALTER TABLE jobs ADD COLUMN computations INTEGER NOT NULL DEFAULT 0"]),
    Migration(
      name: "13 jobs in pages",
      statements: [
        "CREATE INDEX jobs_by_time ON jobs(submitted DESC, id)",
        "CREATE INDEX jobs_by_owner ON jobs(owner, submitted DESC, id)",
        "CREATE INDEX jobs_by_stage ON jobs(stage, updated)",
        "CREATE INDEX jobs_by_document ON jobs(document) WHERE document IS NOT NULL",
      ]),
    Migration(
      name: "14 tokens of programs",
      statements: ["ALTER TABLE tokens ADD COLUMN bearer TEXT"]),
    Migration(
      name: "15 keys of requests",
      statements: [
        """
        CREATE TABLE idempotency (
          member TEXT NOT NULL, key TEXT NOT NULL, request BLOB NOT NULL, job TEXT NOT NULL,
          created REAL NOT NULL, PRIMARY KEY (member, key)
        ) STRICT
        """
      ]),
    Migration(
      name: "16 accounts of jobs",
      statements: [
        "ALTER TABLE jobs ADD COLUMN account TEXT NOT NULL DEFAULT ''",
        """
        UPDATE jobs SET account =
          coalesce((SELECT token FROM members WHERE members.id = jobs.owner), owner)
        """,
        "CREATE INDEX members_of_token ON members(token)",
      ]),
    Migration(
      name: "17 bytes of jobs",
      statements: [
        "ALTER TABLE jobs ADD COLUMN bytes INTEGER NOT NULL DEFAULT 0",
        """
        UPDATE jobs SET bytes =
          length(CAST(options AS BLOB)) + coalesce(length(CAST(plan AS BLOB)), 0)
        """,
        "CREATE INDEX jobs_by_account ON jobs(account, stage, updated, bytes, id)",
      ]),
    Migration(
      name: "18 messages about ends of jobs",
      statements: [
        """
        CREATE TABLE operator_webhook (id INTEGER PRIMARY KEY CHECK (id = 1), url TEXT NOT NULL) STRICT
        """,
        """
        CREATE TABLE deliveries (
          id INTEGER PRIMARY KEY AUTOINCREMENT, job TEXT NOT NULL, account TEXT NOT NULL,
          url TEXT NOT NULL, operators INTEGER NOT NULL, state TEXT NOT NULL DEFAULT 'waiting',
          attempts INTEGER NOT NULL DEFAULT 0, status INTEGER, detail TEXT NOT NULL DEFAULT '',
          due REAL, updated REAL NOT NULL
        ) STRICT
        """,
        "CREATE INDEX deliveries_of_job ON deliveries(job)",
        "CREATE INDEX deliveries_due ON deliveries(due) WHERE due IS NOT NULL",
        // In the transaction that ends a job, whatever ends it.
        """
        CREATE TRIGGER job_ended AFTER UPDATE OF stage ON jobs
        WHEN NEW.stage IN ('done', 'failed', 'cancelled')
          AND OLD.stage NOT IN ('done', 'failed', 'cancelled')
        BEGIN
          INSERT INTO deliveries (job, account, url, operators, due, updated)
            SELECT NEW.id, NEW.account, url, 0, NEW.updated, NEW.updated FROM (
              SELECT CASE WHEN json_valid(NEW.options)
                THEN json_extract(NEW.options, '$.webhook') END AS url)
            WHERE url IS NOT NULL;
          INSERT INTO deliveries (job, account, url, operators, due, updated)
            SELECT NEW.id, 'operator''s webhook', url, 1, NEW.updated, NEW.updated
            FROM operator_webhook WHERE id = 1;
        END
        """,
      ]),
  ]

  /// Applies what is missing, each migration in a transaction of its own.
  package static func apply(_ list: [Migration], to connection: SQLiteConnection)
    throws(CoordinatorError)
  {
    try connection.run(
      "CREATE TABLE IF NOT EXISTS migrations (number INTEGER PRIMARY KEY, name TEXT NOT NULL) STRICT"
    )
    var applied: [String] = []
    for row in try connection.rows("SELECT name FROM migrations ORDER BY number") {
      applied.append(try row.text("migrations", "name"))
    }
    for (index, name) in applied.enumerated() where index >= list.count || list[index].name != name
    {
      throw .databaseTooNew(migration: name)
    }
    for (index, migration) in list.enumerated().dropFirst(applied.count) {
      try connection.transaction { () throws(CoordinatorError) in
        for statement in migration.statements { try connection.run(statement) }
        try connection.run(
          "INSERT INTO migrations (number, name) VALUES (?, ?)",
          [.integer(Int64(index + 1)), .text(migration.name)])
      }
    }
  }
}
