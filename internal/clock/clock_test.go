package clock

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"
)

func TestTheRealClockNeverFalls(t *testing.T) {
	r := NewReal()
	steps := []struct {
		name         string
		passed, wall time.Duration // since the beginning
		want         time.Duration
	}{
		{"as it goes", time.Second, time.Second, time.Second},
		{"put forward an hour", 2 * time.Second, time.Hour, time.Hour},
		{"and on", 3 * time.Second, time.Hour + time.Second, time.Hour + time.Second},
		{"put back", 4 * time.Second, 4 * time.Second, time.Hour + 2*time.Second},
		{"and on at its own pace", 5 * time.Second, 5 * time.Second, time.Hour + 3*time.Second},
		{"ahead again", 6 * time.Second, 2 * time.Hour, 2 * time.Hour},
	}
	began := r.base
	for _, s := range steps {
		if got := r.at(began.Add(s.wall), s.passed).Sub(began); got != s.want {
			t.Errorf("%s: %s after the beginning, want %s", s.name, got, s.want)
		}
	}
}

func TestTheRealClockRingsAtItsTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := NewReal()
		ring, stop := r.Alarm(r.Now().Add(10 * time.Second))
		defer stop()
		began := time.Now()
		<-ring
		if waited := time.Since(began); waited < 9*time.Second || waited > 11*time.Second {
			t.Errorf("rang after %s", waited)
		}
	})
}

func TestAFarAlarmRingsEarlySoThatSleepIsNoticed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := NewReal()
		ring, stop := r.Alarm(r.Now().Add(7 * 24 * time.Hour))
		defer stop()
		began := time.Now()
		<-ring
		if waited := time.Since(began); waited > longestWait {
			t.Errorf("rang after %s", waited)
		}
	})
}

func TestAVirtualClockStandsStillUntilItIsSet(t *testing.T) {
	began := time.Unix(1_800_000_000, 0)
	v := NewVirtual(began)
	ring, stop := v.Alarm(began.Add(time.Hour))
	defer stop()
	v.Set(began.Add(time.Hour - time.Millisecond))
	select {
	case <-ring:
		t.Fatal("rang too early")
	default:
	}
	v.Set(began.Add(time.Hour))
	<-ring
	v.Set(began)
	if got := v.Now(); !got.Equal(began.Add(time.Hour)) {
		t.Errorf("it went back to %s", got)
	}
}

func TestAnAlarmThatIsDueRingsAtOnce(t *testing.T) {
	v := NewVirtual(time.Unix(1_800_000_000, 0))
	ring, stop := v.Alarm(v.Now())
	defer stop()
	<-ring
}

func TestAStoppedAlarmDoesNotRing(t *testing.T) {
	v := NewVirtual(time.Unix(1_800_000_000, 0))
	ring, stop := v.Alarm(v.Now().Add(time.Second))
	stop()
	v.Set(v.Now().Add(time.Minute))
	select {
	case <-ring:
		t.Error("it rang")
	default:
	}
}

func TestARestEndsWhenItsTimeIsOverOrItsContextEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		if err := Rest(t.Context(), time.Minute); err != nil || time.Since(began) != time.Minute {
			t.Errorf("it took %s, %v; want a minute", time.Since(began), err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := Rest(ctx, time.Hour); !errors.Is(err, context.DeadlineExceeded) || time.Since(began) != time.Minute+time.Second {
			t.Errorf("it took %s, %v; want a second more", time.Since(began), err)
		}
	})
}
