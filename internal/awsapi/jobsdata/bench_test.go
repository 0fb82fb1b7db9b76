package jobsdata

import "testing"

func BenchmarkReadUpdate(b *testing.B) {
	payload := []byte(`{"status":"IN_PROGRESS","expectedVersion":"2","statusDetails":{"progress":"40"},"clientToken":"0b1c7e1e-9d0f-4a5c-8f0f-5f4a7d9a6c11"}`)
	b.ReportAllocs()
	b.SetBytes(int64(len(payload)))
	for b.Loop() {
		if _, err := reader.Update(fw3, payload); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkReadStartNext(b *testing.B) {
	payload := []byte(`{"clientToken":"0b1c7e1e-9d0f-4a5c-8f0f-5f4a7d9a6c11"}`)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := reader.StartNext(fw3, payload); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkAppendStartNextAnswer(b *testing.B) {
	a := ExecutionAnswer{ClientToken: new("0b1c7e1e-9d0f-4a5c-8f0f-5f4a7d9a6c11"), Timestamp: 1770000200, Execution: flash(b)}
	b.ReportAllocs()
	buf := make([]byte, 0, 1024)
	for b.Loop() {
		buf = a.AppendMQTT(buf[:0])
	}
}

func BenchmarkAppendUpdateAnswer(b *testing.B) {
	a := UpdateAnswer{ClientToken: new("0b1c7e1e-9d0f-4a5c-8f0f-5f4a7d9a6c11"), Timestamp: 1770000200}
	b.ReportAllocs()
	buf := make([]byte, 0, 1024)
	for b.Loop() {
		buf = a.AppendMQTT(buf[:0])
	}
}

func BenchmarkAppendNotify(b *testing.B) {
	n := Notify{Timestamp: 1770000200, Queued: []Summary{queued("fw-3"), queued("fw-4")}}
	b.ReportAllocs()
	buf := make([]byte, 0, 1024)
	for b.Loop() {
		buf = n.AppendMQTT(buf[:0])
	}
}

func TestAppendingDoesNotAllocate(t *testing.T) {
	start := ExecutionAnswer{ClientToken: new("s1"), Timestamp: 1, Execution: flash(t)}
	update := UpdateAnswer{ClientToken: new("u1"), Timestamp: 1, State: &State{Status: "FAILED", StatusDetails: map[string]string{"a": "b"}}}
	notify := Notify{Timestamp: 1, Queued: []Summary{queued("fw-3")}}
	buf := make([]byte, 0, 4096)
	got := testing.AllocsPerRun(100, func() {
		buf = start.AppendMQTT(buf[:0])
		buf = update.AppendMQTT(buf[:0])
		buf = notify.AppendMQTT(buf[:0])
	})
	if got != 0 {
		t.Errorf("appending allocates %v times", got)
	}
}
