package crash

import (
	"database/sql"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/drover-iot/drover/internal/awsapi/iot"
	"github.com/drover-iot/drover/internal/awsapi/jobsdata"
	"github.com/drover-iot/drover/internal/mqtt"
)

// wipe writes zeros over the first page of a table.
func wipe(t *testing.T, path, table string) {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+path+"?mode=ro")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	var page, size int64
	query := "SELECT rootpage, (SELECT * FROM pragma_page_size) FROM sqlite_master WHERE name = ?"
	if err := db.QueryRow(query, table).Scan(&page, &size); err != nil {
		t.Fatal(err)
	}
	file, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	if _, err := file.WriteAt(make([]byte, size), (page-1)*size); err != nil {
		t.Fatal(err)
	}
}

// TestDamageIsMetByWhoeverNeedsIt serves a database in which the documents of
// jobs are damaged, which no start looks at.
func TestDamageIsMetByWhoeverNeedsIt(t *testing.T) {
	d := &bench{t: t, dir: t.TempDir()}
	var err error
	d.n, err = start(d.dir)
	d.must(err)
	d.must(d.n.call(iot.CreateThing, iot.CreateThingRequest{ThingName: "press"}, nil))
	job := iot.CreateJobRequest{JobID: "job", Document: "{}", Targets: []string{arn("thing/press")}}
	d.must(d.n.call(iot.CreateJob, job, nil))
	d.must(d.n.end(syscall.SIGTERM))
	wipe(t, filepath.Join(d.dir, "drover.db"), "documents")

	d.n, err = start(d.dir)
	d.must(err)
	const broken = "503 ServiceUnavailableException" // what both operations model
	for _, w := range []struct{ name, want, got string }{
		{"the document of a job", broken, d.call(iot.GetJobDocument, iot.GetJobDocumentRequest{JobID: "job"})},
		{"another job", broken, d.call(iot.CreateJob, iot.CreateJobRequest{JobID: "other", Document: "{}", Targets: job.Targets})},
		{"what is next, with its document", "$next/get/rejected InternalError", d.request(mqtt.V5, "press", "$next/get")},
		{"the job", "ok", d.call(iot.DescribeJob, iot.DescribeJobRequest{JobID: "job"})},
		{"the list of the thing", "get/accepted", d.request(mqtt.V5, "press", "get")},
		{"another thing", "ok", d.call(iot.CreateThing, iot.CreateThingRequest{ThingName: "drill"})},
		{"a report", "ok", d.call(jobsdata.UpdateJobExecution, jobsdata.UpdateJobExecutionRequest{ThingName: "press", JobID: "job", Status: "SUCCEEDED"})},
		{"/readyz", "200 ready", d.page("/readyz")},
	} {
		if w.got != w.want {
			t.Errorf("%s: %q, want %q", w.name, w.got, w.want)
		}
	}
	d.must(d.n.Cmd.Process.Kill())
	_ = d.n.end(os.Kill) // the log has the requests that failed
}
