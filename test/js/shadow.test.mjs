// Device shadows through both shadow clients of the AWS device SDK: publish and
// subscribe, and request and response with streams.
import assert from 'node:assert/strict';
import test from 'node:test';
import { mqtt } from 'aws-iot-device-sdk-v2';

import { doors, Inbox, open } from './doors.mjs';
import { createThing } from './node.mjs';

const { AtLeastOnce } = mqtt.QoS;

/** Subscribes, and answers what takes the next message. */
async function listen(subscribe, request) {
  const inbox = new Inbox();
  await subscribe(request, AtLeastOnce, (error, response) => inbox.put({ error, ...response }));
  return () => inbox.next();
}

let number = 0;
for (const [name, connect] of Object.entries(doors)) {
  test(`a shadow tells what is desired, first client, ${name}`, { timeout: 30_000 }, async () => {
    const thingName = `device-${++number}`;
    await createThing(thingName);
    const door = await connect(thingName);
    try {
      const shadow = door.shadowV1();
      const missing = await listen(shadow.subscribeToGetShadowRejected.bind(shadow), { thingName });
      const accepted = await listen(shadow.subscribeToUpdateShadowAccepted.bind(shadow), { thingName });
      const rejected = await listen(shadow.subscribeToUpdateShadowRejected.bind(shadow), { thingName });
      const delta = await listen(shadow.subscribeToShadowDeltaUpdatedEvents.bind(shadow), { thingName });
      const documents = await listen(shadow.subscribeToShadowUpdatedEvents.bind(shadow), { thingName });

      await shadow.publishGetShadow({ thingName, clientToken: 'g' }, AtLeastOnce);
      const { code, clientToken } = await missing();
      assert.deepEqual([code, clientToken], [404, 'g']);

      await shadow.publishUpdateShadow({ thingName, state: { desired: { fw: '3.0' } }, clientToken: 'u' }, AtLeastOnce);
      assert.deepEqual((await accepted()).state.desired, { fw: '3.0' });
      assert.deepEqual((await delta()).state, { fw: '3.0' });
      assert.equal((await documents()).current.version, 1);

      await shadow.publishUpdateShadow({ thingName, state: { reported: { fw: '3.0' } }, version: 7 }, AtLeastOnce);
      assert.equal((await rejected()).code, 409);
    } finally {
      await door.leave();
    }
  });

  test(`a shadow is asked and followed, second client, ${name}`, { timeout: 30_000 }, async () => {
    const [thingName, shadowName] = [`device-${++number}`, 'config'];
    await createThing(thingName);
    const door = await connect(thingName);
    const shadow = door.shadowV2();
    try {
      const delta = await open(shadow.createNamedShadowDeltaUpdatedStream({ thingName, shadowName }));
      const documents = await open(shadow.createNamedShadowUpdatedStream({ thingName, shadowName }));
      await assert.rejects(shadow.getNamedShadow({ thingName, shadowName }), ({ modeledError }) => modeledError.code === 404);

      const updated = await shadow.updateNamedShadow({ thingName, shadowName, state: { desired: { rate: 5, mode: null } } });
      assert.equal(updated.version, 1);
      assert.deepEqual((await delta()).state, { rate: 5 });
      assert.deepEqual((await documents()).current.state.desired, { rate: 5 });

      await shadow.updateNamedShadow({ thingName, shadowName, state: { reported: { rate: 5 } } });
      assert.equal((await documents()).previous.version, 1);
      const shown = await shadow.getNamedShadow({ thingName, shadowName });
      assert.deepEqual(shown.state, { desired: { rate: 5 }, reported: { rate: 5 } });
      assert.equal((await shadow.deleteNamedShadow({ thingName, shadowName })).version, 2);
    } finally {
      shadow.close();
      await door.leave();
    }
  });
}
