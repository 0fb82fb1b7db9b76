package demo

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/drover-iot/drover/internal/awsapi"
	"github.com/drover-iot/drover/internal/awsapi/iot"
	"github.com/drover-iot/drover/internal/server"
)

// recipe is how to do by hand what the demo did: on the demo's own node and
// fleet if they go on, else on a node that the reader starts.
func (s *story) recipe() string {
	cfg := server.Defaults()
	r := recipe{endpoint: "http://" + cfg.HTTP}
	if s.keep {
		r.endpoint = s.http
	}
	r.credentials(cfg.Region)
	id := demoJob
	if s.keep {
		id += "-again"
	} else {
		r.fleet(demoGroup, s.fleet.devices[0].name)
	}
	r.job(scriptFor(s.devices, id, groupARN(cfg)))
	return s.introduction() + "  " + strings.Join(r.commands, "\n  ") + "\n"
}

// introduction says on which node the commands of a recipe work.
func (s *story) introduction() string {
	if !s.keep {
		return "The same by hand: start a node by `drover serve` (go run ./cmd/drover serve), then, with the AWS CLI:\n"
	}
	return fmt.Sprintf("The node goes on, its devices take what comes, and its clock keeps the pace of real time, until Ctrl-C:\n"+
		"  HTTP  %s\n  MQTT  %s\n  data  %s\n\nThe same by hand, with the AWS CLI:\n", s.http, s.mqtt, s.data)
}

// groupARN is the ARN of the demo's group on a node with that configuration.
func groupARN(c server.Config) string {
	return awsapi.ARN{Scope: c.Scope(), Kind: awsapi.ResourceThingGroup, ID: demoGroup}.String()
}

// recipe is commands for a shell, in order.
type recipe struct {
	endpoint string
	commands []string
}

// credentials adds what the AWS CLI wants to know; the node takes any.
func (r *recipe) credentials(region string) {
	r.commands = append(r.commands,
		"export AWS_ACCESS_KEY_ID=drover AWS_SECRET_ACCESS_KEY=drover AWS_DEFAULT_REGION="+region)
}

// aws adds a command of the AWS CLI; args are options and values in turn.
func (r *recipe) aws(verb string, args ...string) {
	line := "aws iot " + verb + " --endpoint-url " + r.endpoint
	for i := 0; i < len(args); i += 2 {
		option := args[i] + " " + quoted(args[i+1])
		if len(line)-strings.LastIndexByte(line, '\n')+len(option) > widest {
			line += " \\\n     "
		}
		line += " " + option
	}
	r.commands = append(r.commands, line)
}

// widest is how long a line of a command gets before it is continued.
const widest = 110

// quoted is a word for a shell.
func quoted(word string) string {
	if strings.ContainsAny(word, " \"'{}[]$*") {
		return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
	}
	return word
}

// fleet adds what makes a group with one thing.
func (r *recipe) fleet(group, thing string) {
	r.aws("create-thing-group", "--thing-group-name", group)
	r.aws("create-thing", "--thing-name", thing)
	r.aws("add-thing-to-thing-group", "--thing-group-name", group, "--thing-name", thing)
}

// job adds what the operator did, and how to look at it.
func (r *recipe) job(s script) {
	c := s.create
	r.aws("create-job", "--job-id", c.JobID, "--targets", c.Targets[0], "--document", c.Document, "--description", c.Description,
		"--job-executions-rollout-config", asJSON(c.JobExecutionsRolloutConfig), "--abort-config", asJSON(c.AbortConfig),
		"--timeout-config", asJSON(c.TimeoutConfig), "--job-executions-retry-config", asJSON(c.JobExecutionsRetryConfig))
	r.aws("update-job", "--job-id", c.JobID, "--job-executions-rollout-config", asJSON(s.faster.JobExecutionsRolloutConfig))
	r.aws("update-job", "--job-id", c.JobID, "--description", s.shorter.Description, "--timeout-config", asJSON(s.shorter.TimeoutConfig))
	r.aws("describe-job", "--job-id", c.JobID)
	r.aws("list-job-executions-for-job", "--job-id", c.JobID)
}

// asJSON is a setting as the AWS CLI takes it.
func asJSON[T iot.JobExecutionsRolloutConfig | iot.AbortConfig | iot.TimeoutConfig | iot.JobExecutionsRetryConfig](setting *T) string {
	b, _ := json.Marshal(setting) // numbers and words of our own
	return string(b)
}
