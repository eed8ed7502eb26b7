"""Events on disk until every destination has its verdict on them: what is accepted outlives the process.

::

    <state>/journal/
        <incarnation>/      one client of one process lifetime, named by a UUIDv7
            lock            held by flock as long as it lives
            meta.json       version, host, pid (for people), destinations
            000001.jsonl    a segment: one record per line; a line without its newline is torn and no record
            <dest>.ack      verdicts of a destination, appended: segment, lines, verdict
            ended           there when it ended in good order: its open runs are not the dead's
        quarantine/<dest>/  events that a destination never takes, one file each
        ledger.jsonl        what was given up, with its reason

Nothing is stored that can be recomputed: a lost verdict means a duplicate, never a loss.
"""
