package job

import (
	"strings"

	"github.com/drover-iot/drover/internal/fault"
)

// MaxDetails is how many bytes statusDetails may have as JSON, so that an
// answer that holds them beside the longest document fits an MQTT packet.
// spec: device-api.md#44-updatejobexecution
const MaxDetails = 16 << 10

// CheckDetails refuses, as InvalidRequest, statusDetails that are too long; the
// wire has checked each pair.
func CheckDetails(details map[string]string) error {
	const around = len(`"":"",`)
	n := 0
	for key, value := range details {
		n += len(key) + len(value) + strings.Count(value, `"`) + strings.Count(value, `\`) + around
	}
	if n > MaxDetails {
		return fault.New(fault.InvalidRequest, "Value at 'statusDetails' has %d bytes, at most %d are allowed", n, MaxDetails)
	}
	return nil
}
