"""The tables of the store, as one SQL script a version: script n brings a file of version n to n + 1.

A script that has been released is never edited; a change is a new script at the end.

Contents are kept once, by digest, however many jobs, versions and drafts have them. How many jobs there are in each
state is counted by triggers, in the transaction that changes it, so that asking costs the same with a million jobs.
"""

MIGRATIONS = (
    """
    CREATE TABLE facts (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;

    CREATE TABLE contents (
        id INTEGER PRIMARY KEY,
        digest BLOB NOT NULL UNIQUE,
        data BLOB NOT NULL
    ) STRICT;

    CREATE TABLE jobs (
        number INTEGER PRIMARY KEY AUTOINCREMENT,  -- never given again, so that cursors stay true
        id TEXT NOT NULL UNIQUE,
        state TEXT NOT NULL,
        created REAL NOT NULL,
        started REAL,
        ended REAL,
        content INTEGER NOT NULL REFERENCES contents,
        targets TEXT,
        priority REAL NOT NULL,
        rank INTEGER NOT NULL,  -- the order among jobs of one priority
        client TEXT NOT NULL,
        extra TEXT NOT NULL,
        key TEXT,
        retry_of TEXT,
        reason TEXT NOT NULL DEFAULT '',
        outcome TEXT NOT NULL DEFAULT '{}',
        title TEXT NOT NULL
    ) STRICT;
    CREATE INDEX jobs_queue ON jobs (priority, rank) WHERE state = 'queued';
    CREATE INDEX jobs_state ON jobs (state, number);
    CREATE INDEX jobs_ended ON jobs (ended) WHERE ended IS NOT NULL;
    CREATE INDEX jobs_content ON jobs (content);
    CREATE UNIQUE INDEX jobs_key ON jobs (key) WHERE key IS NOT NULL;

    CREATE TABLE counts (state TEXT PRIMARY KEY, jobs INTEGER NOT NULL) STRICT, WITHOUT ROWID;
    INSERT INTO counts VALUES
        ('queued', 0), ('running', 0), ('done', 0), ('failed', 0), ('cancelled', 0), ('lost', 0);
    CREATE TRIGGER jobs_added AFTER INSERT ON jobs BEGIN
        UPDATE counts SET jobs = jobs + 1 WHERE state = new.state;
    END;
    CREATE TRIGGER jobs_moved AFTER UPDATE OF state ON jobs BEGIN
        UPDATE counts SET jobs = jobs - 1 WHERE state = old.state;
        UPDATE counts SET jobs = jobs + 1 WHERE state = new.state;
    END;
    CREATE TRIGGER jobs_removed AFTER DELETE ON jobs BEGIN
        UPDATE counts SET jobs = jobs - 1 WHERE state = old.state;
    END;

    CREATE TABLE transitions (
        job INTEGER NOT NULL REFERENCES jobs ON DELETE CASCADE,
        state TEXT NOT NULL,
        time REAL NOT NULL,
        reason TEXT NOT NULL
    ) STRICT;
    CREATE INDEX transitions_job ON transitions (job);

    CREATE TABLE results (
        number INTEGER PRIMARY KEY AUTOINCREMENT,
        job INTEGER NOT NULL REFERENCES jobs ON DELETE CASCADE,
        node TEXT NOT NULL,
        kind TEXT NOT NULL,
        position INTEGER NOT NULL,  -- among the items of its kind, of its node
        item TEXT NOT NULL
    ) STRICT;
    CREATE INDEX results_job ON results (job);

    CREATE TABLE documents (id INTEGER PRIMARY KEY, name TEXT NOT NULL, deleted REAL) STRICT;
    CREATE UNIQUE INDEX documents_name ON documents (name) WHERE deleted IS NULL;
    CREATE INDEX documents_deleted ON documents (deleted) WHERE deleted IS NOT NULL;

    CREATE TABLE versions (
        version INTEGER PRIMARY KEY AUTOINCREMENT,  -- over all documents: one made anew has none of the old
        document INTEGER NOT NULL REFERENCES documents ON DELETE CASCADE,
        time REAL NOT NULL,
        content INTEGER NOT NULL REFERENCES contents
    ) STRICT;
    CREATE INDEX versions_document ON versions (document, version);
    CREATE INDEX versions_content ON versions (content);

    CREATE TABLE drafts (
        name TEXT PRIMARY KEY,
        time REAL NOT NULL,
        based_on INTEGER,
        content INTEGER NOT NULL REFERENCES contents
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX drafts_content ON drafts (content);
    """,
    """
    ALTER TABLE jobs ADD COLUMN webhook TEXT;  -- told when the job has ended

    CREATE TABLE deliveries (
        job INTEGER PRIMARY KEY REFERENCES jobs ON DELETE CASCADE,
        url TEXT NOT NULL,
        tries INTEGER NOT NULL DEFAULT 0,
        due REAL NOT NULL
    ) STRICT;
    CREATE INDEX deliveries_due ON deliveries (due);
    CREATE TRIGGER jobs_told AFTER UPDATE OF state ON jobs WHEN new.ended IS NOT NULL AND new.webhook IS NOT NULL BEGIN
        INSERT INTO deliveries (job, url, due) VALUES (new.number, new.webhook, new.ended);
    END;
    """,
    """
    ALTER TABLE jobs ADD COLUMN labels TEXT NOT NULL DEFAULT '{}';  -- what the client tells apart its jobs by
    """,
    """
    CREATE TABLE job_labels (  -- by name, in the order of the jobs; a job's own row has the texts
        name TEXT NOT NULL,
        job INTEGER NOT NULL REFERENCES jobs ON DELETE CASCADE,
        PRIMARY KEY (name, job)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX job_labels_job ON job_labels (job);
    INSERT INTO job_labels SELECT DISTINCT json_each.key, number FROM jobs, json_each(labels) WHERE labels <> '{}';
    CREATE TRIGGER jobs_labelled AFTER INSERT ON jobs WHEN new.labels <> '{}' BEGIN
        INSERT INTO job_labels SELECT DISTINCT key, new.number FROM json_each(new.labels);
    END;
    """,
    """
    CREATE INDEX jobs_title ON jobs (title, number);  -- what ran of a workflow
    """,
    """
    ALTER TABLE versions ADD COLUMN name TEXT NOT NULL DEFAULT '';  -- by which people know it; one that has one stays
    """,
)
