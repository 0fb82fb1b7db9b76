package mosquitto

import "testing"

func TestADeviceTakesAndFinishesAJob(t *testing.T) {
	inEachVersion(t, func(t *testing.T, s *shell) {
		const below = "$aws/things/press/jobs/"
		s.node.Things("press")
		told := s.subscribe("-i", "listener", "-t", below+"notify-next", "-t", below+"notify")
		s.node.Job("fw-3", `{"op":"flash"}`, "press")
		told.has(below+"notify", `"QUEUED":[{"jobId":"fw-3"`)
		told.has(below+"notify-next", `"jobDocument":{"op":"flash"}`)

		s.request(below+"start-next", `{"clientToken":"s1"}`, `"status":"IN_PROGRESS"`)
		s.request(below+"fw-3/update", `{"status":"SUCCEEDED","expectedVersion":"2","clientToken":"u1"}`, `"clientToken":"u1"`)
		told.has(below+"notify", `"jobs":{}`)
		told.has(below+"notify-next", `"timestamp"`)
		if status := s.node.Status("press", "fw-3"); status != "SUCCEEDED" {
			t.Errorf("the execution is %s, want SUCCEEDED", status)
		}
	})
}

func TestAMessageIsForOthersWhoSubscribe(t *testing.T) {
	inEachVersion(t, func(_ *testing.T, s *shell) {
		all, one := s.subscribe("-t", "hall/#"), s.subscribe("-t", "hall/+/heat")
		s.publish("-t", "hall/1/door", "-m", "open")
		s.publish("-t", "hall/2/heat", "-m", "21.5")
		all.gets("hall/1/door", "open")
		all.gets("hall/2/heat", "21.5")
		one.gets("hall/2/heat", "21.5")
	})
}

func TestARetainedMessageOutlivesAKillUntilItIsEmptied(t *testing.T) {
	inEachVersion(t, func(_ *testing.T, s *shell) {
		s.publish("-r", "-t", "hall/door", "-m", "open")
		s.publish("-r", "-t", "hall/lamp", "-m", "on")
		s.publish("-r", "-t", "hall/door", "-n")
		s.node.Kill()
		sub := s.subscribe("-t", "hall/door", "-t", "hall/lamp")
		sub.gets("hall/lamp", "on")
	})
}

func TestAPersistentSessionGetsInOrderWhatItMissedOverAKill(t *testing.T) {
	inEachVersion(t, func(_ *testing.T, s *shell) {
		s.subscribeAndLeave("logger", "log/#")
		s.publish("-t", "log/a", "-m", "1")
		s.publish("-t", "log/b", "-m", "2")
		s.node.Kill()
		s.publish("-t", "log/a", "-m", "3")
		sub := s.subscribe("-i", "logger", "-c", "-t", "log/#")
		sub.gets("log/a", "1")
		sub.gets("log/b", "2")
		sub.gets("log/a", "3")
	})
}

func TestASubscriberComesBackByItselfAfterAKill(t *testing.T) {
	inEachVersion(t, func(_ *testing.T, s *shell) {
		sub := s.subscribe("-i", "logger", "-c", "-t", "log/#")
		s.node.Kill()
		s.publish("-t", "log/a", "-m", "after")
		sub.gets("log/a", "after")
	})
}
