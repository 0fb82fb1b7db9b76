package job

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/drover-iot/drover/internal/fault"
)

func TestWhenTheURLsOfAnExecutionWereSigned(t *testing.T) {
	queued := time.Date(2026, 1, 31, 12, 0, 0, 0, time.UTC)
	at := func(minutes float64) time.Time { return queued.Add(time.Duration(minutes * float64(time.Minute))) }
	hour := Signing{}
	shortened := Signing{URLs{Before: []Life{{3600, at(40)}}}, Presigned{ExpiresIn: 600}} // an hour's made at 30 stay until 60
	twice := Signing{URLs{Before: []Life{{3600, at(40)}, {600, at(50)}}}, Presigned{ExpiresIn: 60}}
	for _, c := range []struct {
		name   string
		p      Signing
		now    time.Time
		signed time.Time
		life   time.Duration
	}{
		{"at once", hour, at(0), at(0), time.Hour},
		{"the same while half of its life is left", hour, at(29.9), at(0), time.Hour},
		{"then another", hour, at(30), at(30), time.Hour},
		{"and so on", hour, at(100), at(90), time.Hour},
		{"a shorter life", Signing{Presigned: Presigned{ExpiresIn: 60}}, at(1.25), at(1), time.Minute},
		{"by a clock that is behind", hour, at(-10), at(-30), time.Hour},
		{"before an update", shortened, at(39), at(30), time.Hour},
		{"made before an update, it stays until half of its own life is over", shortened, at(59), at(30), time.Hour},
		{"then the new life counts", shortened, at(60), at(60), 10 * time.Minute},
		{"and goes on", shortened, at(66), at(65), 10 * time.Minute},
		{"two updates while it lives: the newest counts", twice, at(60), at(60), time.Minute},
		{"and until then the old one", twice, at(55), at(30), time.Hour},
	} {
		t.Run(c.name, func(t *testing.T) {
			signed, life := c.p.Signed(queued, c.now)
			if !signed.Equal(c.signed) || life != c.life {
				t.Errorf("signed at %s for %s, want %s for %s", signed, life, c.signed, c.life)
			}
		})
	}
	t.Run("queued after an update, the new life counts at once", func(t *testing.T) {
		if signed, life := shortened.Signed(at(45), at(46)); !signed.Equal(at(45)) || life != 10*time.Minute {
			t.Errorf("signed at %s for %s", signed, life)
		}
	})
}

// TestAURLIsTheSameWhileHalfOfItsLifeIsLeft, whatever updates come meanwhile:
// a device that asks again sees the URL that it was given, until half of that
// one's life is over, and never one with less left.
func TestAURLIsTheSameWhileHalfOfItsLifeIsLeft(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		now := time.Date(2026, 1, 31, 12, 0, 0, 0, time.UTC)
		queued := now
		j := Job{Status: StatusInProgress, Settings: Settings{Presigned: Presigned{RoleARN: "r"}, URLs: URLs{Needed: true}}}
		var given time.Time
		var life time.Duration
		for range rapid.IntRange(1, mostLives).Draw(t, "steps") {
			now = now.Add(time.Duration(rapid.IntRange(0, 4000).Draw(t, "seconds")) * time.Second)
			if rapid.Bool().Draw(t, "update") {
				var err error
				if j, err = j.Update(Patch{Presigned: &Presigned{RoleARN: "r", ExpiresIn: rapid.SampledFrom([]int{0, 60, 600, 3600}).Draw(t, "life")}}, now); err != nil {
					t.Fatal(err)
				}
			}
			signed, lives := j.Settings.Signing().Signed(queued, now)
			if now.Sub(given) < life/2 && (!signed.Equal(given) || lives != life) {
				t.Fatalf("at %s it was signed at %s, but the one of %s lives for %s", now, signed, given, life)
			}
			if left := signed.Add(lives).Sub(now); left < lives/2 || left > lives {
				t.Fatalf("at %s it was signed at %s for %s", now, signed, lives)
			}
			given, life = signed, lives
		}
	})
}

func TestADocumentWithURLsToSignNeedsARole(t *testing.T) {
	now := time.Date(2026, 1, 31, 12, 0, 0, 0, time.UTC)
	settings := Settings{URLs: URLs{Needed: true}}
	if _, err := New(Create{Name: "fw", Settings: settings}, now); !fault.Is(err, fault.InvalidRequest) {
		t.Errorf("a job without a role is answered with %v", err)
	}
	settings.Presigned.RoleARN = "arn:aws:iam::000000000000:role/s3"
	j, err := New(Create{Name: "fw", Settings: settings, Targets: []Target{{ID: 1}}}, now)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := j.Update(Patch{Presigned: &Presigned{ExpiresIn: 60}}, now); !fault.Is(err, fault.InvalidRequest) {
		t.Errorf("an update that takes the role away is answered with %v", err)
	}
	j, err = j.Update(Patch{Presigned: &Presigned{RoleARN: "another", ExpiresIn: 60}}, now)
	if err != nil || !j.Settings.URLs.Needed || len(j.Settings.URLs.Before) != 1 {
		t.Errorf("updated to %+v, %v", j.Settings.URLs, err)
	}
}

func TestWhatUpdatesLeaveBehindIsBounded(t *testing.T) {
	now := time.Date(2026, 1, 31, 12, 0, 0, 0, time.UTC)
	j := Job{Status: StatusInProgress, Settings: Settings{Presigned: Presigned{RoleARN: "r"}, URLs: URLs{Needed: true}}}
	for i := range 3 * mostLives {
		var err error
		if j, err = j.Update(Patch{Presigned: &Presigned{RoleARN: "r", ExpiresIn: 60 + i}}, now.Add(time.Duration(i)*time.Second)); err != nil {
			t.Fatal(err)
		}
	}
	if n := len(j.Settings.URLs.Before); n != mostLives {
		t.Errorf("%d lives are remembered, want %d", n, mostLives)
	}
}
