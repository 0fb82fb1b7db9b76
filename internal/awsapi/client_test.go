package awsapi_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/drover-iot/drover/internal/awsapi"
	"github.com/drover-iot/drover/internal/awsapi/iot"
)

func describeJob(t *testing.T, server *httptest.Server) error {
	t.Helper()
	client := awsapi.NewClient(server.URL, 1)
	defer client.Close()
	_, err := awsapi.Call[iot.DescribeJobAnswer](t.Context(), client, iot.DescribeJob, iot.DescribeJobRequest{JobID: "j"})
	return err
}

func TestWhatAServerRefusesIsToldWithItsReason(t *testing.T) {
	cases := []struct {
		name   string
		status int
		kind   string
		body   string
		want   string
	}{
		{"an error of the protocol", 404, "ResourceNotFoundException", `{"message":"Job j does not exist"}`, "DescribeJob: ResourceNotFoundException: Job j does not exist"},
		{"an error of something else", 502, "", "<html>", "DescribeJob: status 502 Bad Gateway"},
		{"an answer that is none", 200, "", "<html>", "DescribeJob: read the answer: invalid character"},
		{"an answer that stops early", 200, "", `{"job":`, "DescribeJob: read the answer: unexpected end"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("X-Amzn-Errortype", c.kind)
				w.WriteHeader(c.status)
				_, _ = w.Write([]byte(c.body))
			}))
			defer server.Close()
			if err := describeJob(t, server); err == nil || !strings.HasPrefix(err.Error(), c.want) {
				t.Errorf("error = %v, want %s…", err, c.want)
			}
		})
	}
}

func TestAnEmptyAnswerIsEnoughWhereNothingIsAnswered(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	defer server.Close()
	if err := describeJob(t, server); err != nil {
		t.Error(err)
	}
}

func TestAServerThatIsNotThereIsAnError(t *testing.T) {
	server := httptest.NewServer(http.NotFoundHandler())
	server.Close()
	if err := describeJob(t, server); err == nil || !strings.HasPrefix(err.Error(), "DescribeJob: ") {
		t.Errorf("error = %v", err)
	}
}
