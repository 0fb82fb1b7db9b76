package crowd

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"math"
	"net"
	"time"

	"github.com/drover-iot/drover/internal/clock"
	"github.com/drover-iot/drover/internal/mqtt"
)

// visit is one connection of a client.
type visit struct {
	ctx    context.Context // of the crowd: it ends the visit wherever it is
	nc     net.Conn
	number int // of the client
	crowd  *Crowd
}

// pay does what the kind does, until it is cut or has enough.
func (v *visit) pay(k kind) {
	defer v.nc.Close()
	defer context.AfterFunc(v.ctx, func() { v.nc.Close() })()
	_ = k.do(v) // however it ends, it ends badly
}

// keepAlive is the least that there is, in seconds.
const keepAlive = 30

// connect fills in the CONNECT of this client.
func (v *visit) connect(p mqtt.Connect) *mqtt.Connect {
	p.Version, p.KeepAlive, p.Client = mqtt.V311, keepAlive, v.name("bad", 0)
	return &p
}

func (v *visit) name(what string, i int) string { return fmt.Sprintf("%s/%d/%d", what, v.number, i) }

// hello opens a session and waits for the answer.
func (v *visit) hello(p mqtt.Connect) error {
	if err := v.send(v.connect(p)); err != nil {
		return err
	}
	var connack [4]byte
	_, err := io.ReadFull(v.nc, connack[:])
	return err
}

func encode(p mqtt.Packet) ([]byte, error) {
	var buf bytes.Buffer
	err := mqtt.Encode(&buf, mqtt.V311, p)
	return buf.Bytes(), err
}

func (v *visit) send(p mqtt.Packet) error {
	raw, err := encode(p)
	if err != nil {
		return err
	}
	return v.write(raw)
}

// patience is after how long a client that cannot write goes.
const patience = 20 * time.Second

func (v *visit) write(raw []byte) error {
	if err := v.nc.SetWriteDeadline(clock.Wall().Add(patience)); err != nil {
		return err
	}
	_, err := v.nc.Write(raw)
	return err
}

// trickle sends a byte a second.
func (v *visit) trickle(raw []byte) error {
	for i := range raw {
		if err := v.write(raw[i : i+1]); err != nil {
			return err
		}
		v.sleep(1)
	}
	return v.ctx.Err()
}

// every does something once a second, until it fails.
func (v *visit) every(do func(i int) error) error {
	for i := range math.MaxUint16 {
		if err := do(i); err != nil {
			return err
		}
		v.sleep(1)
	}
	return nil
}

// discard reads until the end.
func (v *visit) discard() error {
	_, err := io.Copy(io.Discard, v.nc)
	return err
}

// discardBeside reads on a goroutine of its own, until the connection ends.
func (v *visit) discardBeside() {
	v.crowd.wg.Go(func() { _ = v.discard() })
}

func (v *visit) sleep(seconds int) { _ = clock.Rest(v.ctx, time.Duration(seconds)*time.Second) }
