// The ways into a node for the AWS device SDK: MQTT 3.1.1 and 5, each over
// plain TCP and over WebSocket. AWS itself offers neither without TLS, so the
// connections are built from the SDK's parts.
import { once } from 'node:events';
import { io, iotjobs, iotshadow, mqtt, mqtt5 } from 'aws-iot-device-sdk-v2';

import { httpAddress, mqttAddress } from './node.mjs';

const budget = { maxRequestResponseSubscriptions: 4, maxStreamingSubscriptions: 2, operationTimeoutInSeconds: 30 };

const address = (overWebSocket) => (overWebSocket ? httpAddress : mqttAddress);

async function connect311(clientId, overWebSocket) {
  const { hostname, port } = address(overWebSocket);
  const connection = new mqtt.MqttClient().new_connection({
    client_id: clientId,
    host_name: hostname,
    port: Number(port),
    clean_session: true,
    socket_options: new io.SocketOptions(),
    use_websocket: overWebSocket,
    websocket_handshake_transform: overWebSocket ? (_, done) => done() : undefined,
  });
  await connection.connect();
  return {
    v1: () => new iotjobs.IotJobsClient(connection),
    v2: () => iotjobs.IotJobsClientv2.newFromMqtt311(connection, budget),
    shadowV1: () => new iotshadow.IotShadowClient(connection),
    shadowV2: () => iotshadow.IotShadowClientv2.newFromMqtt311(connection, budget),
    leave: () => connection.disconnect(),
  };
}

async function connect5(clientId, overWebSocket) {
  const { hostname, port } = address(overWebSocket);
  const client = new mqtt5.Mqtt5Client({
    hostName: hostname,
    port: Number(port),
    connectProperties: { clientId, keepAliveIntervalSeconds: 1200 },
    websocketHandshakeTransform: overWebSocket ? (_, done) => done() : undefined,
  });
  const connected = once(client, 'connectionSuccess');
  client.start();
  await connected;
  return {
    v1: () => iotjobs.IotJobsClient.newFromMqtt5Client(client),
    v2: () => iotjobs.IotJobsClientv2.newFromMqtt5(client, budget),
    shadowV1: () => iotshadow.IotShadowClient.newFromMqtt5Client(client),
    shadowV2: () => iotshadow.IotShadowClientv2.newFromMqtt5(client, budget),
    leave: async () => {
      const stopped = once(client, 'stopped');
      client.stop();
      await stopped;
      client.close();
    },
  };
}

/** By name, what connects a device with a client id. */
export const doors = {
  '3.1.1 over TCP': (clientId) => connect311(clientId, false),
  '3.1.1 over WebSocket': (clientId) => connect311(clientId, true),
  '5 over TCP': (clientId) => connect5(clientId, false),
  '5 over WebSocket': (clientId) => connect5(clientId, true),
};

/** What came, in order, for whoever waits for the next. */
export class Inbox {
  #arrived = [];
  #waiting = [];

  put(message) {
    const waiter = this.#waiting.shift();
    if (waiter) waiter(message);
    else this.#arrived.push(message);
  }

  next() {
    if (this.#arrived.length > 0) return Promise.resolve(this.#arrived.shift());
    return new Promise((resolve) => this.#waiting.push(resolve));
  }
}

/** Opens a stream and waits until it is subscribed; the answer takes its next message. */
export async function open(stream) {
  const inbox = new Inbox();
  stream.on('incomingPublish', ({ message }) => inbox.put(message));
  const established = new Promise((resolve) => stream.on('subscriptionStatus', resolve));
  stream.open();
  await established;
  return () => inbox.next();
}
