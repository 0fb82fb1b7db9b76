package broker

import (
	"context"

	"github.com/drover-iot/drover/internal/mqtt"
)

// mostPlaces is how many places in queues one commit of PublishAll takes: who
// reports meanwhile waits for it. It is also how many receivers a message has at
// most to be part of one.
const mostPlaces = 100

// PublishAll publishes messages of the server in order. Seq is the sender's own
// and grows: with the commit that stores messages for persistent sessions, what
// they tell of is noted as told. On an error some may have got the first ones,
// and what is not noted is to be published again. Limits of topics are for
// clients and do not hold here.
func (b *Broker) PublishAll(ctx context.Context, list []mqtt.Stored) error {
	for len(list) > 0 {
		n, err := b.publishSome(ctx, list)
		if err != nil {
			return err
		}
		list = list[n:]
	}
	return nil
}

// publishSome publishes as many messages as one commit takes, at least one.
func (b *Broker) publishSome(ctx context.Context, list []mqtt.Stored) (n int, err error) {
	var posts []mqtt.Post
	var stored, direct [][]receiver
	for places := 0; n < len(list) && places < mostPlaces; n++ {
		m := list[n].Message
		toQueue, toSend := b.partition(b.index.match(m.Topic, nil), m)
		if len(toQueue) > mostPlaces { // in commits of its own
			if n > 0 {
				break
			}
			if err := b.enqueue(ctx, m, toQueue); err != nil {
				return 0, err
			}
		} else if len(toQueue) > 0 {
			posts = append(posts, mqtt.Post{Message: m, Clients: clientsOf(toQueue)})
		}
		places += len(toQueue)
		stored, direct = append(stored, toQueue), append(direct, toSend)
	}
	if err := b.cfg.Sessions.EnqueueAll(ctx, posts, list[n-1].Seq); err != nil {
		return 0, err
	}
	for i := range n {
		b.hand(list[i].Message, stored[i], direct[i])
	}
	return n, nil
}

func clientsOf(list []receiver) []string {
	clients := make([]string, len(list))
	for i, r := range list {
		clients[i] = r.session.client
	}
	return clients
}
