// The first jobs client of the AWS device SDK: publish and subscribe.
import assert from 'node:assert/strict';
import test from 'node:test';
import { iotjobs, mqtt } from 'aws-iot-device-sdk-v2';

import { doors, Inbox } from './doors.mjs';
import { createJob, createThing } from './node.mjs';

const { JobStatus } = iotjobs.model;
const { AtLeastOnce } = mqtt.QoS;

/**
 * Subscribes to everything that a device is told. The answer takes the next
 * message of a subscription; in which order messages of several came, this
 * client does not tell.
 */
async function listen(jobs, thingName, jobId) {
  const inboxes = {};
  const subscribe = async (name, to, request) => {
    const inbox = (inboxes[name] = new Inbox());
    await jobs[`subscribeTo${to}`](request, AtLeastOnce, (error, response) => inbox.put({ error, ...response }));
  };
  await subscribe('changed', 'JobExecutionsChangedEvents', { thingName });
  await subscribe('next', 'NextJobExecutionChangedEvents', { thingName });
  await subscribe('pending', 'GetPendingJobExecutionsAccepted', { thingName });
  await subscribe('started', 'StartNextPendingJobExecutionAccepted', { thingName });
  await subscribe('updated', 'UpdateJobExecutionAccepted', { thingName, jobId });
  await subscribe('not updated', 'UpdateJobExecutionRejected', { thingName, jobId });
  await subscribe('not described', 'DescribeJobExecutionRejected', { thingName, jobId });
  return async (name) => {
    const message = await inboxes[name].next();
    assert.equal(message.error, undefined);
    return message;
  };
}

let number = 0;
for (const [name, connect] of Object.entries(doors)) {
  test(`a device takes and finishes a job, ${name}`, { timeout: 30_000 }, async () => {
    const [thingName, jobId] = [`device-${++number}`, `job-${number}`];
    await createThing(thingName);
    const door = await connect(thingName);
    try {
      const jobs = door.v1();
      const next = await listen(jobs, thingName, jobId);
      await createJob(jobId, { op: 'flash' }, thingName);
      assert.equal((await next('changed')).jobs.QUEUED[0].jobId, jobId);
      assert.deepEqual((await next('next')).execution.jobDocument, { op: 'flash' });

      await jobs.publishGetPendingJobExecutions({ thingName }, AtLeastOnce);
      assert.equal((await next('pending')).queuedJobs[0].jobId, jobId);

      await jobs.publishStartNextPendingJobExecution({ thingName, statusDetails: { phase: 'accepted' } }, AtLeastOnce);
      const { execution } = await next('started');
      assert.equal(execution.status, JobStatus.IN_PROGRESS);
      assert.equal(execution.versionNumber, 2);
      assert.deepEqual(execution.statusDetails, { phase: 'accepted' });
      assert.match(String(execution.startedAt), /^[0-9]{10}$/); // seconds, which this client leaves as they are

      const update = { thingName, jobId, status: JobStatus.SUCCEEDED, includeJobExecutionState: true };
      await jobs.publishUpdateJobExecution({ ...update, expectedVersion: 7 }, AtLeastOnce);
      const refused = await next('not updated');
      assert.equal(refused.code, 'VersionMismatch');
      assert.equal(refused.executionState.versionNumber, 2);

      await jobs.publishUpdateJobExecution({ ...update, expectedVersion: 2 }, AtLeastOnce);
      assert.equal((await next('updated')).executionState.status, JobStatus.SUCCEEDED);
      assert.deepEqual((await next('changed')).jobs, {});
      assert.equal((await next('next')).execution, undefined);

      await jobs.publishDescribeJobExecution({ thingName, jobId }, AtLeastOnce);
      assert.equal((await next('not described')).code, 'TerminalStateReached');
    } finally {
      await door.leave();
    }
  });
}
