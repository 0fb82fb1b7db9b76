// The device plane over HTTPS through @aws-sdk/client-iot-jobs-data-plane.
import assert from 'node:assert/strict';
import test from 'node:test';
import {
  DescribeJobExecutionCommand,
  GetPendingJobExecutionsCommand,
  InvalidStateTransitionException,
  IoTJobsDataPlaneClient,
  ResourceNotFoundException,
  StartNextPendingJobExecutionCommand,
  TerminalStateException,
  UpdateJobExecutionCommand,
} from '@aws-sdk/client-iot-jobs-data-plane';

import { account, createJob, createThing } from './node.mjs';

const device = new IoTJobsDataPlaneClient(account);
const send = (Command, input) => device.send(new Command(input));

test('a device takes and finishes a job', async () => {
  const thingName = 'press:07';
  await createThing(thingName);
  assert.equal((await send(StartNextPendingJobExecutionCommand, { thingName })).execution, undefined);
  await createJob('fw-3', { op: 'flash' }, thingName);
  const pending = await send(GetPendingJobExecutionsCommand, { thingName });
  assert.deepEqual(pending.inProgressJobs, []);
  assert.equal(pending.queuedJobs[0].jobId, 'fw-3');

  const next = await send(DescribeJobExecutionCommand, { thingName, jobId: '$next', includeJobDocument: false });
  assert.equal(next.execution.jobId, 'fw-3');
  assert.equal(next.execution.jobDocument, undefined);

  const { execution } = await send(StartNextPendingJobExecutionCommand, { thingName, statusDetails: { phase: 'accepted' } });
  assert.equal(execution.status, 'IN_PROGRESS');
  assert.equal(execution.thingName, thingName);
  assert.equal(execution.jobDocument, '{"op":"flash"}');

  const update = { thingName, jobId: 'fw-3', status: 'SUCCEEDED' };
  await assert.rejects(send(UpdateJobExecutionCommand, { ...update, expectedVersion: 7 }), InvalidStateTransitionException);
  await assert.rejects(send(UpdateJobExecutionCommand, { ...update, jobId: 'gone' }), ResourceNotFoundException);
  const updated = await send(UpdateJobExecutionCommand, { ...update, expectedVersion: 2, includeJobExecutionState: true });
  assert.deepEqual(updated.executionState, { status: 'SUCCEEDED', statusDetails: { phase: 'accepted' }, versionNumber: 3 });
  await assert.rejects(send(DescribeJobExecutionCommand, { thingName, jobId: 'fw-3' }), TerminalStateException);
});
