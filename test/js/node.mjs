// A node that was started for a test file: where it listens, its clock, and an
// operator of it.
import { AddThingToThingGroupCommand, CreateJobCommand, CreateThingCommand, CreateThingGroupCommand, IoTClient } from '@aws-sdk/client-iot';

export const url = process.env.DROVER_URL;
export const mqttAddress = new URL(`tcp://${process.env.DROVER_MQTT}`);
export const httpAddress = new URL(url);

export const account = {
  endpoint: url,
  region: 'us-east-1',
  credentials: { accessKeyId: 'drover', secretAccessKey: 'drover' },
  maxAttempts: 1,
};

const operator = new IoTClient(account);

export const thingArn = (name) => `arn:aws:iot:us-east-1:000000000000:thing/${name}`;
export const groupArn = (name) => `arn:aws:iot:us-east-1:000000000000:thinggroup/${name}`;

/** Moves the node's clock by a duration such as '1m'. */
export async function advance(by) {
  const answer = await fetch(`${url}/drover/v1/clock/advance`, { method: 'POST', body: JSON.stringify({ by }) });
  if (!answer.ok) throw new Error(`advance ${by}: ${answer.status} ${await answer.text()}`);
}

export async function createThing(thingName) {
  await operator.send(new CreateThingCommand({ thingName }));
}

/** Makes a group of things that it registers. */
export async function createGroup(thingGroupName, ...things) {
  await operator.send(new CreateThingGroupCommand({ thingGroupName }));
  for (const thingName of things) {
    await createThing(thingName);
    await operator.send(new AddThingToThingGroupCommand({ thingGroupName, thingName }));
  }
}

/** Creates a job on a thing and waits until it has reached it. */
export async function createJob(jobId, document, thingName) {
  await operator.send(new CreateJobCommand({ jobId, document: JSON.stringify(document), targets: [thingArn(thingName)] }));
  await advance('1m');
}
