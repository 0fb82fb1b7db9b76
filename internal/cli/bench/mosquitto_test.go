package bench

import (
	"errors"
	"os/exec"
	"strings"
	"testing"
)

func TestAMosquittoThatEndsIsNotAwaited(t *testing.T) {
	path, err := exec.LookPath("ls")
	if err != nil {
		t.Skip(err)
	}
	_, err = startMosquitto(t.Context(), path)
	if !errors.Is(err, errEnded) || !strings.Contains(err.Error(), "ls: ") {
		t.Errorf("error = %v", err)
	}
}
