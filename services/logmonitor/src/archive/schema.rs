//! The tables, and how a database of an older version becomes one of this version.
//!
//! Times are microseconds since the epoch. `arrival` is the number a stored error gets when it is stored, for ever.

use rusqlite::Connection;

use super::OpenError;

/// What `PRAGMA user_version` says of a database of this version.
const VERSION: i64 = MIGRATIONS.len() as i64;

/// One step a version. A step that has been released is never changed.
const MIGRATIONS: &[&str] = &[INITIAL, PRODUCERS, ISSUES, SNAPSHOTS, HOLES];

const INITIAL: &str = "
    -- Facts about the archive itself: its id, the seed of its payload hashes, the id of the Kafka cluster.
    CREATE TABLE facts (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;

    -- Stored errors in blocks, each a compressed segment of the store. `arrival` is that of its first record.
    CREATE TABLE blocks (
        arrival INTEGER PRIMARY KEY,
        records INTEGER NOT NULL,
        oldest INTEGER NOT NULL,
        newest INTEGER NOT NULL,
        summary BLOB NOT NULL,
        data BLOB NOT NULL
    );
    -- The blocks that are worth merging with their neighbours.
    CREATE INDEX small_blocks ON blocks (arrival) WHERE records < 1024;
    -- Which identities a block may hold: a range of sequence numbers of each instance.
    CREATE TABLE block_instances (
        instance BLOB NOT NULL,
        arrival INTEGER NOT NULL,
        first_seq INTEGER NOT NULL,
        last_seq INTEGER NOT NULL,
        PRIMARY KEY (instance, arrival)
    ) WITHOUT ROWID;
    CREATE INDEX block_instances_by_block ON block_instances (arrival);
    -- Which records without identity a block may hold: a range of offsets of each partition.
    CREATE TABLE block_partitions (
        topic TEXT NOT NULL,
        partition INTEGER NOT NULL,
        arrival INTEGER NOT NULL,
        first_offset INTEGER NOT NULL,
        last_offset INTEGER NOT NULL,
        PRIMARY KEY (topic, partition, arrival)
    ) WITHOUT ROWID;
    CREATE INDEX block_partitions_by_block ON block_partitions (arrival);
    -- Records without identity that came from both topics: how many of a payload have met their twin.
    CREATE TABLE matched_twins (
        hash INTEGER NOT NULL,
        check_hash INTEGER NOT NULL,
        place INTEGER NOT NULL,
        matched INTEGER NOT NULL,
        last_matched INTEGER NOT NULL,
        PRIMARY KEY (hash, check_hash, place)
    ) WITHOUT ROWID;

    -- Records of every level, by service and minute; the levels in the order of their severity.
    CREATE TABLE counts (
        service TEXT NOT NULL,
        minute INTEGER NOT NULL,
        trace INTEGER NOT NULL,
        debug INTEGER NOT NULL,
        info INTEGER NOT NULL,
        warn INTEGER NOT NULL,
        error INTEGER NOT NULL,
        critical INTEGER NOT NULL,
        last_seen INTEGER NOT NULL,
        PRIMARY KEY (service, minute)
    ) WITHOUT ROWID;
    -- Counters that only grow: records consumed, errors stored and so on.
    CREATE TABLE counters (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;

    -- The offset from which each partition is to be read, and the Kafka timestamp of the record before it.
    CREATE TABLE positions (
        topic TEXT NOT NULL,
        partition INTEGER NOT NULL,
        position INTEGER NOT NULL,
        timestamp INTEGER NOT NULL,
        PRIMARY KEY (topic, partition)
    ) WITHOUT ROWID;
    -- Offsets that were never read, or are known to mean something else now.
    CREATE TABLE gaps (
        id INTEGER PRIMARY KEY,
        topic TEXT NOT NULL,
        partition INTEGER NOT NULL,
        first_offset INTEGER NOT NULL,
        next_offset INTEGER NOT NULL,
        cause TEXT NOT NULL,
        found_at INTEGER NOT NULL
    );
    -- What was received of each process start that numbers its records.
    CREATE TABLE producers (
        instance BLOB PRIMARY KEY,
        service TEXT NOT NULL,
        first_seq INTEGER NOT NULL,
        last_seq INTEGER NOT NULL,
        received INTEGER NOT NULL,
        reported_dropped INTEGER NOT NULL,
        last_seen INTEGER NOT NULL
    ) WITHOUT ROWID;

    -- Records that could not be decoded, whole.
    CREATE TABLE quarantine (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        topic TEXT NOT NULL,
        partition INTEGER NOT NULL,
        record_offset INTEGER NOT NULL,
        timestamp INTEGER NOT NULL,
        received_at INTEGER NOT NULL,
        reason TEXT NOT NULL,
        record_key BLOB,
        headers TEXT NOT NULL,
        payload BLOB NOT NULL,
        UNIQUE (topic, partition, record_offset, timestamp)
    );
";

/// No version had written the first form of this table.
const PRODUCERS: &str = "
    DROP TABLE producers;
    -- What was received of each process start that numbers its records. `first_seq` and `last_seq` are those of the
    -- numbers that are looked at together, and null until the next one comes; what was before is settled.
    CREATE TABLE producers (
        instance BLOB PRIMARY KEY,
        service TEXT NOT NULL,
        partition INTEGER NOT NULL,
        first_seq INTEGER,
        last_seq INTEGER,
        received INTEGER NOT NULL,
        settled_received INTEGER NOT NULL,
        settled_missing INTEGER NOT NULL,
        dropped_with_seq INTEGER NOT NULL,
        dropped_without_seq INTEGER NOT NULL,
        last_seen INTEGER NOT NULL
    ) WITHOUT ROWID;
    -- The sums of process starts that are no longer among them.
    CREATE TABLE closed_producers (
        service TEXT PRIMARY KEY,
        instances INTEGER NOT NULL,
        received INTEGER NOT NULL,
        missing INTEGER NOT NULL,
        reported_dropped INTEGER NOT NULL,
        lost_in_transit INTEGER NOT NULL
    ) WITHOUT ROWID;
";

const ISSUES: &str = "
    -- What the records of the block count for by issue: its counts are the sums over all blocks.
    ALTER TABLE blocks ADD COLUMN issues BLOB NOT NULL DEFAULT x'';
    -- Issues, for ever: what they are about and what was decided (JSON), and the counts of what has left (JSON).
    CREATE TABLE issues (
        issue BLOB PRIMARY KEY,
        about TEXT NOT NULL,
        base TEXT NOT NULL
    ) WITHOUT ROWID;
    -- What happened to them (JSON), in order.
    CREATE TABLE issue_activities (
        number INTEGER PRIMARY KEY AUTOINCREMENT,
        issue BLOB NOT NULL,
        activity TEXT NOT NULL
    );
    CREATE INDEX issue_activities_by_issue ON issue_activities (issue, number);
    -- What grouping has learned.
    CREATE TABLE templates (template BLOB PRIMARY KEY, learned BLOB NOT NULL) WITHOUT ROWID;
";

const SNAPSHOTS: &str = "
    -- The lines around the errors that began an issue, compressed; the oldest leave first.
    CREATE TABLE snapshots (
        number INTEGER PRIMARY KEY AUTOINCREMENT,
        event TEXT NOT NULL UNIQUE,
        issue BLOB NOT NULL,
        taken_at INTEGER NOT NULL,
        bytes BLOB NOT NULL
    );
    CREATE INDEX snapshots_by_issue ON snapshots (issue, number);
";

const HOLES: &str = "
    -- The numbers of the account that have not come, in ranges: the first and the last of each, as eight bytes each.
    ALTER TABLE producers ADD COLUMN holes BLOB;
";

/// Brings the database to this version, in one transaction.
pub(super) fn migrate(connection: &mut Connection) -> Result<(), OpenError> {
    let found: i64 = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
    if found > VERSION {
        return Err(OpenError::Newer {
            found,
            known: VERSION,
        });
    }
    if found == VERSION {
        return Ok(());
    }
    let transaction = connection.transaction()?;
    let done = usize::try_from(found).unwrap_or_default();
    for step in &MIGRATIONS[done..] {
        transaction.execute_batch(step)?;
    }
    transaction.pragma_update(None, "user_version", VERSION)?;
    transaction.commit()?;
    Ok(())
}
