// A device that takes its jobs one after the other, by the AWS IoT device SDK
// for JavaScript:
//
//   npm install aws-iot-device-sdk-v2
//   node device.mjs press-01
//
// The thing has to be registered: rollout.py does it, or aws iot create-thing.
// It connects by plain MQTT, since Drover has no TLS yet; with AWS the
// connection is the only part that differs.
import { once } from 'node:events';
import { iotjobs, mqtt5 } from 'aws-iot-device-sdk-v2';

const thingName = process.argv[2] ?? 'press-01';
const { hostname, port } = new URL(`tcp://${process.env.DROVER_MQTT ?? '127.0.0.1:1883'}`);

const client = new mqtt5.Mqtt5Client({ hostName: hostname, port: Number(port), connectProperties: { clientId: thingName, keepAliveIntervalSeconds: 60 } });
const connected = once(client, 'connectionSuccess');
client.start();
await connected;

const jobs = iotjobs.IotJobsClientv2.newFromMqtt5(client, {
  maxRequestResponseSubscriptions: 4,
  maxStreamingSubscriptions: 1,
  operationTimeoutInSeconds: 30,
});

// notify-next says whenever another job is the first in line. The device
// subscribes before it asks, so it misses none.
let wake = () => {};
const next = jobs.createNextJobExecutionChangedStream({ thingName });
next.on('incomingPublish', () => wake());
const subscribed = once(next, 'subscriptionStatus');
next.open();
await subscribed;
console.log(`${thingName} waits for jobs`);

for (;;) {
  const changed = new Promise((resolve) => (wake = resolve));
  const { execution } = await jobs.startNextPendingJobExecution({ thingName });
  if (!execution) {
    await changed;
    continue;
  }
  const { jobId, jobDocument } = execution;
  console.log(`${jobId}: ${JSON.stringify(jobDocument)}`);
  // Here the device does what the document says, and tells how far it is.
  await jobs.updateJobExecution({ thingName, jobId, status: 'IN_PROGRESS', statusDetails: { progress: '50' } });
  await jobs.updateJobExecution({ thingName, jobId, status: 'SUCCEEDED' });
  console.log(`${jobId}: done`);
}
