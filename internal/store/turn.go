package store

import "time"

// Turn is one transaction of a writer, in figures. The engine calls each command
// in it a turn of its own.
type Turn struct {
	Commands int             // in it, closures among them
	Waited   []time.Duration // how long each had waited when the turn began; valid only during the call
	Took     time.Duration   // from its begin to its end
	Saved    time.Duration   // of that, saving the rows and committing
	Failed   bool            // the database refused it: nothing of it is committed, and the rest is 0

	Owed    int64 // notices owed that it wrote, one for each session and thing
	Paid    int64 // notices owed that it took away because they were acknowledged
	Dropped int64 // messages it dropped from queues of sessions that were full

	Events      int64 // that it stored
	Unannounced int64 // events that it dropped since more than MostEvents waited
}
