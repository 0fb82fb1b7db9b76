// The second jobs client of the AWS device SDK: request and response, and
// streams.
import assert from 'node:assert/strict';
import test from 'node:test';
import { iotjobs } from 'aws-iot-device-sdk-v2';

import { doors, open } from './doors.mjs';
import { createJob, createThing } from './node.mjs';

const { JobStatus } = iotjobs.model;

let number = 0;
for (const [name, connect] of Object.entries(doors)) {
  test(`a device takes and finishes a job, ${name}`, { timeout: 30_000 }, async () => {
    const [thingName, jobId] = [`device-${++number}`, `job-${number}`];
    await createThing(thingName);
    const door = await connect(thingName);
    const jobs = door.v2();
    try {
      const changed = await open(jobs.createJobExecutionsChangedStream({ thingName }));
      const next = await open(jobs.createNextJobExecutionChangedStream({ thingName }));
      assert.deepEqual((await jobs.getPendingJobExecutions({ thingName })).queuedJobs, []);
      assert.equal((await jobs.startNextPendingJobExecution({ thingName })).execution, undefined);

      await createJob(jobId, { op: 'flash' }, thingName);
      assert.equal((await changed()).jobs.QUEUED[0].jobId, jobId);
      assert.deepEqual((await next()).execution.jobDocument, { op: 'flash' });

      const head = await jobs.describeJobExecution({ thingName, jobId: '$next' });
      assert.equal(head.execution.jobId, jobId);
      assert.equal(head.execution.status, JobStatus.QUEUED);

      const { execution } = await jobs.startNextPendingJobExecution({ thingName, stepTimeoutInMinutes: 15 });
      assert.equal(execution.status, JobStatus.IN_PROGRESS);
      assert.equal(execution.versionNumber, 2);
      assert.equal((await jobs.getPendingJobExecutions({ thingName })).inProgressJobs[0].jobId, jobId);

      const update = { thingName, jobId, status: JobStatus.SUCCEEDED };
      await assert.rejects(jobs.updateJobExecution({ ...update, expectedVersion: 7 }), ({ modeledError }) => {
        assert.equal(modeledError.code, 'VersionMismatch');
        assert.equal(modeledError.executionState.versionNumber, 2);
        return true;
      });
      await jobs.updateJobExecution({ ...update, expectedVersion: 2, statusDetails: { reason: 'done' } });
      assert.deepEqual((await changed()).jobs, {});
      assert.equal((await next()).execution, undefined);
      await assert.rejects(jobs.describeJobExecution({ thingName, jobId }), ({ modeledError }) => modeledError.code === 'TerminalStateReached');
    } finally {
      jobs.close();
      await door.leave();
    }
  });
}
